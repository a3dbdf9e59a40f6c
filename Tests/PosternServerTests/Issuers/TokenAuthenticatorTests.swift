import Dispatch
import PosternCore
import PosternIdentity
import PosternNet
import PosternServer
import PosternTestKit
import Synchronization
import Testing

/// Gives what a test has put in, and counts.
private final class ScriptedFetcher: KeySetFetching {
    private let state: Mutex<(replies: [Result<KeySet, KeySetFetchFailure>], count: Int)>

    init(_ replies: [Result<KeySet, KeySetFetchFailure>]) {
        state = Mutex((replies, 0))
    }

    var count: Int { state.withLock { $0.count } }

    /// The last reply is repeated.
    func fetch(_ request: KeySetRequest) throws(KeySetFetchFailure) -> FetchedKeySet {
        let reply = state.withLock { state in
            state.count += 1
            return state.replies.count > 1 ? state.replies.removeFirst() : state.replies[0]
        }
        return .keySet(try reply.get(), freshness: nil, tag: nil)
    }
}

/// Holds those who ask for one audience until they are let go; gives the others their keys at once.
private final class HeldFetcher: KeySetFetching {
    private let gate = DispatchSemaphore(value: 0)
    private let audience: String
    private let keySet: KeySet

    init(holding audience: String, keySet: KeySet) {
        self.audience = audience
        self.keySet = keySet
    }

    func letGo() { gate.signal() }

    func fetch(_ request: KeySetRequest) throws(KeySetFetchFailure) -> FetchedKeySet {
        if request.settings.audience == audience { gate.wait() }
        return .keySet(keySet, freshness: nil, tag: nil)
    }
}

struct TokenAuthenticatorTests {
    private static let now = Timestamp(seconds: 1_795_224_580)
    private static let issuer = "https://issuer.example"
    private static let mint = Result { try TokenMint(.es256) }
    /// The same key id with another key behind it.
    private static let rotated = Result { try TokenMint(.es256) }
    private static let pool = BlockingPool(label: "postern.tests", threads: 4)

    private final class Fixture: Sendable {
        let fetcher: ScriptedFetcher
        let directory: IssuerDirectory
        let authenticator: TokenAuthenticator

        init(_ replies: [Result<KeySet, KeySetFetchFailure>]) {
            fetcher = ScriptedFetcher(replies)
            // The clock stands still: no cooldown ends.
            let time = MonotonicTime(nanoseconds: 1_000_000_000_000)
            directory = IssuerDirectory(fetcher: fetcher, clock: { time })
            authenticator = TokenAuthenticator(directory: directory, pool: pool)
            directory.replace([.init(settings: TokenAuthenticatorTests.settings())])
        }

        func reason(_ token: Redacted<[UInt8]>) async -> TokenRefusal.Reason? {
            TokenAuthenticatorTests.reason(await authenticator.authenticate(token, now: now))
        }

        func remembers(_ token: Redacted<[UInt8]>, after: Duration = .zero) -> String {
            switch authenticator.remembered(token, now: now.advanced(by: after)) {
            case nil: "no"
            case .success?: "yes"
            case .failure(let refusal)?: refusal.reason.rawValue
            }
        }
    }

    private static func settings(audience: String = "postern.example") -> IssuerSettings {
        IssuerSettings(name: "ci", issuer: issuer, audience: audience)
    }

    private static func reason(_ result: Result<VerifiedToken, TokenRefusal>) -> TokenRefusal.Reason? {
        switch result {
        case .success: nil
        case .failure(let refusal): refusal.reason
        }
    }

    private func keys(_ mints: TokenMint...) throws -> Result<KeySet, KeySetFetchFailure> {
        .success(try KeySet.parse(Array(TokenMint.keySetText(mints).utf8)))
    }

