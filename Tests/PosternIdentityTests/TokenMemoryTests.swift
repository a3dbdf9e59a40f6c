import PosternCore
import PosternIdentity
import PosternTestKit
import Testing

struct TokenMemoryTests {
    private static let mint = Result { try TokenMint(.es256) }
    private let checks: TokenChecks
    private let current: TokenMemory.Issuer

    init() throws {
        checks = try TokenChecks(Self.mint.get())
        current = .init(settings: checks.settings, keySet: checks.keySet.identity)
    }

    private func token(_ id: Int = 0) throws -> Redacted<[UInt8]> {
        try Self.mint.get().token(claims: TokenChecks.claims.with("jti", #""id-\#(id)""#).json)
    }

    private func recall(
        _ memory: inout TokenMemory,
        _ token: Redacted<[UInt8]>,
        after: Duration = .zero,
        under: TokenMemory.Issuer?
    ) throws -> String {
        let fingerprint = try #require(TokenFingerprint(token))
        switch memory.recall(fingerprint, now: checks.now.advanced(by: after), current: { _ in under }) {
        case nil: return "verify"
        case .success(let token)?: return token.tokenID ?? "-"
        case .failure(let refusal)?: return refusal.reason.rawValue
        }
    }

    @Test func `a remembered token is good again, in its time`() throws {
        var memory = TokenMemory()
        let token = try token()
        #expect(try recall(&memory, token, under: current) == "verify")
        memory.remember(try checks.verify(token), verifiedUnder: current)
        #expect(try recall(&memory, token, under: current) == "id-0")
        #expect(try recall(&memory, token, after: .seconds(319), under: current) == "id-0")
        #expect(try recall(&memory, token, after: .seconds(-41), under: current) == "not yet valid")
        #expect(memory.count == 0)
        memory.remember(try checks.verify(token), verifiedUnder: current)
        #expect(try recall(&memory, token, after: .seconds(320), under: current) == "expired")
        #expect(memory.count == 0)
    }

    @Test func `another signature over the same claims is verified anew`() throws {
        var memory = TokenMemory()
        let first = try token(), second = try token()
        #expect(first.reveal() != second.reveal())
        memory.remember(try checks.verify(first), verifiedUnder: current)
        #expect(try recall(&memory, second, under: current) == "verify")
        var forged = first.reveal()
        forged[forged.count - 2] ^= 1
        #expect(try recall(&memory, Redacted(forged), under: current) == "verify")
        #expect(try recall(&memory, Redacted(Array(first.reveal().dropLast())), under: current) == "verify")
        #expect(try recall(&memory, first, under: current) == "id-0")
        memory.remember(try checks.verify(second), verifiedUnder: current)
        #expect(memory.count == 1)
        #expect(try recall(&memory, first, under: current) == "verify")
    }

    @Test func `other keys, other settings or no issuer end the memory`() throws {
        let otherKeys = try TokenChecks(TokenMint(.es256)).keySet.identity
        let changes: [TokenMemory.Issuer?] = [
            nil, .init(settings: checks.settings, keySet: otherKeys),
            .init(settings: TokenChecks.settings(maxTokenAge: .seconds(3600)), keySet: checks.keySet.identity),
            .init(settings: TokenChecks.settings(algorithms: [.es256]), keySet: checks.keySet.identity),
        ]
        for change in changes {
            var memory = TokenMemory()
            let token = try token()
            memory.remember(try checks.verify(token), verifiedUnder: current)
            #expect(try recall(&memory, token, under: change) == "verify")
            #expect(try recall(&memory, token, under: current) == "verify")
            #expect(memory.count == 0)
        }
    }

    @Test func `the memory is bounded and keeps what is used`() throws {
        var memory = TokenMemory(capacity: 4)
        let tokens = try (0..<12).map { try token($0) }
        for (index, token) in tokens.enumerated() {
            memory.remember(try checks.verify(token), verifiedUnder: current)
            #expect(memory.count == min(index + 1, 4))
            #expect(try recall(&memory, tokens[0], under: current) == "id-0")
        }
        let kept = try tokens.count { try recall(&memory, $0, under: current) != "verify" }
        #expect(kept == 4)
        #expect(try recall(&memory, tokens[11], under: nil) == "verify")
        memory.remember(try checks.verify(tokens[1]), verifiedUnder: current)
        #expect(memory.count == 4)
    }
}
