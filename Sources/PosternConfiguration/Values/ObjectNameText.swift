/// Names of PostgreSQL's objects as policies write them: parts with dots between them, each `plain` or `"Quoted"`.
///
/// Unquoted parts are what PostgreSQL makes of unquoted names, lower case, so an upper-case letter there is a mistake
/// and no other name. In them `*` stands for any run of characters; in quotes nothing does.
package struct ObjectNameText: Hashable, Sendable {
    /// For each part what stands between its stars: one piece for a literal name.
    package let parts: [[String]]

    /// Why a text is no name; lower case, for a diagnostic.
    package struct Invalid: Error, Hashable, Sendable {
        package let reason: String
        package let hint: String?
    }

    package init(_ text: String) throws(Invalid) {
        var parts: [[String]] = []
        var rest = Array(text.utf8)[...]
        repeat {
            parts.append(
                rest.first == UInt8(ascii: "\"") ? [try Self.quoted(&rest)] : try Self.plain(&rest)
            )
        } while rest.popFirst() == UInt8(ascii: ".")
        self.parts = parts
        for part in parts
        where part.reduce(0, { $0 + $1.utf8.count }) > DatabaseConfiguration.maximumNameLength {
            throw Invalid(
                reason:
                    "`\(part.joined(separator: "*"))` is longer than \(DatabaseConfiguration.maximumNameLength) bytes",
                hint: "PostgreSQL cuts longer names"
            )
        }
    }

    /// Reads from one quote to the next; two of them stand for one. Ends before a dot or at the end.
    private static func quoted(_ rest: inout ArraySlice<UInt8>) throws(Invalid) -> String {
        let quote = UInt8(ascii: "\"")
        var name: [UInt8] = []
        rest.removeFirst()
        while let byte = rest.popFirst() {
            if byte != quote {
                name.append(byte)
            } else if rest.first == quote {
                rest.removeFirst()
                name.append(quote)
            } else {
                guard !name.isEmpty else { throw Invalid(reason: "a name is empty", hint: nil) }
                guard rest.isEmpty || rest.first == UInt8(ascii: ".") else {
                    throw Invalid(
                        reason: "a quoted name must end at a dot",
                        hint: "quotes go around a whole part"
                    )
                }
                return String(decoding: name, as: UTF8.self)
            }
        }
        throw Invalid(reason: "a quoted name has no closing quote", hint: nil)
    }

    private static func plain(_ rest: inout ArraySlice<UInt8>) throws(Invalid) -> [String] {
        let part = rest.prefix { $0 != UInt8(ascii: ".") }
        rest = rest.dropFirst(part.count)
        let text = String(decoding: part, as: UTF8.self)
        guard !part.isEmpty else { throw Invalid(reason: "a name is empty", hint: nil) }
        for byte in part where !isPlain(byte) {
            if (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) {
                throw Invalid(
                    reason: "`\(text)` has an upper-case letter, which no unquoted name of PostgreSQL has",
                    hint:
                        "write `\(folded(part))`, or `'\"\(text)\"'` for the name with the upper-case letter"
                )
            }
            throw Invalid(
                reason: "`\(text)` has a character that no unquoted name has",
                hint: byte == UInt8(ascii: "(")
                    ? "leave the arguments out: functions are named without them"
                    : "put the part in quotes, as in `'public.\"My Table\"'`"
            )
        }
        return part.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// As PostgreSQL folds names in UTF-8: other letters than those of ASCII stay.
    private static func folded(_ part: ArraySlice<UInt8>) -> String {
        String(
            decoding: part.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 },
            as: UTF8.self
        )
    }

    /// What PostgreSQL takes without quotes, the star, and the hyphen, without which `uuid-ossp` would be a trap.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"),
            UInt8(ascii: "$"), UInt8(ascii: "-"), UInt8(ascii: "*"), 0x80...0xFF:
            true
        default: false
        }
    }
}
