import PosternCore
import PosternIdentity
import PosternTestKit
import Testing

struct TokenVerifierTests {
    private static let ecMint = Result { try TokenMint(.es256) }
    private static let rsaMint = Result { try TokenMint(.rs256) }

    @Test(arguments: SignatureAlgorithm.allCases)
    func `a good token gives its claims`(algorithm: SignatureAlgorithm) throws {
        let mint = try TokenChecks.mint(algorithm)
        let token = try TokenChecks(mint).verify(mint.token(claims: TokenChecks.claims.json))
        #expect(token.issuer == "ci")
        #expect(token.subject == "repo:acme/orders:ref:refs/heads/main")
        #expect(token.audience == TokenChecks.audience)
        #expect(token.expires == TokenChecks.now.advanced(by: .seconds(290)))
        #expect(token.issuedAt == TokenChecks.now.advanced(by: .seconds(-10)))
        #expect(token.notBefore == token.issuedAt)
        #expect(token.tokenID == "id-1")
        #expect(token.keyID == "key-1")
        #expect(token.claims["repository_id"] == .string("74"))
    }

    @Test(arguments: SignatureAlgorithm.allCases)
    func `another implementation's token is good`(algorithm: SignatureAlgorithm) throws {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let bytes = try #require(TestFiles.read("/\(folder)/Fixtures/tokens.json"))
        let fixture = try #require(JSONParser.parse(bytes, limits: .init(bytes: 100_000, depth: 8)).objectValue)
        let keySet = try KeySet.parse(Array(#require(fixture["jwks"]).text.utf8))
        #expect(keySet.skipped.isEmpty)
        let text = try #require(fixture["tokens"]?.objectValue?[algorithm.rawValue]?.stringValue)
        var checks = TokenChecks(keySet: keySet)
        checks.now = Timestamp(seconds: try #require(fixture["now"]?.numberValue?.integer))
        let token = try checks.verify(Redacted(Array(text.utf8)))
        #expect(token.claims["ref"] == .string("refs/heads/main"))
        checks.now = checks.now.advanced(by: .seconds(320))
        #expect(checks.reason(Redacted(Array(text.utf8))) == .expired)
    }

    @Test(arguments: [SignatureAlgorithm.rs256, .ps256, .es256, .es512, .edDSA])
    func `any changed byte of a good token makes it bad`(algorithm: SignatureAlgorithm) throws {
        let mint = try TokenChecks.mint(algorithm)
        let checks = try TokenChecks(mint)
        let good = try mint.token(claims: TokenChecks.claims.json).reveal()
        #expect(checks.reason(Redacted(good)) == nil)
        for index in good.indices {
            for change in [good[index] ^ 1, good[index] ^ 0x20, UInt8(ascii: ".")]
            where change != good[index] {
                var bad = good
                bad[index] = change
                #expect(checks.reason(Redacted(bad)) != nil, "byte \(index) as \(change)")
            }
        }
        for count in good.indices where count % 7 == 0 {
            #expect(checks.reason(Redacted(Array(good[..<count]))) != nil)
        }
        for tail in ["A", "=", " ", "\n", ".", "\0"] {
            #expect(checks.reason(Redacted(good + Array(tail.utf8))) != nil)
        }
    }

    @Test(arguments: SignatureAlgorithm.allCases)
    func `signatures of another key, length or algorithm are refused`(algorithm: SignatureAlgorithm) throws {
        let mint = try TokenChecks.mint(algorithm)
        let other = try TokenChecks.mint(algorithm, other: true)
        let checks = try TokenChecks(mint)
        let claims = TokenChecks.claims.json
        #expect(checks.reason(try other.token(claims: claims)) == .signature)
        let good = try mint.key.sign(TokenMint.signingInput(mint.header, claims), algorithm)
        let zeros = [UInt8](repeating: 0, count: good.count)
        let ones = [UInt8](repeating: 0xFF, count: good.count)
        for signature in [[], zeros, ones, good + [0], [0] + good, Array(good.dropLast()), [UInt8](good.reversed())] {
            let token = TokenMint.token(header: mint.header, claims: claims, signature: signature)
            #expect(checks.reason(token) == .signature)
        }
        #expect(TestKey.errorQueueIsEmpty)
        for another in SignatureAlgorithm.allCases where another != algorithm {
            let header = #"{"alg":"\#(another.rawValue)","kid":"key-1"}"#
            let reason = checks.reason(TokenMint.token(header: header, claims: claims, signature: good))
            #expect(reason == (another.keyKind == algorithm.keyKind ? .signature : .unknownKey))
        }
    }

    @Test func `psychic and DER signatures are refused`() throws {
        let mint = try Self.ecMint.get()
        let checks = try TokenChecks(mint)
        let claims = TokenChecks.claims.json
        let order: [UInt8] = [
            0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6, 0xFA, 0xAD,
            0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
        ]
        let one = [UInt8](repeating: 0, count: 31) + [1]
        for signature in [one + order, order + one, order + order, one + [UInt8](repeating: 0, count: 32)] {
            #expect(
                checks.reason(TokenMint.token(header: mint.header, claims: claims, signature: signature)) == .signature
            )
        }
        let der: [UInt8] = [0x30, 6, 2, 1, 1, 2, 1, 1]
        #expect(checks.reason(TokenMint.token(header: mint.header, claims: claims, signature: der)) == .signature)
    }

    /// Header, expected reason. All are signed with the right key.
    static let headers: [(String, TokenRefusal.Reason?)] = [
        (#"{"alg":"ES256","kid":"key-1"}"#, nil),
        (#"{"alg":"ES256","kid":"key-1","typ":"jwt"}"#, nil),
        (#"{"alg":"ES256"}"#, nil),
        (#"{"alg":"ES256","kid":"key-1","x5t":"abc","extra":{"a":[1]}}"#, nil),
        (#"{"alg":"none","kid":"key-1"}"#, .algorithm),
        (#"{"alg":"None"}"#, .algorithm),
        (#"{"alg":"nOnE"}"#, .algorithm),
        (#"{"alg":""}"#, .algorithm),
        (#"{"alg":"HS256","kid":"key-1"}"#, .algorithm),
        (#"{"alg":"es256","kid":"key-1"}"#, .algorithm),
        (#"{"alg":"ES256 ","kid":"key-1"}"#, .algorithm),
        (#"{"alg":"ES256K","kid":"key-1"}"#, .algorithm),
        (#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, .unsupportedHeader),
        (#"{"alg":null,"kid":"key-1"}"#, .malformedHeader),
        (#"{"alg":["ES256"],"kid":"key-1"}"#, .malformedHeader),
        (#"{"kid":"key-1"}"#, .malformedHeader),
        (#"{"alg":"ES384","kid":"key-1"}"#, .unknownKey),
        (#"{"alg":"RS256","kid":"key-1"}"#, .unknownKey),
        (#"{"alg":"ES256","kid":"key-2"}"#, .unknownKey),
        (#"{"alg":"ES256","kid":"../../dev/null"}"#, .unknownKey),
        (#"{"alg":"ES256","kid":"key-1' or '1'='1"}"#, .unknownKey),
        (#"{"alg":"ES256","kid":"KEY-1"}"#, .unknownKey),
        (#"{"alg":"ES256","kid":"key-1\r\nX: y"}"#, .malformedKeyID),
        (#"{"alg":"ES256","kid":""}"#, .malformedKeyID),
        (#"{"alg":"ES256","kid":"\#(String(repeating: "k", count: 257))"}"#, .malformedKeyID),
        (#"{"alg":"ES256","kid":1}"#, .malformedKeyID),
        (#"{"alg":"ES256","kid":null}"#, .malformedKeyID),
        (#"{"alg":"ES256","kid":["key-1"]}"#, .malformedKeyID),
        (#"{"alg":"ES256","kid":"key-1","jku":"https://evil.example/jwks"}"#, .keyInHeader),
        (#"{"alg":"ES256","kid":"key-1","jwk":{"kty":"EC"}}"#, .keyInHeader),
        (#"{"alg":"ES256","kid":"key-1","x5u":"https://evil.example/c"}"#, .keyInHeader),
        (#"{"alg":"ES256","kid":"key-1","x5c":["MII"]}"#, .keyInHeader),
        (#"{"alg":"ES256","kid":"key-1","crit":["exp"],"exp":1}"#, .unsupportedHeader),
        (#"{"alg":"ES256","kid":"key-1","crit":[]}"#, .unsupportedHeader),
        (#"{"alg":"ES256","kid":"key-1","b64":true}"#, .unsupportedHeader),
        (#"{"alg":"ES256","kid":"key-1","b64":false,"crit":["b64"]}"#, .unsupportedHeader),
        (#"{"alg":"ES256","kid":"key-1","zip":"DEF"}"#, .unsupportedHeader),
        (#"{"alg":"ES256","kid":"key-1","cty":"JWT"}"#, .unsupportedHeader),
        (#"{"alg":"ES256","alg":"none","kid":"key-1"}"#, .malformedHeader),
        (#"{"alg":"none","\u0061lg":"ES256","kid":"key-1"}"#, .malformedHeader),
        (#"{"alg":"ES256","kid":"key-1"} "#, nil),
        (#"{"alg":"ES256","kid":"key-1"}x"#, .malformedHeader),
        (#"{"alg":"ES256","kid":"key-1","typ":"at+jwt"}"#, .type),
        (#"{"alg":"ES256","kid":"key-1","typ":"logout+jwt"}"#, .type),
        (#"{"alg":"ES256","kid":"key-1","typ":1}"#, .malformedHeader),
        (#"["ES256"]"#, .malformedHeader),
        ("", .malformedHeader),
        ("{", .malformedHeader),
        ("{\"alg\":\"ES256\",\"kid\":\"key-1\",\"a\":\"\\u0000\"}", .malformedHeader),
        (#"{"alg":"ES256","kid":"key-1","a":[[[[[[[[[1]]]]]]]]]}"#, .malformedHeader),
        (#"{"alg":"ES256","kid":"key-1","a":"\#(String(repeating: "a", count: 4096))"}"#, .malformedHeader),
    ]

    @Test(arguments: headers)
    func `the header decides nothing that the issuer's settings do not`(
        header: String,
        reason: TokenRefusal.Reason?
    ) throws {
        let mint = try Self.ecMint.get()
        let token = try mint.token(header: header, claims: TokenChecks.claims.json)
        #expect(try TokenChecks(mint).reason(token) == reason)
    }

    /// Claim, its JSON or nil for none, expected reason.
    static let claims: [(String, String?, TokenRefusal.Reason?)] = {
        let now = TokenChecks.now.seconds
        return [
            ("iss", nil, .malformedClaims), ("iss", "1", .malformedClaims), ("iss", #""""#, .malformedClaims),
            ("iss", #"["https://issuer.example"]"#, .malformedClaims),
            ("iss", #""https://issuer.example/""#, .unknownIssuer),
            ("iss", #""https://ISSUER.example""#, .unknownIssuer),
            ("iss", #""https://issuer.example\u00a0""#, .unknownIssuer),
            ("aud", nil, .missingClaim), ("aud", "null", .malformedClaim), ("aud", "1", .malformedClaim),
            ("aud", #"{"postern.example":true}"#, .malformedClaim), ("aud", "[]", .audience),
            ("aud", #""""#, .audience),
            ("aud", #"["postern.example"]"#, nil), ("aud", #"["postern.example","postern.example"]"#, nil),
            ("aud", #"["postern.example","https://other.example"]"#, .audience),
            ("aud", #""https://other.example""#, .audience),
            ("aud", #""Postern.example""#, .audience), ("aud", #""postern.example ""#, .audience),
            ("aud", #"["postern.example",1]"#, .malformedClaim), ("aud", #"[["postern.example"]]"#, .malformedClaim),
            (
                "aud", "[" + Array(repeating: #""postern.example""#, count: 17).joined(separator: ",") + "]",
                .malformedClaim
            ),
            ("azp", #""postern.example""#, nil), ("azp", #""other""#, .authorizedParty), ("azp", "1", .malformedClaim),
            ("sub", nil, .missingClaim), ("sub", #""""#, .malformedClaim), ("sub", "1", .malformedClaim),
            ("sub", "null", .malformedClaim), ("sub", "\"\(String(repeating: "s", count: 1025))\"", .malformedClaim),
            ("exp", nil, .missingClaim), ("exp", "\"\(now + 60)\"", .malformedClaim), ("exp", "true", .malformedClaim),
            ("exp", "null", .malformedClaim), ("exp", "[\(now + 60)]", .malformedClaim),
            ("exp", "1e400", .malformedClaim),
            ("exp", "-1", .malformedClaim), ("exp", "9007199254740993", .malformedClaim),
            ("exp", "9223372036854775808", .malformedClaim), ("exp", "NaN", .malformedClaims),
            ("exp", "\(now + 60).75", nil), ("exp", "1.795224640e9", nil),
            ("exp", "\(now)", nil), ("exp", "\(now - 29)", .lifetime), ("exp", "0", .lifetime),
            ("exp", "\(now - 10)", .lifetime), ("exp", "\(now - 9)", nil),
            ("exp", "\(now + 3890)", nil), ("exp", "\(now + 3891)", .lifetime),
            ("iat", nil, .missingClaim), ("iat", #""1""#, .malformedClaim), ("iat", "false", .malformedClaim),
            ("iat", "\(now + 30)", nil), ("iat", "\(now + 31)", .issuedInTheFuture),
            ("iat", "\(now - 4000)", .lifetime),
            ("nbf", nil, nil), ("nbf", "null", .malformedClaim), ("nbf", #""1""#, .malformedClaim),
            ("nbf", "\(now + 30)", nil), ("nbf", "\(now + 31)", .notYetValid), ("nbf", "1", nil),
            ("jti", nil, nil), ("jti", "1", .malformedClaim), ("jti", #""""#, .malformedClaim),
            ("extra", #""\u0000""#, .malformedClaims), ("extra", #""\ud800""#, .malformedClaims),
            ("extra", #"{"a":1,"a":2}"#, .malformedClaims),
            ("extra", "1,\"aud\":\"postern.example\"", .malformedClaims),
            ("extra", String(repeating: "[", count: 17) + String(repeating: "]", count: 17), .malformedClaims),
        ]
    }()

    @Test(arguments: claims)
    func `claims are exact, typed and in time`(name: String, json: String?, reason: TokenRefusal.Reason?) throws {
        let mint = try Self.ecMint.get()
        let token = try mint.token(claims: TokenChecks.claims.with(name, json).json)
        #expect(try TokenChecks(mint).reason(token) == reason)
    }

    @Test(arguments: ["", "[]", "null", "1", #""claims""#, "{", "{} {}"])
    func `a payload that is no object is refused`(payload: String) throws {
        let mint = try Self.ecMint.get()
        #expect(try TokenChecks(mint).reason(mint.token(claims: payload)) == .malformedClaims)
    }

    @Test func `the shape of a token is strict`() throws {
        let mint = try Self.ecMint.get()
        let checks = try TokenChecks(mint)
        let text = String(decoding: try mint.token(claims: TokenChecks.claims.json).reveal(), as: UTF8.self)
        let json = #"{"payload":"e30","signatures":[]}"#
        for bad in ["", ".", "...", "a.b", " \(text)", "\(text)\n", "\(text).AAAA", "\(text).", ".\(text)", json] {
            #expect(checks.reason(Redacted(Array(bad.utf8))) == .malformedToken, "\(bad)")
        }
        let parts = text.split(separator: ".")
        #expect(checks.reason(Redacted(Array("\(parts[0]).\(parts[1]).".utf8))) == .signature)
        #expect(checks.reason(Redacted(Array("\(parts[0])..\(parts[2])".utf8))) == .malformedClaims)
        let five = Array(repeating: String(parts[0]), count: 5).joined(separator: ".")
        #expect(checks.reason(Redacted(Array(five.utf8))) == .malformedToken)
        #expect(checks.reason(Redacted([UInt8](repeating: 0x41, count: 16_385))) == .tooLarge)
        #expect(checks.reason(Redacted([UInt8](repeating: 0x41, count: 16_384))) == .malformedToken)
    }

    @Test func `an issuer's own limits hold`() throws {
        let mint = try Self.ecMint.get()
        var checks = try TokenChecks(mint)
        let token = try mint.token(claims: TokenChecks.claims.with("azp", #""runner""#).json)
        checks.settings = TokenChecks.settings(algorithms: [.rs256, .es384])
        #expect(checks.reason(token) == .algorithm)
        checks.settings = TokenChecks.settings(requiredType: "at+jwt")
        #expect(checks.reason(token) == .type)
        checks.settings = TokenChecks.settings(authorizedParties: ["runner"])
        #expect(checks.reason(token) == nil)
        checks.settings = TokenChecks.settings(maxTokenAge: .seconds(20), authorizedParties: ["runner"])
        checks.now = TokenChecks.now.advanced(by: .seconds(40))
        #expect(checks.reason(token) == nil)
        checks.now = TokenChecks.now.advanced(by: .microseconds(40_000_001))
        #expect(checks.reason(token) == .tooOld)
    }

    @Test func `a clock may be off by a minute at most`() {
        let skews = [-5, 0, 30, 60, 61, 600].map { seconds in
            IssuerSettings(name: "a", issuer: "b", audience: "c", clockSkew: .seconds(seconds)).clockSkew
        }
        #expect(skews == [0, 0, 30, 60, 60, 60].map { .seconds($0) })
    }

    @Test func `an RSA public key is no HMAC secret`() throws {
        let mint = try Self.rsaMint.get()
        let header = #"{"alg":"HS256","typ":"JWT","kid":"key-1"}"#
        let token = TokenMint.token(header: header, claims: TokenChecks.claims.json, signature: [1, 2, 3])
        #expect(try TokenChecks(mint).reason(token) == .algorithm)
    }

    @Test func `a refusal says what the token said, escaped and cut`() throws {
        let mint = try TokenMint(.es256, keyID: "k\\1")
        let other = try TokenMint(.es256, keyID: "k\\1")
        let checks = try TokenChecks(mint)
        let refusal = #expect(throws: TokenRefusal.self) {
            try checks.verify(other.token(claims: TokenChecks.claims.json))
        }
        #expect(refusal?.unverifiedKeyID == #"k\\1"#)
        #expect(refusal?.unverifiedIssuer == TokenChecks.issuer)
        #expect(refusal?.identity == nil)
        let long = #expect(throws: TokenRefusal.self) {
            let issuer = "\"" + String(repeating: "\\n", count: 100) + "é\""
            _ = try checks.verify(mint.token(claims: TokenChecks.claims.with("iss", issuer).json))
        }
        #expect(long?.unverifiedIssuer == String(repeating: #"\x0a"#, count: 64))
        let late = #expect(throws: TokenRefusal.self) {
            var late = checks
            late.now = late.now.advanced(by: .seconds(1000))
            _ = try late.verify(mint.token(claims: TokenChecks.claims.json))
        }
        #expect(late?.reason == .expired)
        #expect(late?.claim == "exp")
        #expect(late?.identity?.issuer == "ci")
        #expect(late?.identity?.subject == "repo:acme/orders:ref:refs/heads/main")
    }
}
