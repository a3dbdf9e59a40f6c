import Glibc
import PosternDemo
import PosternNet
import Synchronization
import Testing

struct PrivatePostgresTests {
    @Test func `a server starts with TLS and SCRAM only, and stops without a trace`() throws {
        try withFolder { folder in
            let certificates = try DemoCertificates()
            try Files.writePrivate(certificates.authorityPEM, to: folder.file("ca.crt"))
            let cleanup = Cleanup()
            defer { cleanup.run() }
            let postgres = try PrivatePostgres.start(
                in: folder.file("postgres"),
                binaries: .find(),
                certificates: certificates,
                cleanup: cleanup
            )
            try postgres.execute("create role app login password 'secret'", database: "postgres")
            #expect(throws: DemoError.self) { try postgres.execute("select nonsense", database: "postgres") }

            func psql(_ mode: String) throws -> ChildProcess.Finished {
                let connection = "host=localhost port=\(postgres.port) user=app dbname=postgres \(mode)"
                let command = ProcessCommand(
                    postgres.binaries.program("psql"),
                    [connection, "-XAtc", "select ssl from pg_stat_ssl where pid = pg_backend_pid()"],
                    environment: ["PGPASSWORD": "secret"]
                )
                return try ChildProcess.run(command, atMost: .seconds(20))
            }
            let verified = try psql("sslmode=verify-full sslrootcert=\(folder.file("ca.crt"))")
            #expect(verified.outputText == "t\n", "\(verified.errorText)")
            #expect(try !psql("sslmode=disable").exit.succeeded)

            let pid = Files.read(folder.file("postgres/data/postmaster.pid")).map {
                String(decoding: $0, as: UTF8.self)
            }
            let server = try #require(pid?.split(separator: "\n").first.flatMap { pid_t($0) })
            #expect(kill(server, 0) == 0)
            try postgres.stop()
            #expect(kill(server, 0) == -1 && errno == ESRCH)
            #expect(Files.read(folder.file("postgres/data/postmaster.pid")) == nil)
        }
    }

    @Test func `what is added after the end is undone at once`() {
        let cleanup = Cleanup()
        let order = Order()
        cleanup.add { order.append(1) }
        cleanup.add { order.append(2) }
        cleanup.run()
        cleanup.run()
        cleanup.add { order.append(3) }
        #expect(order.values == [2, 1, 3])
    }
}

/// Collects numbers from closures that may run anywhere.
private final class Order: Sendable {
    private let state = Mutex([Int]())
    func append(_ value: Int) { state.withLock { $0.append(value) } }
    var values: [Int] { state.withLock { $0 } }
}
