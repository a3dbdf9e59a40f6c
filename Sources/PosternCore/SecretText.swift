/// Takes tokens and passwords out of what somebody wrote about himself: names, errors, notes.
///
/// A net for what was put in the wrong place, with wide meshes: it knows the shapes that tokens (`eyJ…`), passwords in
/// URLs (`://user:password@`) and in connection strings (`password=…`) have, and nothing else.
package enum SecretText {
    private static let token = Array("[token]".utf8)
    private static let password = Array("[password]".utf8)
    /// The first part of a JWT is never shorter: `{"alg":"…"}` in base64.
    private static let tokenLength = 12

    package static func scrubbed(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let scrubbed = scrubbed(bytes)
        return scrubbed.count == bytes.count && scrubbed == bytes ? text : String(decoding: scrubbed, as: UTF8.self)
    }

    package static func scrubbed(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            if let end = endOfToken(text, at: index) {
                result += token
                index = end
            } else if let secret = passwordOfURL(text, at: index) ?? passwordOfOption(text, at: index) {
                result += text[index..<secret.lowerBound]
                result += password
                index = secret.upperBound
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }

    /// Whether a token or a URL with a password stands in the text.
    package static func isFound(in text: [UInt8]) -> Bool {
        text.indices.contains { endOfToken(text, at: $0) != nil || passwordOfURL(text, at: $0) != nil }
    }

    /// Whether a token stands in the text.
    package static func hasToken(_ text: [UInt8]) -> Bool {
        text.indices.contains { endOfToken(text, at: $0) != nil }
    }

    // MARK: Shapes

    /// `eyJ`, and what base64 for URLs and dots follow.
    private static func endOfToken(_ text: [UInt8], at start: Int) -> Int? {
        guard spells("eyJ", text, at: start), start == 0 || !isTokenByte(text[start - 1]) else { return nil }
        var end = start
        while end < text.count, isTokenByte(text[end]) || text[end] == UInt8(ascii: ".") { end += 1 }
        return end - start >= tokenLength ? end : nil
    }

    /// The password of `://user:password@`.
    private static func passwordOfURL(_ text: [UInt8], at start: Int) -> Range<Int>? {
        guard spells("://", text, at: start) else { return nil }
        var colon: Int?
        var index = start + 3
        while index < text.count, isInside(text[index]), text[index] != UInt8(ascii: "/") {
            if text[index] == UInt8(ascii: "@") { return colon.map { $0 + 1..<index } }
            if text[index] == UInt8(ascii: ":"), colon == nil { colon = index }
            index += 1
        }
        return nil
    }

    /// What follows `password=`, in quotes or up to white space.
    private static func passwordOfOption(_ text: [UInt8], at start: Int) -> Range<Int>? {
        guard spells("password", text, at: start, folding: true) else { return nil }
        var index = start + 8
        while index < text.count, text[index] == 0x20 { index += 1 }
        guard index < text.count, text[index] == UInt8(ascii: "=") else { return nil }
        index += 1
        while index < text.count, text[index] == 0x20 { index += 1 }
        let first = index
        let isQuoted = index < text.count && text[index] == UInt8(ascii: "'")
        if isQuoted { index += 1 }
        while index < text.count, isQuoted ? isQuotedByte(text[index]) : isOptionByte(text[index]) { index += 1 }
        if isQuoted, index < text.count, text[index] == UInt8(ascii: "'") { index += 1 }
        return first < index ? first..<index : nil
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    // Nothing reaches over the end of a JSON string or into one of its escapes: what was JSON stays JSON.

    private static func isInside(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private static func isQuotedByte(_ byte: UInt8) -> Bool {
        byte != UInt8(ascii: "'") && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private static func isOptionByte(_ byte: UInt8) -> Bool {
        isInside(byte) && byte != UInt8(ascii: "'") && byte != UInt8(ascii: "&")
    }

    private static func spells(_ word: StaticString, _ text: [UInt8], at start: Int, folding: Bool = false) -> Bool {
        guard text.count - start >= word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { word in
            for index in word.indices {
                let byte = text[start + index]
                guard (folding ? byte | 0x20 : byte) == word[index] else { return false }
            }
            return true
        }
    }
}
