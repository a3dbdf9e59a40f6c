/// A text that may be given to the parser: UTF-8 without a NUL inside, with one behind.
struct CheckedText {
    let bytes: [UInt8]
    var count: Int { bytes.count - 1 }

    /// nil for what is no text. The server refuses the same (22021), libpg_query does not look.
    init?(_ text: [UInt8]) {
        guard !text.contains(0), Self.isUTF8(text) else { return nil }
        var bytes = text
        bytes.append(0)
        self.bytes = bytes
    }

    private static func isUTF8(_ text: [UInt8]) -> Bool {
        guard text.contains(where: { $0 >= 128 }) else { return true }
        return String(validating: text, as: UTF8.self) != nil
    }
}
