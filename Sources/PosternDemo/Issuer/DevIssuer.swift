internal import CLibJWT
internal import COpenSSL
internal import Glibc
package import PosternCore
internal import PosternCrypto

/// A key that signs tokens, and what a CI system publishes about it.
///
/// For the demo and for tests: whoever asks gets a token. libjwt mints; it never verifies anything.
///
/// `@unchecked Sendable`: all properties are constant, and OpenSSL 3 allows concurrent use of a constant key.
package final class DevIssuer: @unchecked Sendable {
    private static let keyBits: UInt32 = 2048

    /// The issuer's URL, as `iss` and in discovery.
    package let url: String
    /// The key's id: its thumbprint (RFC 7638).
    package let keyID: String
    private let key: PrivateKey
    private let keyPEM: [UInt8]

    /// Makes a new key.
    ///
    /// - Parameter url: the issuer's URL without a slash at its end.
    package init(url: String) throws(DemoError) {
        self.url = url
        key = try PrivateKey.rsa(bits: Self.keyBits)
        keyPEM = key.pem
        keyID = Self.thumbprint(of: key)
    }

    /// The document at `/.well-known/openid-configuration`.
    package var discovery: String {
        JSONValue.object([
            "issuer": .string(url),
            "jwks_uri": .string(url + "/jwks"),
            "response_types_supported": .array([.string("id_token")]),
            "subject_types_supported": .array([.string("public")]),
            "id_token_signing_alg_values_supported": .array([.string("RS256")]),
        ]).text
    }

    /// The document at `/jwks`.
    package var keySet: String {
        JSONValue.object([
            "keys": .array([
                .object([
                    "kty": .string("RSA"),
                    "use": .string("sig"),
                    "alg": .string("RS256"),
                    "kid": .string(keyID),
                    "n": .string(Self.base64(key, "n")),
                    "e": .string(Self.base64(key, "e")),
                ])
            ])
        ]).text
    }

    /// Signs a token.
    ///
    /// - Parameters:
    ///   - claims: beyond `iss`, `aud`, `sub`, `iat`, `nbf`, `exp` and `jti`.
    ///   - lifetime: from `issuedAt`; a token of the past is minted by an `issuedAt` that is long ago.
    ///   - keyID: the `kid`; a forger names another issuer's key.
    package func mint(
        subject: String,
        audience: String,
        claims: [(name: String, value: String)],
        issuedAt: Timestamp,
        lifetime: Duration,
        keyID: String? = nil
    ) throws(DemoError) -> Redacted<String> {
        var token: OpaquePointer?
        guard jwt_new(&token) == 0, let token else { throw DemoError("libjwt cannot make a token") }
        defer { jwt_free(token) }
        let expiry = issuedAt.advanced(by: lifetime)
        var statuses = [
            jwt_set_alg(token, JWT_ALG_RS256, keyPEM, Int32(keyPEM.count)),
            jwt_add_header(token, "kid", keyID ?? self.keyID),
            jwt_add_grant(token, "iss", url),
            jwt_add_grant(token, "sub", subject),
            jwt_add_grant(token, "aud", audience),
            jwt_add_grant_int(token, "iat", Int(issuedAt.seconds)),
            jwt_add_grant_int(token, "nbf", Int(issuedAt.seconds)),
            jwt_add_grant_int(token, "exp", Int(expiry.seconds)),
            jwt_add_grant(token, "jti", Hex.encode(SecureRandom.bytes(16))),
        ]
        for claim in claims { statuses.append(jwt_add_grant(token, claim.name, claim.value)) }
        guard statuses.allSatisfy({ $0 == 0 }), let text = jwt_encode_str(token) else {
            throw DemoError("libjwt cannot sign a token")
        }
        defer { free(text) }
        return Redacted(String(cString: text))
    }

    /// RFC 7638: the digest of the required members in alphabetical order.
    private static func thumbprint(of key: PrivateKey) -> String {
        let members: JSONObject = [
            "e": .string(base64(key, "e")), "kty": .string("RSA"), "n": .string(base64(key, "n")),
        ]
        return Base64.encode(Digest.sha256.hash(JSONValue.object(members).text.utf8), .url)
    }

    private static func base64(_ key: PrivateKey, _ number: String) -> String {
        Base64.encode(key.number(number), .url)
    }
}
