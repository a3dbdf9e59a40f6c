/// Names of objects as records have them.
enum SQLName {
    /// The parts with dots between them, in double quotes where they could be read otherwise: `public."a.b"`.
    static func text(_ parts: [String]) -> String {
        parts.map { isPlain($0) ? $0 : quoted($0) }.joined(separator: ".")
    }

    private static func quoted(_ part: String) -> String {
        "\"" + part.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
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
}
