internal import PosternCore

/// Names of objects as records have them.
package enum SQLName {
    /// The parts with dots between them, in double quotes where they could be read otherwise: `public."a.b"`. Everything
    /// in a schema is `public.*`.
    static func text(_ parts: [String]) -> String {
        parts.enumerated().map { index, part in
            isPlain(part) || (index > 0 && part == "*") ? part : QuotedText.double(part)
        }
        .joined(separator: ".")
    }

    /// Lower-case letters, digits, `_`, `$` and what is not ASCII; no digit or `$` first.
    private static func isPlain(_ part: String) -> Bool {
        guard let first = part.utf8.first else { return false }
        let isStart = first == UInt8(ascii: "_") || first >= 0x80 || UInt8(ascii: "a")...UInt8(ascii: "z") ~= first
        return isStart
            && part.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
                    true
                default: false
                }
            }
    }

    /// The parts of a name as `text` writes it; a part that is not closed ends with the text.
    package static func parts(of name: String) -> [String] {
        let quote = UInt8(ascii: "\"")
        var parts: [String] = []
        var part: [UInt8] = []
        var isQuoted = false
        var rest = Array(name.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == quote {
                // Two of them inside quotes are one of the name's own.
                if isQuoted, rest.first == quote {
                    part.append(quote)
                    rest.removeFirst()
                } else {
                    isQuoted.toggle()
                }
            } else if byte == UInt8(ascii: "."), !isQuoted {
                parts.append(String(decoding: part, as: UTF8.self))
                part = []
            } else {
                part.append(byte)
            }
        }
        return parts + [String(decoding: part, as: UTF8.self)]
    }
}
