internal import PosternCore

/// A token's protected header (RFC 7515 section 4), after the checks that need no issuer.
package struct TokenHeader: Hashable, Sendable {
    package static let byteLimit = 4096
    package static let depthLimit = 8
    package static let keyIDByteLimit = 256

    package let algorithm: SignatureAlgorithm
    /// An opaque name to look up among the issuer's keys, and nothing else.
    package let keyID: String?
    package let type: String?

    /// What a token can ask for and never gets: extensions, encryption, compression, nesting.
    private static let unsupported = ["crit", "b64", "zip", "enc", "cty"]
    /// What would let a token choose its key.
    private static let keyBearing = ["jku", "jwk", "x5u", "x5c"]

    static func parse(_ bytes: [UInt8]) throws(TokenRefusal) -> TokenHeader {
        let object: JSONObject
        do {
            let value = try JSONParser.parse(bytes, limits: .init(bytes: byteLimit, depth: depthLimit, values: 256))
            guard let found = value.objectValue else { throw TokenRefusal(.malformedHeader) }
            object = found
        } catch {
            throw TokenRefusal(.malformedHeader)
        }
        let keyID = try keyID(in: object)
        for name in unsupported where object[name] != nil {
            throw TokenRefusal(.unsupportedHeader, claim: name, keyID: keyID)
        }
        for name in keyBearing where object[name] != nil {
            throw TokenRefusal(.keyInHeader, claim: name, keyID: keyID)
        }
        var type: String?
        if let value = object["typ"] {
            guard let text = value.stringValue else { throw TokenRefusal(.malformedHeader, claim: "typ", keyID: keyID) }
            type = text
        }
        guard let name = object["alg"]?.stringValue else {
            throw TokenRefusal(.malformedHeader, claim: "alg", keyID: keyID)
        }
        guard let algorithm = SignatureAlgorithm(rawValue: name) else { throw TokenRefusal(.algorithm, keyID: keyID) }
        return TokenHeader(algorithm: algorithm, keyID: keyID, type: type)
    }

    private static func keyID(in object: JSONObject) throws(TokenRefusal) -> String? {
        guard let value = object["kid"] else { return nil }
        guard let keyID = value.stringValue, isKeyID(keyID) else { throw TokenRefusal(.malformedKeyID, claim: "kid") }
        return keyID
    }

    /// 1 to 256 bytes of printable ASCII.
    static func isKeyID(_ text: String) -> Bool {
        (1...keyIDByteLimit).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
    }
}