    private func token(_ mint: TokenMint, _ id: Int = 0) throws -> Redacted<[UInt8]> {
        let claims = TestClaims(issuer: Self.issuer, audience: "postern.example", now: Self.now)
        return try mint.token(claims: claims.with("jti", #""id-\#(id)""#).json)
    }

    @Test func `a hundred connections at once fetch once, and the next one checks nothing`() async throws {
        let mint = try Self.mint.get()
        let fixture = Fixture([try keys(mint)])
        defer { fixture.directory.stop() }
        let tokens = try (0..<10).map { try token(mint, $0) }
        let good = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<100 { group.addTask { await fixture.reason(tokens[index % 10]) == nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(good == 100)
        #expect(fixture.fetcher.count == 1)
        for token in tokens { #expect(fixture.remembers(token) == "yes") }
        #expect(fixture.remembers(tokens[0], after: .seconds(400)) == "expired")
        #expect(fixture.remembers(tokens[0]) == "no")
        #expect(fixture.remembers(Redacted(Array("a.b.c".utf8))) == "no")
        #expect(fixture.remembers(Redacted([])) == "no")
    }

    @Test func `a key replaced under its id is found, once`() async throws {
        let old = try Self.mint.get(), new = try Self.rotated.get()
        let fixture = Fixture([try keys(old), try keys(new)])
        defer { fixture.directory.stop() }
        let oldToken = try token(old)
        #expect(await fixture.reason(oldToken) == nil)
        #expect(await fixture.reason(try token(new)) == nil)
        #expect(fixture.fetcher.count == 2)
        #expect(fixture.remembers(oldToken) == "no")
        for id in 0..<20 { #expect(await fixture.reason(try token(old, id)) == .signature) }
        #expect(fixture.fetcher.count == 2)
    }

    @Test func `unknown key ids cost one fetch`() async throws {
        let mint = try Self.mint.get()
        let fixture = Fixture([try keys(mint)])
        defer { fixture.directory.stop() }
        #expect(await fixture.reason(try token(mint)) == nil)
        for id in 0..<20 {
            let stranger = TokenMint(key: mint.key, .es256, keyID: "key-\(id + 2)")
            #expect(await fixture.reason(try token(stranger)) == .unknownKey)
        }
        #expect(fixture.fetcher.count == 2)
    }

    @Test func `tokens that are refused anyway fetch nothing`() async throws {
        let mint = try Self.mint.get()
        let fixture = Fixture([try keys(mint)])
        defer { fixture.directory.stop() }
        #expect(await fixture.reason(try token(mint)) == nil)
        let claims = TestClaims(issuer: "https://other.example", audience: "a", now: Self.now).json
        #expect(await fixture.reason(try mint.token(claims: claims)) == .unknownIssuer)
        #expect(await fixture.reason(Redacted(Array("hunter2".utf8))) == .malformedToken)
        let typed = TestClaims(issuer: Self.issuer, audience: "a", now: Self.now).json
        let header = #"{"alg":"ES256","kid":"unknown","typ":"at+jwt"}"#
        #expect(await fixture.reason(try mint.token(header: header, claims: typed)) == .type)
        #expect(fixture.fetcher.count == 1)
    }

    @Test func `an issuer without keys refuses and says why`() async throws {
        let fixture = Fixture([.failure(KeySetFetchFailure("connection refused"))])
        defer { fixture.directory.stop() }
        #expect(await fixture.reason(try token(Self.mint.get())) == .noKeys)
        let status = try #require(fixture.directory.status().first)
        #expect(status.name == "ci")
        #expect(status.keyIDs.isEmpty)
        #expect(status.age == nil)
        #expect(status.lastError == "connection refused")
        #expect(fixture.directory.current("ci") == nil)
    }

    @Test func `a reload keeps what did not change`() async throws {
        let mint = try Self.mint.get()
        let fixture = Fixture([try keys(mint)])
        defer { fixture.directory.stop() }
        let token = try token(mint)
        #expect(await fixture.reason(token) == nil)
        fixture.directory.replace([.init(settings: Self.settings())])
        #expect(fixture.remembers(token) == "yes")
        #expect(fixture.directory.status().first?.keyIDs == ["key-1"])
        #expect(fixture.directory.status().first?.age == .zero)
        #expect(fixture.fetcher.count == 1)
        fixture.directory.replace([.init(settings: Self.settings(audience: "other.example"))])
        #expect(fixture.remembers(token) == "no")
        #expect(await fixture.reason(token) == .audience)
        #expect(fixture.fetcher.count == 2)
        fixture.directory.replace([])
        #expect(await fixture.reason(token) == .unknownIssuer)
    }

    @Test func `a login that waits for a fetch outlives a reload`() async throws {
        let mint = try Self.mint.get()
        let fetcher = HeldFetcher(holding: "before.example", keySet: try keys(mint).get())
        let directory = IssuerDirectory(fetcher: fetcher)
        defer {
            fetcher.letGo()
            directory.stop()
        }
        let authenticator = TokenAuthenticator(directory: directory, pool: Self.pool)
        let token = try token(mint)
        directory.replace([.init(settings: Self.settings(audience: "before.example"))])
        async let answer = authenticator.authenticate(token, now: Self.now)
        directory.replace([.init(settings: Self.settings())])
        #expect(Self.reason(await answer) == nil)
    }

    @Test func `no login waits for another issuer's fetch`() async throws {
        let mint = try Self.mint.get()
        let fetcher = HeldFetcher(holding: "slow.example", keySet: try keys(mint).get())
        let directory = IssuerDirectory(fetcher: fetcher)
        // Signatures are checked on one thread: a fetch that came there would hold it.
        let authenticator = TokenAuthenticator(directory: directory, pool: BlockingPool(label: "one", threads: 1))
        let slow = (0..<40).map { number in
            IssuerDirectory.Issuer(
                settings: IssuerSettings(
                    name: "slow-\(number)",
                    issuer: "https://slow-\(number).example",
                    audience: "slow.example"
                )
            )
        }
        defer {
            for _ in slow { fetcher.letGo() }
            directory.stop()
        }
        directory.replace(slow + [.init(settings: Self.settings())])
        #expect(Self.reason(await authenticator.authenticate(try token(mint), now: Self.now)) == nil)
        // The forty are still at it.
        #expect(directory.status().filter { $0.age != nil }.map(\.name) == ["ci"])
    }

    @Test func `what is used of keys past their time is counted`() async throws {
        let mint = try Self.mint.get()
        let time = Mutex(MonotonicTime(nanoseconds: 1_000_000_000_000))
        let directory = IssuerDirectory(fetcher: ScriptedFetcher([try keys(mint)]), clock: { time.withLock { $0 } })
        defer { directory.stop() }
        let authenticator = TokenAuthenticator(directory: directory, pool: Self.pool)
        directory.replace([.init(settings: Self.settings())])
        #expect(Self.reason(await authenticator.authenticate(try token(mint), now: Self.now)) == nil)
        let fresh = try #require(directory.status().first)
        #expect((fresh.staleUses, fresh.fetches.loaded, fresh.isStale) == (0, 1, false))
        time.withLock { $0 = $0.advanced(by: .seconds(601)) }
        #expect(directory.status().first?.isStale == true)
        #expect(Self.reason(await authenticator.authenticate(try token(mint), now: Self.now)) == nil)
        #expect(directory.status().first?.staleUses == 1)
        time.withLock { $0 = $0.advanced(by: .seconds(2 * 86_400)) }
        #expect(directory.current("ci") == nil, "keys end with the limit, whether somebody looks or not")
    }

    @Test func `a reload reads a key file again`() async throws {
        let first = try Self.mint.get()
        let second = TokenMint(key: try Self.rotated.get().key, .es256, keyID: "key-2")
        let path = try LocalIssuer.shared.get().folder + "/reloaded.json"
        #expect(TestFiles.write(try first.keySetText(), to: path))
        let settings = IssuerSettings(
            name: "ci",
            issuer: Self.issuer,
            audience: "postern.example",
            keys: .file(path: path)
        )
        let directory = IssuerDirectory()
        defer { directory.stop() }
        let authenticator = TokenAuthenticator(directory: directory, pool: Self.pool)
        directory.replace([.init(settings: settings)])
        #expect(Self.reason(await authenticator.authenticate(try token(first), now: Self.now)) == nil)
        #expect(TestFiles.write(try second.keySetText(), to: path))
        directory.replace([.init(settings: settings)])
        #expect(Self.reason(await authenticator.authenticate(try token(second), now: Self.now)) == nil)
        #expect(Self.reason(await authenticator.authenticate(try token(first, 1), now: Self.now)) == .unknownKey)
    }

    @Test func `the whole way, from a server's discovery document to a verified token`() async throws {
        let issuer = try LocalIssuer.shared.get()
        let settings = IssuerSettings(
            name: "local",
            issuer: issuer.url("/ok"),
            audience: "postern.example",
            connection: issuer.connection
        )
        let directory = IssuerDirectory()
        defer { directory.stop() }
        let authenticator = TokenAuthenticator(directory: directory, pool: Self.pool)
        directory.replace([.init(settings: settings)])
        let claims = TestClaims(issuer: issuer.url("/ok"), audience: "postern.example", now: Self.now)
        let verified = try await authenticator.authenticate(issuer.mint.token(claims: claims.json), now: Self.now).get()
        #expect(verified.issuer == "local")
        #expect(verified.keyID == "served")
    }
}
