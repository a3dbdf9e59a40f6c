import Foundation
import PosternCore
import PosternIdentity
import PosternNet
import PosternServer
import PosternTestKit
import Synchronization
import Testing

/// Key sets on disk, and what a gateway that starts does with them.
struct KeySetKeeperTests {
    private static let mint = Result { try TokenMint(.es256) }
    private static let rotated = Result { TokenMint(key: try mint.get().key, .es256, keyID: "key-2") }
    private let now = Timestamp(seconds: 1_795_224_580)

    /// A folder of its own, what was told, and a clock that is set.
    private final class Fixture: Sendable {
        let folder: String
        let told = Mutex<[String]>([])
        let time: Mutex<Timestamp>

        init(_ now: Timestamp) throws {
            let url = FileManager.default.temporaryDirectory.appending(path: "postern-tests-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            folder = url.path()
            time = Mutex(now)
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        var path: String { folder + "/key-sets/ci.json" }

        func keeper() -> KeySetKeeper {
            KeySetKeeper(
                directory: folder,
                clock: { self.time.withLock { $0 } },
                report: { _, _, trouble in self.told.withLock { $0.append(trouble) } }
            )
        }
    }

    private func settings(caFile: String? = nil) -> IssuerSettings {
        let connection = IssuerConnection(caFile: caFile)
        return IssuerSettings(
            name: "ci",
            issuer: "https://issuer.example",
            audience: "postern.example",
            connection: connection
        )
    }

    private func keySet(_ mint: TokenMint) throws -> KeySet {
        try KeySet.parse(Array(mint.keySetText().utf8))
    }

    private func attributes(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func `a set is kept in a private file and comes back with its age`() throws {
        let fixture = try Fixture(now)
        let keeper = fixture.keeper()
        let origin = try #require(keeper.origin(of: settings()))
        #expect(keeper.keySet(of: "ci", origin) == nil)
        keeper.keep(try keySet(Self.mint.get()), of: "ci", origin)
        #expect(try attributes(fixture.path) == 0o600)
        #expect(try attributes(fixture.folder + "/key-sets") == 0o700)
        fixture.time.withLock { $0 = now.advanced(by: .seconds(90)) }
        let kept = try #require(fixture.keeper().keySet(of: "ci", origin))
        #expect(kept.keySet.identity == (try keySet(Self.mint.get()).identity))
        #expect(kept.age == .seconds(90))
        keeper.keep(try keySet(Self.rotated.get()), of: "ci", origin)
        #expect(keeper.keySet(of: "ci", origin)?.keySet.keys.map(\.keyID) == ["key-2"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.folder + "/key-sets") == ["ci.json"])
        #expect(fixture.told.withLock { $0 } == [])
    }

    @Test func `what may not be believed is told once and left alone`() throws {
        let fixture = try Fixture(now)
        let keeper = fixture.keeper()
        let origin = try #require(keeper.origin(of: settings()))
        keeper.keep(try keySet(Self.mint.get()), of: "ci", origin)
        fixture.time.withLock { $0 = now.advanced(by: .seconds(-60)) }
        for _ in 0..<3 { #expect(keeper.keySet(of: "ci", origin) == nil) }
        #expect(fixture.told.withLock { $0 } == ["it is from the future by this machine's clock"])
        fixture.time.withLock { $0 = now }
        #expect(chmod(fixture.path, 0o644) == 0)
        #expect(keeper.keySet(of: "ci", origin) == nil)
        #expect(chmod(fixture.path, 0o600) == 0)
        #expect(keeper.keySet(of: "ci", origin) != nil)
        #expect(TestFiles.write("{", to: fixture.path))
        #expect(keeper.keySet(of: "ci", origin) == nil)
        let told = fixture.told.withLock { $0 }
        #expect(told.count == 3)
        #expect(told[1].contains("may be read by others"))
        #expect(told[2].hasPrefix("it is damaged"))
    }

    @Test func `other authorities make it another's`() throws {
        let fixture = try Fixture(now)
        let keeper = fixture.keeper()
        let file = fixture.folder + "/ca.pem"
        #expect(TestFiles.write("first", to: file))
        let first = try #require(keeper.origin(of: settings(caFile: file)))
        keeper.keep(try keySet(Self.mint.get()), of: "ci", first)
        #expect(keeper.keySet(of: "ci", first) != nil)
        #expect(TestFiles.write("second", to: file))
        let second = try #require(keeper.origin(of: settings(caFile: file)))
        #expect(keeper.keySet(of: "ci", second) == nil)
        #expect(keeper.origin(of: settings(caFile: fixture.folder + "/none.pem")) == nil)
    }

    @Test func `a folder that cannot be made is told and no failure`() throws {
        let fixture = try Fixture(now)
        #expect(TestFiles.write("in the way", to: fixture.folder + "/key-sets"))
        let keeper = fixture.keeper()
        let origin = try #require(keeper.origin(of: settings()))
        for _ in 0..<2 { keeper.keep(try keySet(Self.mint.get()), of: "ci", origin) }
        #expect(fixture.told.withLock { $0 }.count == 1)
    }

    @Test func `a set that cannot be replaced is removed, since it may hold what is withdrawn`() throws {
        let fixture = try Fixture(now)
        let keeper = fixture.keeper()
        let origin = try #require(keeper.origin(of: settings()))
        keeper.keep(try keySet(Self.mint.get()), of: "ci", origin)
        // In the way of the new file.
        try FileManager.default.createDirectory(atPath: fixture.path + ".new", withIntermediateDirectories: false)
        keeper.keep(try keySet(Self.rotated.get()), of: "ci", origin)
        #expect(!FileManager.default.fileExists(atPath: fixture.path))
        #expect(fixture.told.withLock { $0 }.count == 1)
    }

    // MARK: A start

    private struct Reply: KeySetFetching {
        let result: Result<FetchedKeySet, KeySetFetchFailure>

        func fetch(_ request: KeySetRequest) throws(KeySetFetchFailure) -> FetchedKeySet { try result.get() }
    }

    private func start(
        _ fixture: Fixture,
        _ result: Result<FetchedKeySet, KeySetFetchFailure>
    ) -> (TokenAuthenticator, IssuerDirectory) {
        let directory = IssuerDirectory(fetcher: Reply(result: result), keeper: fixture.keeper())
        directory.replace([.init(settings: settings())])
        return (TokenAuthenticator(directory: directory, pool: .init(label: "keeper.tests", threads: 1)), directory)
    }

    private func reason(_ authenticator: TokenAuthenticator, _ mint: TokenMint) async throws -> TokenRefusal.Reason? {
        let claims = TestClaims(issuer: "https://issuer.example", audience: "postern.example", now: now)
        switch await authenticator.authenticate(try mint.token(claims: claims.json), now: now) {
        case .success: return nil
        case .failure(let refusal): return refusal.reason
        }
    }

    @Test func `a gateway that starts while its issuer is down goes by what it kept`() async throws {
        let fixture = try Fixture(now)
        let mint = try Self.mint.get()
        let down = Result<FetchedKeySet, KeySetFetchFailure>.failure(KeySetFetchFailure("down"))
        let (before, first) = start(fixture, .success(.keySet(try keySet(mint), freshness: nil, tag: nil)))
        #expect(try await reason(before, mint) == nil)
        // The keys are kept behind the login, not before it.
        while !FileManager.default.fileExists(atPath: fixture.path) { await Task.yield() }
        first.stop()

        fixture.time.withLock { $0 = now.advanced(by: .seconds(7200)) }
        let (after, second) = start(fixture, down)
        #expect(try await reason(after, mint) == nil)
        let status = try #require(second.status().first)
        #expect(status.isKept && status.isStale)
        #expect(status.lastError == "down")
        #expect(try #require(status.age) >= .seconds(7200))
        #expect(status.staleUses >= 1)
        #expect(status.fetches.failed >= 1)
        second.stop()

        fixture.time.withLock { $0 = now.advanced(by: .seconds(86_401)) }
        let (late, third) = start(fixture, down)
        #expect(try await reason(late, mint) == .noKeys)
        third.stop()
        #expect(fixture.told.withLock { $0 } == ["it is older than 24 hours"])
    }

    @Test func `a key that was withdrawn during the restart is not believed`() async throws {
        let fixture = try Fixture(now)
        let old = try Self.mint.get(), new = try Self.rotated.get()
        let keeper = fixture.keeper()
        keeper.keep(try keySet(old), of: "ci", try #require(keeper.origin(of: settings())))
        let (authenticator, directory) = start(fixture, .success(.keySet(try keySet(new), freshness: nil, tag: nil)))
        defer { directory.stop() }
        #expect(try await reason(authenticator, old) == .unknownKey)
        #expect(try await reason(authenticator, new) == nil)
    }
}
