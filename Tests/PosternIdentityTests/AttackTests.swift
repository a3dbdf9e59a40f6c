import PosternCore
import PosternIdentity
import PosternTestKit
import Testing

/// The attacks of `docs/issuers-keys.md`, each refused for its own reason. The journal has the reason; the job does not.
struct AttackTests {
    private static let table = (try? Attack.table.get()) ?? []

    @Test(arguments: table)
    func `an attack is refused for its own reason`(attack: Attack) throws {
        let bench = try AttackBench.shared.get()
        #expect(bench.reason(try attack.token(bench)) == attack.reason)
        #expect(TestKey.errorQueueIsEmpty)
    }

    @Test func `every kind of attack has a row, and none has two of one name`() throws {
        let table = try Attack.table.get()
        #expect(Set(table.map(\.number)) == Set(1...24))
        #expect(Set(table.map(\.testDescription)).count == table.count)
    }

    @Test func `a token that is no attack is good`() throws {
        let bench = try AttackBench.shared.get()
        let claims = TestClaims(issuer: AttackBench.issuer, audience: AttackBench.audience, now: AttackBench.now).json
        let header = #"{"alg":"ES256","kid":"ec","typ":"JWT"}"#
        let input = TokenMint.signingInput(header, claims)
        let signature = try bench.signature("good", of: input, key: "ec")
        #expect(bench.reason(TokenMint.token(header: header, claims: claims, signature: signature)) == nil)
        let rsa = #"{"alg":"RS256","kid":"rsa"}"#
        let other = try bench.signature("good", of: TokenMint.signingInput(rsa, claims), key: "rsa")
        #expect(bench.reason(TokenMint.token(header: rsa, claims: claims, signature: other)) == nil)
    }
}
