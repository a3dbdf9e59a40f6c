/// The fields of an ErrorResponse or NoticeResponse (manual, "Error and Notice Message Fields").
///
/// Values are kept as bytes: before the encoding is agreed a server may send anything. Unknown fields are kept, a
/// missing SQLSTATE is tolerated.
package struct ErrorFields: Hashable, Sendable {
    package enum Severity: String, Sendable {
        case error = "ERROR"
        case fatal = "FATAL"
        case panic = "PANIC"
        case warning = "WARNING"
        case notice = "NOTICE"
        case debug = "DEBUG"
        case info = "INFO"
        case log = "LOG"
    }

    /// A field's type byte.
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        package static let localizedSeverity = Code(rawValue: UInt8(ascii: "S"))
        package static let severity = Code(rawValue: UInt8(ascii: "V"))
        package static let sqlState = Code(rawValue: UInt8(ascii: "C"))
        package static let message = Code(rawValue: UInt8(ascii: "M"))
        package static let detail = Code(rawValue: UInt8(ascii: "D"))
        package static let hint = Code(rawValue: UInt8(ascii: "H"))
        package static let position = Code(rawValue: UInt8(ascii: "P"))
        package static let internalPosition = Code(rawValue: UInt8(ascii: "p"))
        package static let internalQuery = Code(rawValue: UInt8(ascii: "q"))
        package static let context = Code(rawValue: UInt8(ascii: "W"))
        package static let file = Code(rawValue: UInt8(ascii: "F"))
        package static let line = Code(rawValue: UInt8(ascii: "L"))
        package static let routine = Code(rawValue: UInt8(ascii: "R"))
    }

    package struct Field: Hashable, Sendable {
        package let code: Code
        package let value: [UInt8]

        package init(code: Code, value: [UInt8]) {
            self.code = code
            self.value = value
        }
    }

    package private(set) var fields: [Field] = []

    /// A NUL in a text is replaced by a space.
    package init(
        severity: Severity,
        sqlState: SQLState,
        message: String,
        detail: String? = nil,
        hint: String? = nil
    ) {
        set(.localizedSeverity, severity.rawValue)
        set(.severity, severity.rawValue)
        set(.sqlState, sqlState.rawValue)
        set(.message, message)
        if let detail { set(.detail, detail) }
        if let hint { set(.hint, hint) }
    }

    /// - Parameter body: the message's body: code byte and C string, repeated, then a zero byte that ends it.
    package init(body: ArraySlice<UInt8>) throws(WireError) {
        var reader = WireReader(body)
        while true {
            let code = try reader.byte()
            if code == 0 { break }
            fields.append(Field(code: Code(rawValue: code), value: Array(try reader.cString())))
        }
        try reader.expectEnd()
    }

    /// The first field of that code, with invalid UTF-8 repaired; for logs and comparisons.
    package subscript(code: Code) -> String? {
        fields.first { $0.code == code }.map { String(decoding: $0.value, as: UTF8.self) }
    }

    /// Replaces the field, or adds it at the end.
    package mutating func set(_ code: Code, _ text: String) {
        let field = Field(code: code, value: text.utf8.map { $0 == 0 ? UInt8(ascii: " ") : $0 })
        if let index = fields.firstIndex(where: { $0.code == code }) {
            fields[index] = field
        } else {
            fields.append(field)
        }
    }

    package mutating func remove(_ code: Code) {
        fields.removeAll { $0.code == code }
    }

    /// The untranslated severity, or the translated one where a server is too old to send it.
    package var severity: Severity? {
        (self[.severity] ?? self[.localizedSeverity]).flatMap(Severity.init(rawValue:))
    }

    /// nil when the server sent none, or something that is none.
    package var sqlState: SQLState? { self[.sqlState].flatMap(SQLState.init(rawValue:)) }

    package var message: String { self[.message] ?? "" }

    func append(to writer: inout WireWriter) {
        for field in fields {
            writer.append(field.code.rawValue)
            writer.appendCString(field.value)
        }
        writer.append(0 as UInt8)
    }
}
