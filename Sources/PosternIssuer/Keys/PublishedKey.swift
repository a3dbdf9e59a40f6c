package import PosternCore
package import PosternCrypto

/// The public half of an RSA key that signs tokens, as the key set has it (RFC 7517).
package struct PublishedKey: Hashable, Sendable {
    package static let algorithm = "RS256"

    /// The key's thumbprint (RFC 7638).
    package let id: String
    private let modulus: String
    private let exponent: String

    package init(_ key: RSAKey) {
        modulus = Base64.encode(key.modulus, .url)
        exponent = Base64.encode(key.exponent, .url)
        // The required members in alphabetical order.
        let members: JSONObject = ["e": .string(exponent), "kty": .string("RSA"), "n": .string(modulus)]
        id = Base64.encode(Digest.sha256.hash(JSONValue.object(members).text.utf8), .url)
    }

    package var json: JSONValue {
        .object([
            "kty": .string("RSA"), "use": .string("sig"), "alg": .string(Self.algorithm), "kid": .string(id),
            "n": .string(modulus), "e": .string(exponent),
        ])
    }
}
