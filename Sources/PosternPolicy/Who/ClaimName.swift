package import PosternCore

/// Where a claim is found: by its literal name, or by a JSON pointer (RFC 6901) when the text starts with `/`.
package struct ClaimName: Hashable, Sendable, CustomStringConvertible {
    private enum Path: Hashable, Sendable {
        case name(String)
        case pointer([String])
    }

    /// As the policy spells it.
    package let description: String
    private let path: Path

    /// - Returns: nil for the empty name, and for a pointer with a `~` that is neither `~0` nor `~1`.
    package init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        description = text
        guard text.utf8.first == UInt8(ascii: "/") else {
            path = .name(text)
            return
        }
        var tokens: [String] = []
        for token in text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let plain = Self.unescape(token) else { return nil }
            tokens.append(plain)
        }
        path = .pointer(tokens)
    }

    /// The name without the pointer's slash, where the pointer has one step: `/sub` is `sub`.
    package var plain: String {
        guard case .pointer(let tokens) = path, tokens.count == 1, !description.contains("~") else {
            return description
        }
        return tokens[0]
    }

    /// The value of the claim; nil when it is missing.
    package func value(in claims: JSONObject) -> JSONValue? {
        switch path {
        case .name(let name): claims[name]
        case .pointer(let tokens):
            tokens.reduce(JSONValue.object(claims)) { value, token in Self.step(from: value, to: token) }
        }
    }

    private static func step(from value: JSONValue?, to token: String) -> JSONValue? {
        switch value {
        case .object(let object): return object[token]
        case .array(let elements):
            // RFC 6901 section 4: digits without a leading zero.
            guard let index = Int(token), String(index) == token, elements.indices.contains(index) else { return nil }
            return elements[index]
        case .null, .bool, .number, .string, .none: return nil
        }
    }

    private static func unescape(_ token: Substring.UTF8View) -> String? {
        var plain: [UInt8] = []
        var rest = token
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "~") else {
                plain.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "0"): plain.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): plain.append(UInt8(ascii: "/"))
            case .some, .none: return nil
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
