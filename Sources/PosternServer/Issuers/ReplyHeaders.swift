/// The three header fields of a reply that matter for a key set (RFC 9111 section 4.2, RFC 9110 section 8.8.3).
package struct ReplyHeaders: Sendable {
    /// A tag that an issuer may have us send back with every request.
    private static let entityTagByteLimit = 256

    package private(set) var entityTag: String?
    private var maxAge: Int64?
    private var age: Int64 = 0
    private var isUncacheable = false

    package init() {}

    /// `max-age` less Age, never below zero; nil when the reply does not say.
    package var freshness: Duration? {
        if isUncacheable { return .zero }
        return maxAge.map { .seconds(max(0, $0 - age)) }
    }

    /// Takes one line as it came, its end included. A status line begins anew.
    package mutating func take(_ line: [UInt8]) {
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            self = ReplyHeaders()
            return
        }
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return }
        let value = Self.trimmed(text[text.utf8.index(after: colon)...])
        switch text[..<colon].lowercased() {
        case "cache-control": takeDirectives(value)
        case "age": age = Self.seconds(value) ?? 0
        case "etag":
            let isPlain = value.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
            if isPlain, !value.isEmpty, value.utf8.count <= Self.entityTagByteLimit { entityTag = String(value) }
        default: break
        }
    }

    private mutating func takeDirectives(_ value: Substring) {
        for directive in value.lowercased().split(separator: ",") {
            let directive = Self.trimmed(directive)
            if directive == "no-store" || directive == "no-cache" { isUncacheable = true }
            if directive.hasPrefix("max-age=") { maxAge = Self.seconds(directive.dropFirst("max-age=".count)) }
        }
    }

    /// Digits alone, quotes around them forgiven; too many count as the largest number that may be subtracted from.
    private static func seconds(_ text: Substring) -> Int64? {
        let digits = text.utf8.filter { $0 != UInt8(ascii: "\"") }
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return min(Int64(String(decoding: digits, as: UTF8.self)) ?? Int64(Int32.max), Int64(Int32.max))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let isBlank = { (character: Character) in character == " " || character == "\t" || character.isNewline }
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }
}
