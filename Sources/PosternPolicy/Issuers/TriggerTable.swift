package import PosternCore

/// What makes a token's trigger untrusted: rows that a page prints, a test compares with the page, and the gateway goes by.
///
/// Rows of the same claim stand together. Of them the first that fits the token decides, and every claim of the table must
/// come out as trusted. What no row fits is untrusted.
package struct TriggerTable: Sendable {
    package enum Value: Hashable, Sendable {
        case text(String)
        case number(Int)
        case flag(Bool)
        /// A text that is not empty.
        case anyText
        /// A text with this in it.
        case holding(String)
        /// Equal to another claim, in type and value.
        case sameAs(String)
        case anythingElse
        case missing
        /// Missing in a token that has this other claim.
        case missingBeside(String)
    }

    package struct Row: Hashable, Sendable {
        /// A claim's name, or a JSON pointer.
        package let claim: String
        /// Any of these.
        package let values: [Value]
        package let isTrusted: Bool
        /// What the value means, as it follows "event_name is pull_request: ".
        package let why: String

        static func trusted(_ claim: String, _ values: Value..., why: String) -> Row {
            Row(claim: claim, values: values, isTrusted: true, why: why)
        }

        static func untrusted(_ claim: String, _ values: Value..., why: String) -> Row {
            Row(claim: claim, values: values, isTrusted: false, why: why)
        }
    }

    package let rows: [Row]
    /// The claims that decide, in the table's order, with the rows of each.
    private let groups: [(name: ClaimName, rows: [Row])]

    init(_ rows: [Row]) {
        self.rows = rows
        var groups: [(name: ClaimName, rows: [Row])] = []
        for row in rows {
            if let index = groups.firstIndex(where: { $0.name.description == row.claim }) {
                groups[index].rows.append(row)
            } else if let name = ClaimName(row.claim) {
                groups.append((name, [row]))
            }
        }
        self.groups = groups
    }

    package var claims: [String] { groups.map(\.name.description) }

    /// nil for a trusted token.
    package func untrusted(_ claims: JSONObject) -> UntrustedTrigger? {
        for (name, rows) in groups {
            let value = name.value(in: claims)
            let row = rows.first { row in row.values.contains { $0.fits(value, in: claims) } }
            if row?.isTrusted ?? false { continue }
            return UntrustedTrigger(
                claim: name.description,
                finding: Self.finding(name, value),
                why: row?.why ?? "nobody has said what that means"
            )
        }
        return nil
    }

    /// Whether a token can be trusted in which the claim is this. Claims that the table does not ask for can be anything.
    package func canTrust(_ claim: String, _ value: JSONValue) -> Bool {
        guard let group = groups.first(where: { $0.name.description == claim }) else { return true }
        // Whether it is the same as another claim, nobody knows here.
        let isRelative = group.rows.contains { $0.values.contains { $0.isRelative } }
        return isRelative || group.rows.first { $0.values.contains { $0.fits(value, in: [:]) } }?.isTrusted ?? false
    }

    static func finding(_ name: ClaimName, _ value: JSONValue?) -> String {
        guard let value else { return "\(name) is missing" }
        if case .string(let text) = value { return "\(name) is \(text.isEmpty ? "empty" : Words.bounded(text, 64))" }
        return "\(name) is \(Words.bounded(value.text, 64))"
    }
}

extension TriggerTable.Value {
    fileprivate func fits(_ value: JSONValue?, in claims: JSONObject) -> Bool {
        switch (self, value) {
        case (.missing, nil): return true
        case (.missingBeside(let other), nil): return ClaimName(other)?.value(in: claims) != nil
        case (_, nil): return false
        case (.missing, _), (.missingBeside, _): return false
        case (.anythingElse, _): return true
        case (.text(let wanted), .string(let text)?): return wanted.utf8.elementsEqual(text.utf8)
        case (.number(let wanted), .number(let number)?): return number.integer == Int64(wanted)
        case (.flag(let wanted), .bool(let flag)?): return wanted == flag
        case (.anyText, .string(let text)?): return !text.isEmpty
        // Bytes: a combining mark behind it must not hide it.
        case (.holding(let part), .string(let text)?): return text.utf8.contains(part.utf8)
        case (.sameAs(let other), let value?):
            guard let scalar = ClaimScalar(value), let other = ClaimName(other)?.value(in: claims) else { return false }
            return scalar.equals(other)
        case (.text, _?), (.number, _?), (.flag, _?), (.anyText, _?), (.holding, _?): return false
        }
    }

    fileprivate var isRelative: Bool {
        switch self {
        case .sameAs: true
        case .text, .number, .flag, .anyText, .holding, .anythingElse, .missing, .missingBeside: false
        }
    }
}
