import Glibc
import PosternCore
import PosternDemo
import PosternIdentity
import PosternNet
import PosternTestKit
import Testing

/// Tokens that our code signs, verified by two implementations that share nothing with it.
///
/// The other direction is `Tests/Integration/test_jose_peers.py`. `make .venv` brings the libraries.
struct JOSEPeerTests {
    private static let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    private static let python = root + "/.venv/bin/python"
    private static let script = root + "/Tests/PosternDemoTests/Fixtures/jose_peers.py"
    private static let hasPeers = access(python, X_OK) == 0

    private func verify(_ keySet: String, _ tokens: [(algorithm: String, token: String)]) throws -> [String] {
        let set = try JSONParser.parse(Array(keySet.utf8), limits: .init(bytes: 100_000, depth: 8))
        var all = JSONObject()
        for token in tokens { all.append(token.algorithm, .string(token.token)) }
        return try withFolder { folder in
            let made = JSONValue.object(["key_set": set, "tokens": .object(all)])
            try Files.writePrivate(made.text, to: folder.file("made.json"))
            let result = try run(Self.python, Self.script, folder.file("made.json"))
            try #require(result.exit.succeeded, "\(result.errorText)")
            return result.outputText.split(separator: "\n").map(String.init)
        }
    }

    @Test(.enabled(if: hasPeers)) func `two other libraries verify what libjwt signs for the demo's issuer`() throws {
        let issuer = DevIssuer(url: "https://localhost:6480")
        let token = try issuer.mint(
            subject: "repo:acme/orders",
            audience: "postern.example",
            claims: [("ref", "refs/heads/main")],
            issuedAt: Timestamp(seconds: 1_795_224_580),
            lifetime: .seconds(300)
        )
        let heard = try verify(issuer.keySet, [("RS256", token.reveal())])
        #expect(heard == ["PyJWT RS256 refs/heads/main", "joserfc RS256 refs/heads/main"])
    }

    @Test(.enabled(if: hasPeers)) func `two other libraries verify every algorithm that the tests sign with`() throws {
        let claims = TestClaims(
            issuer: "https://issuer.example",
            audience: "postern.example",
            now: Timestamp(seconds: 1_795_224_580)
        )
        let keys = try KeyKind.allCases.map { ($0, try TestKey(TestKey.Kind($0))) }
        let mints = try SignatureAlgorithm.allCases.map { algorithm in
            let key = try #require(keys.first { $0.0 == algorithm.keyKind }).1
            return TokenMint(key: key, algorithm, keyID: algorithm.keyKind.rawValue)
        }
        let published = keys.map { TokenMint(key: $0.1, .rs256, keyID: $0.0.rawValue) }
        let tokens = try mints.map { mint in
            (mint.algorithm.rawValue, String(decoding: try mint.token(claims: claims.json).reveal(), as: UTF8.self))
        }
        let heard = try verify(try TokenMint.keySetText(published), tokens)
        #expect(
            heard
                == SignatureAlgorithm.allCases.flatMap { algorithm in
                    ["PyJWT", "joserfc"].map { "\($0) \(algorithm.rawValue) refs/heads/main" }
                }
        )
    }
}
