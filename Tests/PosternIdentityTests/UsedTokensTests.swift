import PosternCore
import PosternIdentity
import PosternTestKit
import Testing

struct UsedTokensTests {
    private static let mint = Result { try TokenMint(.es256) }
    private let checks: TokenChecks
    private let now = TokenChecks.now

    init() throws {
        checks = try TokenChecks(Self.mint.get())
    }

    private func key(_ changes: (name: String, json: String?)...) throws -> UsedTokens.Key {
        var claims = TokenChecks.claims
        for change in changes { claims = claims.with(change.name, change.json) }
        return UsedTokens.Key(try checks.verify(try Self.mint.get().token(claims: claims.json)))
    }

    private func numbered(_ number: Int) throws -> UsedTokens.Key { try key(("jti", #""id-\#(number)""#)) }

    private func after(_ seconds: Double) -> Timestamp { now.advanced(by: .seconds(seconds)) }

    @Test func `a token is used once until it is over`() throws {
        var tokens = UsedTokens()
        let key = try key()
        #expect(tokens.use(key, until: after(60), now: now) == .accepted)
        #expect(tokens.use(key, until: after(60), now: after(59)) == .usedBefore)
        #expect(tokens.use(key, until: after(120), now: after(60)) == .accepted)
    }

    @Test func `what is given back may be used again`() throws {
        var tokens = UsedTokens()
        let key = try key()
        #expect(tokens.use(key, until: after(60), now: now) == .accepted)
        tokens.giveBack(key)
        #expect(tokens.count == 0)
        #expect(tokens.use(key, until: after(60), now: now) == .accepted)
    }

    @Test func `issuer and jti make a token, and without jti what was signed`() throws {
        #expect(try key() == key(("ref", #""refs/heads/other""#)))
        #expect(try key() != key(("jti", #""id-2""#)))
        let nameless = try key(("jti", nil))
        #expect(try nameless == key(("jti", nil)))
        #expect(try nameless != key(("jti", nil), ("ref", #""refs/heads/other""#)))
    }

    @Test func `full is full, until something is over`() throws {
        var tokens = UsedTokens(capacity: 3)
        for number in 0..<3 {
            #expect(tokens.use(try numbered(number), until: after(Double(10 + number)), now: now) == .accepted)
        }
        #expect(tokens.use(try numbered(3), until: after(60), now: after(1)) == .full)
        #expect(tokens.use(try numbered(0), until: after(60), now: after(1)) == .usedBefore)
        // It looks once a second at most.
        #expect(tokens.use(try numbered(3), until: after(60), now: after(9.5)) == .full)
        #expect(tokens.use(try numbered(3), until: after(60), now: after(10)) == .full)
        #expect(tokens.use(try numbered(3), until: after(60), now: after(10.5)) == .accepted)
        #expect(tokens.count == 3)
        // Clocks may be set back: what is known stays known.
        #expect(tokens.use(try numbered(4), until: after(60), now: after(-100)) == .full)
    }

    @Test func `what is over does not pile up`() throws {
        var tokens = UsedTokens()
        for number in 0..<3000 {
            let moment = after(Double(number))
            let end = moment.advanced(by: .seconds(10))
            #expect(tokens.use(try numbered(number), until: end, now: moment) == .accepted)
        }
        #expect(tokens.count < 1100)
    }
}
