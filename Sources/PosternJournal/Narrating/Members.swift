internal import PosternCore

/// A record's members as words for a terminal. What is missing, or not of its kind, is left out of the story.
struct Members {
    private static let shortLength = 12
    private let object: JSONObject

    init(_ object: JSONObject) {
        self.object = object
    }

    var all: [JSONObject.Member] { object.members }

    func object(_ name: String) -> Members { Members(object[name]?.objectValue ?? [:]) }

    func integer(_ name: String) -> UInt64? { object[name]?.numberValue.flatMap { UInt64($0.text) } }

    /// Prose: escaped, spaces and all.
    func text(_ name: String) -> String? { value(name).map(TerminalText.escaped) }

    /// One word, in quotes where it is not.
    func word(_ name: String) -> String? { value(name).map(TerminalText.word) }

    /// What stands before the first space.
    func firstWord(_ name: String) -> String? { value(name).map { TerminalText.word(String($0.prefix { $0 != " " })) } }

    /// The beginning of a hash.
    func short(_ name: String) -> String? {
        value(name).map { TerminalText.word(String($0.prefix(Self.shortLength))) }
    }

    /// A list of words; nil when it is empty.
    func words(_ name: String) -> String? {
        guard let elements = object[name]?.arrayValue, !elements.isEmpty else { return nil }
        let shown = elements.prefix(Self.shortLength).map(Self.word)
        let more = elements.count - shown.count
        return shown.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    static func word(of value: JSONValue) -> String {
        switch value {
        case .string(let text): TerminalText.word(text)
        case .null, .bool, .number: TerminalText.escaped(value.text)
        case .array, .object: TerminalText.escaped(value.text)
        }
    }

    private func value(_ name: String) -> String? {
        switch object[name] {
        case .string(let text)?: text
        case .number(let number)?: number.text
        case .bool(let bool)?: String(bool)
        case .null?, .array?, .object?, nil: nil
        }
    }
}

/// Sizes and times for people.
enum Quantity {
    static func bytes(_ count: UInt64) -> String {
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        guard count >= 1024 else { return "\(count) B" }
        var unit = 0
        var divisor: UInt64 = 1024
        while count / divisor >= 1024, unit + 1 < units.count {
            divisor *= 1024
            unit += 1
        }
        return "\(tenths(count, of: divisor)) \(units[unit])"
    }

    static func duration(microseconds: UInt64) -> String {
        switch microseconds {
        case 0..<1000: "\(microseconds) µs"
        case 1000..<1_000_000: "\(tenths(microseconds, of: 1000)) ms"
        case 1_000_000..<60_000_000: "\(tenths(microseconds, of: 1_000_000)) s"
        case 60_000_000..<3_600_000_000: "\(microseconds / 60_000_000) min \(microseconds / 1_000_000 % 60) s"
        default: "\(microseconds / 3_600_000_000) h \(microseconds / 60_000_000 % 60) min"
        }
    }

    /// A quotient with one decimal, truncated.
    private static func tenths(_ value: UInt64, of divisor: UInt64) -> String {
        "\(value / divisor).\(value % divisor * 10 / divisor)"
    }
}
