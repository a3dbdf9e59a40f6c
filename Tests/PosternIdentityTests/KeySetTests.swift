import PosternCore
import PosternIdentity
import PosternTestKit
import Testing

struct KeySetTests {
    private func parse(_ keys: [JSONObject]) throws -> KeySet {
        try KeySet.parse(Array(JSONValue.object(["keys": .array(keys.map { .object($0) })]).text.utf8))
    }

    private func with(_ object: JSONObject, _ name: String, _ value: JSONValue?) -> JSONObject {
        var copy = JSONObject()
        for member in object.members where member.name != name { copy.append(member.name, member.value) }
        if let value { copy.append(name, value) }
        return copy
    }

    private func header(_ algorithm: SignatureAlgorithm, _ keyID: String?) throws -> TokenHeader {
        let name = keyID.map { #","kid":"\#($0)""# } ?? ""
        let text = #"{"alg":"\#(algorithm.rawValue)"\#(name)}"#
        return try CompactToken.parse(TokenMint.token(header: text, claims: #"{"iss":"a"}"#, signature: [1])).header
    }

    @Test func `keys that cannot check tokens are skipped with their reason`() throws {
        let good = try TestKey(.ed25519).jwk(keyID: "good")
        let rsa = try TestKey(.rsa(bits: 2048)).jwk(keyID: "rsa")
        let curve = try TestKey(.curve(.p256)).jwk(keyID: "ec")
        let other = try TestKey(.curve(.p384)).jwk()
        let cases: [(JSONObject, String)] = [
            (try TestKey(.rsa(bits: 1024)).jwk(), "weak key"),
            (with(rsa, "e", .string("Aw")), "weak key"),
            (with(rsa, "e", .string("AQAA")), "weak key"),
            (with(rsa, "e", .string("AQAAAAAAAAAB")), "weak key"),
            (with(rsa, "n", .string("")), "malformed"),
            (with(rsa, "n", nil), "malformed"),
            (with(rsa, "n", .string("A+==")), "malformed"),
            (with(rsa, "kty", nil), "malformed"),
            (with(rsa, "kty", .string("AKP")), "unknown key type"),
            (with(rsa, "kty", .string("rsa")), "unknown key type"),
            (with(rsa, "kid", .number(.init(1))), "malformed"),
            (with(rsa, "kid", .string("a\nb")), "malformed"),
            (with(rsa, "d", .string("AQAB")), "holds private parts"),
            (with(rsa, "use", .string("enc")), "not for signatures"),
            (with(rsa, "use", .null), "malformed"),
            (with(rsa, "key_ops", .array([.string("sign")])), "not for signatures"),
            (with(rsa, "key_ops", .string("verify")), "malformed"),
            (with(rsa, "alg", .string("ES256")), "unknown algorithm, or one of another key type"),
            (with(rsa, "alg", .string("RSA-OAEP")), "unknown algorithm, or one of another key type"),
            (["kty": .string("oct"), "k": .string("c2VjcmV0")], "a symmetric key"),
            (with(curve, "crv", .string("secp256k1")), "unknown key type"),
            (with(curve, "crv", .string("P-384")), "malformed"),
            (with(curve, "crv", .string("RSA")), "unknown key type"),
            (with(curve, "y", curve["x"]), "not a valid key"),
            (with(curve, "x", other["x"]), "malformed"),
            (with(curve, "kty", .string("OKP")), "unknown key type"),
            (with(good, "x", .string("AAAA")), "malformed"),
            (with(good, "crv", .string("X25519")), "unknown key type"),
        ]
        let set = try parse([good] + cases.map(\.0))
        #expect(TestKey.errorQueueIsEmpty)
        #expect(set.keys.map(\.keyID) == ["good"])
        #expect(set.skipped.map(\.index) == Array(1...cases.count))
        for (skipped, (_, reason)) in zip(set.skipped, cases) {
            #expect(skipped.reason.rawValue == reason, "key \(skipped.index)")
        }
    }

    @Test func `a set with a changed byte is refused or another set`() throws {
        for kind in [TestKey.Kind.curve(.p256), .ed25519] {
            let key = try TestKey(kind).jwk(keyID: "a")
            let good = Array(JSONValue.object(["keys": .array([.object(key)])]).text.utf8)
            let identity = try KeySet.parse(good).identity
            for index in good.indices {
                var bad = good
                bad[index] ^= 1
                #expect((try? KeySet.parse(bad))?.identity != identity)
            }
        }
    }

    @Test func `a leading zero in n is forgiven`() throws {
        let mint = try TokenMint(.rs256)
        let jwk = try mint.key.jwk(keyID: "key-1")
        let text = try #require(jwk["n"]?.stringValue)
        let n = try #require(Base64.decode(Array(text.utf8), .url))
        let set = try parse([with(jwk, "n", .string(Base64.encode([0] + n, .url)))])
        let checks = TokenChecks(keySet: set)
        #expect(checks.reason(try mint.token(claims: TokenChecks.claims.json)) == nil)
        #expect(set.identity == (try parse([jwk]).identity))
    }

    @Test(arguments: [
        ("", "malformed"), ("[]", "malformed"), ("{}", "malformed"), (#"{"keys":{}}"#, "malformed"),
        (#"{"keys":[]}"#, "no usable key"), (#"{"keys":[1,null]}"#, "no usable key"),
        (#"{"keys":[],"keys":[]}"#, "malformed"), ("<html>", "malformed"),
        (#"{"keys":["# + Array(repeating: "1", count: 101).joined(separator: ",") + "]}", "more than 100"),
        (String(repeating: " ", count: 262_145), "more than 262144"),
    ])
    func `a set without a usable key is a failure`(text: String, reason: String) throws {
        let failure = #expect(throws: KeySet.Failure.self) { try KeySet.parse(Array(text.utf8)) }
        #expect(try #require(failure?.description).contains(reason))
    }

    @Test func `a key id names one key for each algorithm, or none`() throws {
        let first = try TestKey(.curve(.p256)), second = try TestKey(.curve(.p256)), third = try TestKey(.ed25519)
        let mixed = try parse([try first.jwk(keyID: "a"), try third.jwk(keyID: "a")])
        #expect(mixed.key(for: try header(.es256, "a"))?.kind == .p256)
        #expect(mixed.key(for: try header(.edDSA, "a"))?.kind == .ed25519)
        #expect(mixed.key(for: try header(.rs256, "a")) == nil)
        let twice = try parse([try first.jwk(keyID: "a"), try second.jwk(keyID: "a"), try third.jwk(keyID: "b")])
        #expect(twice.keys.map(\.keyID) == ["b"])
        #expect(twice.skipped.map(\.reason) == [.duplicateKeyID, .duplicateKeyID])
    }

    @Test func `a token without a key id gets a key only if no other would do`() throws {
        let first = try TestKey(.curve(.p256)), second = try TestKey(.curve(.p256)), third = try TestKey(.ed25519)
        let set = try parse([try first.jwk(keyID: "a"), try third.jwk()])
        #expect(set.key(for: try header(.es256, nil))?.keyID == "a")
        #expect(set.key(for: try header(.edDSA, nil)) != nil)
        #expect(set.key(for: try header(.edDSA, "c")) == nil)
        #expect(set.key(for: try header(.es384, nil)) == nil)
        let two = try parse([try first.jwk(keyID: "a"), try second.jwk(keyID: "b")])
        #expect(two.key(for: try header(.es256, nil)) == nil)
    }

    @Test func `a key's own algorithm binds it`() throws {
        let key = try TestKey(.rsa(bits: 2048))
        let set = try parse([try key.jwk(keyID: "a", algorithm: "PS256")])
        #expect(set.key(for: try header(.ps256, "a")) != nil)
        #expect(set.key(for: try header(.rs256, "a")) == nil)
    }

    @Test func `the identity is the content's, not the spelling's`() throws {
        let first = try TestKey(.curve(.p256)).jwk(keyID: "a"), second = try TestKey(.ed25519).jwk(keyID: "b")
        let both = try parse([first, second]).identity
        #expect(both == (try parse([second, with(first, "x5c", .array([]))]).identity))
        #expect(both != (try parse([first]).identity))
        #expect(both != (try parse([first, with(second, "kid", .string("c"))]).identity))
        #expect(both != (try parse([first, with(second, "alg", .string("EdDSA"))]).identity))
    }
}
