/// A table's name with its schema, as SQL writes it: `public.orders`, `public."Order Items"`.
///
/// Names with characters that a terminal obeys or hides are refused: they stand in logs, tables and queries.
package struct TableName: Hashable, Sendable, CustomStringConvertible {
    package struct Failure: Error, Hashable, Sendable {
        package let reason: String
    }

    /// PostgreSQL cuts longer identifiers (NAMEDATALEN - 1), in bytes.
    package static let lengthLimit = 63

    package let schema: String
    package let table: String

    /// One name and nothing else. What is not quoted is folded to lower case, ASCII alone, as the server does.
    package init(_ text: String) throws(Failure) {
        var reader = TableNameReader(text)
        self = try reader.name()
        guard reader.isAtEnd else { throw Failure(reason: "more stands behind the name") }
    }

    /// Names with commas between them, at least one.
    package static func list(_ text: String) throws(Failure) -> [TableName] {
        var reader = TableNameReader(text)
        var names = [try reader.name()]
        while !reader.isAtEnd {
            guard reader.take(",") else {
                throw Failure(reason: "a comma is expected behind `\(names[names.count - 1])`")
            }
            names.append(try reader.name())
        }
        return names
    }

    init(schema: String, table: String) {
        self.schema = schema
        self.table = table
    }

    /// For a statement: both parts in quotes, so that no keyword and no case is in the way.
    package var quoted: String { "\(QuotedText.double(schema)).\(QuotedText.double(table))" }

    /// With quotes where SQL needs them.
    package var description: String { "\(Self.short(schema)).\(Self.short(table))" }

    private static func short(_ name: String) -> String {
        let isPlain =
            name.unicodeScalars.allSatisfy { scalar in
                TableNameReader.continues(scalar) && !("A"..."Z" ~= scalar)
            } && name.unicodeScalars.first.map(TableNameReader.begins) ?? false
        return isPlain ? name : QuotedText.double(name)
    }
}

/// Reads identifiers as PostgreSQL's scanner does.
private struct TableNameReader {
    private var rest: Substring.UnicodeScalarView

    init(_ text: String) {
        rest = Substring(text).unicodeScalars
        skipSpace()
    }

    var isAtEnd: Bool { rest.isEmpty }

    static func begins(_ scalar: Unicode.Scalar) -> Bool {
        "a"..."z" ~= scalar || "A"..."Z" ~= scalar || scalar == "_" || scalar.value >= 0x80
    }

    static func continues(_ scalar: Unicode.Scalar) -> Bool {
        begins(scalar) || "0"..."9" ~= scalar || scalar == "$"
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == scalar else { return false }
        rest.removeFirst()
        skipSpace()
        return true
    }

    mutating func name() throws(TableName.Failure) -> TableName {
        let schema = try identifier()
        guard take(".") else {
            throw TableName.Failure(reason: "`\(schema)` has no schema: write `public.\(schema)`, or what it lies in")
        }
        let table = try identifier()
        guard rest.first != "." else { throw TableName.Failure(reason: "`\(schema).\(table)` has more than two parts") }
        return TableName(schema: schema, table: table)
    }

    private mutating func identifier() throws(TableName.Failure) -> String {
        var name = String.UnicodeScalarView()
        if rest.first == "\"" {
            rest.removeFirst()
            while true {
                guard let scalar = rest.popFirst() else { throw TableName.Failure(reason: "a quote is not closed") }
                if scalar == "\"" {
                    guard rest.first == "\"" else { break }
                    rest.removeFirst()
                }
                name.append(scalar)
            }
        } else {
            guard let first = rest.first, Self.begins(first) else {
                throw TableName.Failure(reason: isAtEnd ? "a name is missing" : "`\(shown)` begins no name")
            }
            while let scalar = rest.first, Self.continues(scalar) {
                rest.removeFirst()
                name.append("A"..."Z" ~= scalar ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar)
            }
        }
        skipSpace()
        guard !name.isEmpty else { throw TableName.Failure(reason: "a name is empty") }
        guard String(name).utf8.count <= TableName.lengthLimit else {
            throw TableName.Failure(reason: "a name has more than \(TableName.lengthLimit) bytes")
        }
        guard name.allSatisfy(Self.isShown) else {
            throw TableName.Failure(reason: "a name holds characters that are not shown")
        }
        return String(name)
    }

    private var shown: String {
        rest.first.map { Self.isShown($0) ? String($0) : "a character that is not shown" } ?? ""
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }

    private mutating func skipSpace() {
        while rest.first == " " { rest.removeFirst() }
    }
}

extension Substring.UnicodeScalarView {
    fileprivate mutating func popFirst() -> Unicode.Scalar? { isEmpty ? nil : removeFirst() }
}
