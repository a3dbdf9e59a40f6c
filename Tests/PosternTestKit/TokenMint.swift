package import PosternCore
package import PosternIdentity

/// Mints tokens, good ones and all kinds of bad ones, for tests and the demo.
package struct TokenMint: Sendable {
    package let key: TestKey
    package let algorithm: SignatureAlgorithm
    package let keyID: String?

    /// - Parameter keyID: `kid` of header and key set; nil for none.
    package init(_ algorithm: SignatureAlgorithm, keyID: String? = "key-1") throws {
        self.init(key: try TestKey(.init(algorithm.keyKind)), algorithm, keyID: keyID)
    }

    package init(key: TestKey, _ algorithm: SignatureAlgorithm, keyID: String? = "key-1") {
        self.key = key
        self.algorithm = algorithm
        self.keyID = keyID
    }

    /// The header that `token` writes when it is given none.
    package var header: String {
        var object: JSONObject = ["typ": .string("JWT"), "alg": .string(algorithm.rawValue)]
        if let keyID { object.append("kid", .string(keyID)) }
        return JSONValue.object(object).text
    }

    /// A signed token of these texts, which need not be JSON at all.
    package func token(header: String? = nil, claims: String) throws -> Redacted<[UInt8]> {
        let input = Self.signingInput(header ?? self.header, claims)
        let signature = try key.sign(input, algorithm)
        return Redacted(input + [UInt8(ascii: ".")] + Array(Base64.encode(signature, .url).utf8))
    }

    /// A token with this signature, whatever it is.
    package static func token(header: String, claims: String, signature: [UInt8]) -> Redacted<[UInt8]> {
        Redacted(signingInput(header, claims) + [UInt8(ascii: ".")] + Array(Base64.encode(signature, .url).utf8))
    }

    /// A JWK set with this mint's key.
    package func keySetText() throws -> String { try Self.keySetText([self]) }

    package static func keySetText(_ mints: [TokenMint]) throws -> String {
        let keys = try mints.map { JSONValue.object(try $0.key.jwk(keyID: $0.keyID, use: "sig")) }
        return JSONValue.object(["keys": .array(keys)]).text
    }

    package static func signingInput(_ header: String, _ claims: String) -> [UInt8] {
        Array((Base64.encode(Array(header.utf8), .url) + "." + Base64.encode(Array(claims.utf8), .url)).utf8)
    }
}

/// Claims as a table of JSON texts, to change one at a time.
package struct TestClaims: Sendable {
    package var members: [(name: String, json: String)]

    /// What a CI system would send, with a life of five minutes around `now`.
    package init(issuer: String, audience: String, now: Timestamp) {
        members = [
            ("iss", JSONValue.string(issuer).text), ("aud", JSONValue.string(audience).text),
            ("sub", #""repo:acme/orders:ref:refs/heads/main""#), ("iat", String(now.seconds - 10)),
            ("nbf", String(now.seconds - 10)), ("exp", String(now.seconds + 290)), ("jti", #""id-1""#),
            ("repository_id", #""74""#), ("ref", #""refs/heads/main""#),
        ]
    }

    /// The same claims with this one as given, or without it for nil.
    package func with(_ name: String, _ json: String?) -> TestClaims {
        var copy = self
        copy.members.removeAll { $0.name == name }
        if let json { copy.members.append((name, json)) }
        return copy
    }

    package var json: String {
        "{" + members.map { "\(JSONValue.string($0.name).text):\($0.json)" }.joined(separator: ",") + "}"
    }
}
