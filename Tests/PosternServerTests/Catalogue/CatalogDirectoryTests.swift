import PosternConfiguration
import PosternCore
import PosternPolicy
import PosternSQL
import PosternServer
import Testing

@Suite(.timeLimit(.minutes(1)))
struct CatalogDirectoryTests {
    private let reader = FakeCatalogReader()
    private let events: AsyncStream<CatalogDirectory.Event>
    private let directory: CatalogDirectory

    init() {
        let (events, continuation) = AsyncStream<CatalogDirectory.Event>.makeStream()
        self.events = events
        // Nothing happens by time alone; what is noted is read at once.
        let timing = CatalogSchedule.Timing(interval: .seconds(600), retry: .zero, delay: .zero, spacing: .zero)
        directory = CatalogDirectory(reader: reader, timing: timing) { continuation.yield($0) }
    }

    private func source(_ name: String, dbname: String = "app", line: Int = 1) -> CatalogSource {
        let location = SourceLocation(file: "postern.yaml", line: line, column: 1)
        let login = DatabaseConfiguration.Login(name: "catalog", password: nil, location: location)
        let host = Endpoint.network(host: "127.0.0.1", port: 1)
        let database = DatabaseConfiguration(
            name: name,
            hosts: [host],
            databaseName: dbname,
            logins: [],
            location: location
        )
        return CatalogSource(database, login: login)
    }

    private func contents(_ names: Identifier...) -> CatalogContents {
        CatalogContents(relations: names.map { ("public", $0, ["id"]) })
    }

    @Test func `there is no snapshot before the first reading, and generations grow with changes only`() async throws {
        var calls = reader.calls.makeAsyncIterator()
        var events = events.makeAsyncIterator()
        directory.replace([source("orders")])
        let first = try #require(await calls.next())
        #expect(first.database == "orders" && !first.fresh)
        #expect(directory.snapshot(of: "orders") == nil)
        #expect(directory.status().first?.age == nil)

        first.answer(.success(contents("a")))
        guard case .changed("orders", let snapshot)? = await events.next() else { throw Unexpected() }
        #expect(directory.snapshot(of: "orders") == snapshot)
        #expect(snapshot.columns(ofSchema: "public", name: "a") == ["id"])

        directory.noteDDL(database: "orders")
        try #require(await calls.next()).answer(.success(contents("a")))
        guard case .confirmed("orders")? = await events.next() else { throw Unexpected() }
        #expect(directory.snapshot(of: "orders")?.generation == snapshot.generation)

        directory.noteDDL(database: "orders")
        try #require(await calls.next()).answer(.success(contents("a", "b")))
        guard case .changed("orders", let next)? = await events.next() else { throw Unexpected() }
        #expect(next.generation > snapshot.generation)
        #expect(next.columns(ofSchema: "public", name: "b") == ["id"])
        await directory.stop()
    }

    @Test func `a failure keeps the old snapshot and is tried again with a fresh secret`() async throws {
        var calls = reader.calls.makeAsyncIterator()
        var events = events.makeAsyncIterator()
        directory.replace([source("orders")])
        try #require(await calls.next()).answer(.success(contents("a")))
        _ = await events.next()
        directory.noteDDL(database: "orders")
        try #require(await calls.next()).answer(.failure(LibPQFailure("server is\naway")))
        guard case .failed("orders", let failure)? = await events.next() else { throw Unexpected() }
        #expect(failure.description == "server is away")
        #expect(directory.snapshot(of: "orders")?.columns(ofSchema: "public", name: "a") != nil)
        #expect(directory.status().first?.lastError == failure)

        let retry = try #require(await calls.next())
        #expect(retry.fresh)
        retry.answer(.success(contents("a")))
        guard case .confirmed("orders")? = await events.next() else { throw Unexpected() }
        #expect(directory.status().first?.lastError == nil)
        await directory.stop()
    }

    @Test func `a reload keeps what is read as before and forgets the rest`() async throws {
        var calls = reader.calls.makeAsyncIterator()
        var events = events.makeAsyncIterator()
        directory.replace([source("orders")])
        try #require(await calls.next()).answer(.success(contents("a")))
        _ = await events.next()
        let before = try #require(directory.snapshot(of: "orders"))

        directory.replace([source("orders", line: 7), source("stock")])
        #expect(directory.snapshot(of: "orders") == before)
        let stock = try #require(await calls.next())
        #expect(stock.database == "stock" && !stock.isStopped())

        directory.replace([source("orders", dbname: "other")])
        #expect(directory.snapshot(of: "orders") == nil, "another catalogue under the same name")
        #expect(stock.isStopped())
        stock.answer(.success(contents("late")))
        let other = try #require(await calls.next())
        #expect(other.database == "orders")
        other.answer(.success(contents("a")))
        guard case .changed("orders", let after)? = await events.next() else { throw Unexpected() }
        #expect(after.generation > before.generation)
        #expect(directory.snapshot(of: "stock") == nil)
        await directory.stop()
        #expect(directory.snapshot(of: "orders") == nil)
    }

    @Test func `DDL in a database without a catalogue login is nothing`() async {
        directory.noteDDL(database: "orders")
        #expect(directory.snapshot(of: "orders") == nil)
        #expect(directory.status().isEmpty)
        await directory.stop()
    }

    private struct Unexpected: Error {}
}
