import PosternCore
import PosternIdentity
import PosternTestKit
import Testing

struct KeySetCacheTests {
    private static let mint = Result { try TokenMint(.edDSA) }

    private func at(_ seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: UInt64((1000 + seconds) * 1e9))
    }

    private func keySet() throws -> KeySet { try KeySet.parse(Array(Self.mint.get().keySetText().utf8)) }

    private func header(_ keyID: String = "key-1") throws -> TokenHeader {
        let text = #"{"alg":"EdDSA","kid":"\#(keyID)"}"#
        return try CompactToken.parse(TokenMint.token(header: text, claims: #"{"iss":"a"}"#, signature: [1])).header
    }

    private func holding(at seconds: Double = 0, maxAge: Duration? = nil) throws -> KeySetCache {
        var cache = KeySetCache()
        #expect(cache.tick(now: at(seconds)) == .fetch)
        cache.fetchSucceeded(try keySet(), maxAge: maxAge, now: at(seconds), jitter: 0)
        return cache
    }

    private func text(_ lookup: KeySetCache.Lookup) -> String {
        switch lookup {
        case .use(let key, _, let refresh): "use \(key.keyID ?? "-")\(refresh ? " and refresh" : "")"
        case .fetch: "fetch"
        case .wait: "wait"
        case .refuse(let reason): "refuse: \(reason.rawValue)"
        }
    }

    @Test func `the first login fetches, the others wait, then all use the key`() throws {
        var cache = KeySetCache()
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: false, now: at(0))) == "fetch")
        for _ in 0..<3 { #expect(text(cache.keyNeeded(for: try header(), afterFetch: false, now: at(0))) == "wait") }
        #expect(cache.tick(now: at(0)) == .wait)
        cache.fetchSucceeded(try keySet(), maxAge: nil, now: at(1), jitter: 0)
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: true, now: at(1))) == "use key-1")
        #expect(cache.keySet?.identity == (try keySet().identity))
    }

    @Test func `without keys logins are refused until the backoff ends`() throws {
        var cache = KeySetCache()
        #expect(cache.tick(now: at(0)) == .fetch)
        cache.fetchFailed("connection refused", now: at(0), jitter: 0)
        #expect(cache.lastError == "connection refused")
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: true, now: at(0))) == "refuse: no keys")
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: false, now: at(0.9))) == "refuse: no keys")
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: false, now: at(1))) == "fetch")
    }

    @Test func `the backoff doubles up to a minute, and a success ends it`() throws {
        var cache = KeySetCache()
        var now = 0.0
        for delay in [1.0, 2, 4, 8, 16, 32, 60, 60, 60] {
            #expect(cache.tick(now: at(now)) == .fetch)
            cache.fetchFailed("down", now: at(now), jitter: 0)
            #expect(cache.tick(now: at(now)) == .sleep(until: at(now + delay)))
            now += delay
        }
        #expect(cache.tick(now: at(now)) == .fetch)
        cache.fetchSucceeded(try keySet(), maxAge: nil, now: at(now), jitter: 0)
        #expect(cache.lastError == nil)
        #expect(cache.tick(now: at(now)) == .sleep(until: at(now + 480)))
        #expect(cache.tick(now: at(now + 480)) == .fetch)
        cache.fetchFailed("down", now: at(now + 480), jitter: 1)
        #expect(cache.tick(now: at(now + 480)) == .sleep(until: at(now + 480.75)))
    }

    @Test(
        arguments: [
            (nil, 0.0, 480.0), (.seconds(3600), 0, 2880), (.seconds(86_400), 0, 2880), (.zero, 0, 48),
            (.seconds(-5), 0, 48), (.seconds(100), 0, 80), (.seconds(100), 1, 72), (.seconds(100), 7, 72),
        ] as [(Duration?, Double, Double)]
    )
    func `a set is refreshed at 80 % of its clamped life`(maxAge: Duration?, jitter: Double, refresh: Double) throws {
        var cache = KeySetCache()
        #expect(cache.tick(now: at(0)) == .fetch)
        cache.fetchSucceeded(try keySet(), maxAge: maxAge, now: at(0), jitter: jitter)
        #expect(cache.tick(now: at(0)) == .sleep(until: at(refresh)))
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: false, now: at(refresh - 1))) == "use key-1")
        #expect(
            text(cache.keyNeeded(for: try header(), afterFetch: false, now: at(refresh))) == "use key-1 and refresh"
        )
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: false, now: at(refresh))) == "use key-1")
    }

    @Test func `a flood of unknown key ids fetches once in 30 s`() throws {
        var cache = try holding()
        var fetches = 0
        for step in 0..<900 {
            let now = at(Double(step) / 10)
            switch cache.keyNeeded(for: try header("random-\(step)"), afterFetch: false, now: now) {
            case .fetch:
                fetches += 1
                cache.fetchSucceeded(try keySet(), maxAge: nil, now: now, jitter: 0)
            case .refuse(let reason): #expect(reason == .unknownKey)
            case .use, .wait: Issue.record("neither a key nor a fetch under way was expected")
            }
        }
        #expect(fetches == 3)
    }

    @Test func `a key id that a fetch did not bring stays unknown for a minute`() throws {
        var cache = try holding()
        #expect(text(cache.keyNeeded(for: try header("new"), afterFetch: false, now: at(1))) == "fetch")
        #expect(text(cache.keyNeeded(for: try header("new"), afterFetch: false, now: at(1))) == "wait")
        cache.fetchSucceeded(try keySet(), maxAge: nil, now: at(2), jitter: 0)
        #expect(text(cache.keyNeeded(for: try header("new"), afterFetch: true, now: at(2))) == "refuse: unknown key")
        #expect(
            text(cache.keyNeeded(for: try header("new"), afterFetch: false, now: at(61.9))) == "refuse: unknown key"
        )
        #expect(text(cache.keyNeeded(for: try header("other"), afterFetch: false, now: at(31))) == "fetch")
        cache.fetchSucceeded(try keySet(), maxAge: nil, now: at(32), jitter: 0)
        #expect(text(cache.keyNeeded(for: try header("new"), afterFetch: false, now: at(62))) == "fetch")
    }

    @Test func `a rotated key is known as soon as a fetch brings it`() throws {
        var cache = try holding()
        #expect(text(cache.keyNeeded(for: try header("new"), afterFetch: false, now: at(1))) == "fetch")
        cache.fetchFailed("down", now: at(1), jitter: 0)
        #expect(text(cache.keyNeeded(for: try header("new"), afterFetch: true, now: at(1))) == "refuse: unknown key")
        #expect(cache.tick(now: at(480)) == .fetch)
        let rotated = TokenMint(key: try Self.mint.get().key, .edDSA, keyID: "new")
        cache.fetchSucceeded(try KeySet.parse(Array(rotated.keySetText().utf8)), maxAge: nil, now: at(480), jitter: 0)
        #expect(text(cache.keyNeeded(for: try header("new"), afterFetch: false, now: at(480))) == "use new")
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: true, now: at(480))) == "refuse: unknown key")
    }

    @Test func `a bad signature asks for one throttled fetch`() throws {
        var cache = try holding()
        #expect(cache.signatureFailed(now: at(1)) == .fetch)
        #expect(cache.signatureFailed(now: at(1)) == .wait)
        cache.fetchSucceeded(try keySet(), maxAge: nil, now: at(2), jitter: 0)
        #expect(cache.signatureFailed(now: at(30.9)) == .refuse)
        #expect(cache.signatureFailed(now: at(31)) == .fetch)
        cache.fetchFailed("down", now: at(31), jitter: 0)
        #expect(cache.signatureFailed(now: at(31.5)) == .refuse)
    }

    @Test func `keys outlive failures for a day and no longer`() throws {
        var cache = try holding()
        #expect(cache.tick(now: at(480)) == .fetch)
        cache.fetchFailed("down", now: at(480), jitter: 0)
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: false, now: at(86_400))) == "use key-1 and refresh")
        cache.fetchFailed("down", now: at(86_400), jitter: 0)
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: false, now: at(86_401))) == "refuse: no keys")
        #expect(cache.keySet == nil)
    }

    @Test func `a kept set counts once the first fetch has failed, and not before`() throws {
        var cache = KeySetCache()
        cache.offerKept(try keySet(), age: .seconds(3600), now: at(0))
        #expect(cache.holding(now: at(0)) == nil)
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: false, now: at(0))) == "fetch")
        cache.fetchFailed("down", now: at(5), jitter: 0)
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: true, now: at(5))) == "use key-1")
        let holding = try #require(cache.holding(now: at(5)))
        #expect(holding.isKept && holding.isStale(now: at(5)))
        #expect(holding.age(now: at(5)) == .seconds(3605))
        #expect(cache.lastError == "down")
        #expect(text(cache.keyNeeded(for: try header("new"), afterFetch: false, now: at(5))) == "refuse: unknown key")
        #expect(cache.tick(now: at(5)) == .sleep(until: at(6)))
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: false, now: at(6))) == "use key-1 and refresh")
        cache.fetchFailed("down", now: at(6), jitter: 0)
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: false, now: at(82_800))) == "use key-1 and refresh")
        #expect(cache.holding(now: at(82_801)) == nil)
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: true, now: at(82_801))) == "refuse: no keys")
    }

    @Test func `an issuer that answers makes a kept set nothing`() throws {
        var cache = KeySetCache()
        cache.offerKept(try keySet(), age: .zero, now: at(0))
        #expect(cache.tick(now: at(0)) == .fetch)
        let rotated = TokenMint(key: try Self.mint.get().key, .edDSA, keyID: "new")
        cache.fetchSucceeded(try KeySet.parse(Array(rotated.keySetText().utf8)), maxAge: nil, now: at(1), jitter: 0)
        #expect(cache.holding(now: at(1))?.isKept == false)
        cache.fetchFailed("down", now: at(500), jitter: 0)
        #expect(text(cache.keyNeeded(for: try header("new"), afterFetch: true, now: at(500))) == "use new")
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: true, now: at(500))) == "refuse: unknown key")
        // Too late for a second try: what was fetched counts.
        cache.offerKept(try keySet(), age: .zero, now: at(500))
        cache.fetchFailed("down", now: at(501), jitter: 0)
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: true, now: at(501))) == "refuse: unknown key")
    }

    @Test func `a kept set that is too old is no set`() throws {
        var cache = KeySetCache()
        cache.offerKept(try keySet(), age: .seconds(86_398), now: at(0))
        #expect(cache.tick(now: at(0)) == .fetch)
        cache.fetchFailed("down", now: at(5), jitter: 0)
        #expect(text(cache.keyNeeded(for: try header(), afterFetch: true, now: at(5))) == "refuse: no keys")
    }

    @Test func `a set is stale when its time is over, until it is confirmed`() throws {
        var cache = try holding()
        #expect(cache.holding(now: at(599))?.isStale(now: at(599)) == false)
        #expect(cache.holding(now: at(600))?.isStale(now: at(600)) == true)
        #expect(cache.tick(now: at(600)) == .fetch)
        cache.fetchConfirmed(maxAge: .seconds(60), now: at(600), jitter: 0)
        #expect(cache.holding(now: at(659))?.isStale(now: at(659)) == false)
        #expect(cache.holding(now: at(660))?.isStale(now: at(660)) == true)
        #expect(cache.holding(now: at(660))?.age(now: at(660)) == .seconds(60))
    }

    @Test func `a confirmation renews what is held and nothing else`() throws {
        var cache = try holding()
        #expect(cache.tick(now: at(480)) == .fetch)
        cache.fetchConfirmed(maxAge: .seconds(1000), now: at(480), jitter: 0)
        #expect(cache.tick(now: at(481)) == .sleep(until: at(1280)))
        var empty = KeySetCache()
        #expect(empty.tick(now: at(0)) == .fetch)
        empty.fetchConfirmed(maxAge: nil, now: at(0), jitter: 0)
        #expect(empty.lastError != nil)
    }
}
