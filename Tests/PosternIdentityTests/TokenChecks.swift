import PosternCore
import PosternIdentity
import PosternTestKit

/// One issuer at one moment, and the whole way of a token through it.
struct TokenChecks {
    static let now = Timestamp(seconds: 1_795_224_580)
    static let issuer = "https://issuer.example"
    static let audience = "postern.example"
    static let claims = TestClaims(issuer: issuer, audience: audience, now: now)

    var settings = Self.settings()
    var now = Self.now
    let keySet: KeySet

    /// Two mints for each algorithm, which share keys of a kind: RSA keys take long to make.
    private static let keys = KeyKind.allCases.map { kind in
        Result { try (0..<2).map { _ in try TestKey(TestKey.Kind(kind)) } }
    }

    static func mint(_ algorithm: SignatureAlgorithm, other: Bool = false) throws -> TokenMint {
        let pair = try zip(KeyKind.allCases, keys).first { $0.0 == algorithm.keyKind }?.1.get() ?? []
        return TokenMint(key: pair[other ? 1 : 0], algorithm)
    }

    static func settings(
        algorithms: Set<SignatureAlgorithm> = Set(SignatureAlgorithm.allCases),
        maxTokenAge: Duration? = nil,
        requiredType: String? = nil,
        authorizedParties: Set<String> = []
    ) -> IssuerSettings {
        IssuerSettings(
            name: "ci",
            issuer: issuer,
            audience: audience,
            algorithms: algorithms,
            maxTokenAge: maxTokenAge,
            requiredType: requiredType,
            authorizedParties: authorizedParties
        )
    }

    init(_ mints: TokenMint...) throws {
        keySet = try KeySet.parse(Array(try TokenMint.keySetText(mints).utf8))
    }

    init(keySet: KeySet) {
        self.keySet = keySet
    }

    func verify(_ token: Redacted<[UInt8]>) throws(TokenRefusal) -> VerifiedToken {
        let parsed = try CompactToken.parse(token)
        try parsed.checkHeader(settings)
        guard let key = keySet.key(for: parsed.header) else { throw TokenRefusal(.unknownKey, of: parsed) }
        return try TokenVerifier.verify(parsed, key: key, settings: settings, now: now)
    }

    func reason(_ token: Redacted<[UInt8]>) -> TokenRefusal.Reason? {
        do throws(TokenRefusal) {
            _ = try verify(token)
            return nil
        } catch {
            return error.reason
        }
    }
}
