internal import Glibc
package import PosternCore
internal import PosternCrypto
internal import PosternNet

/// A PostgreSQL server of our own: in a temporary folder, on a free port of 127.0.0.1, TLS and SCRAM only.
///
/// Every call blocks; none belongs on an event loop. When it runs as root the server runs as `postgres`.
package final class PrivatePostgres: Sendable {
    /// The server's own administrator, for setting up.
    package static let administrator = "demo_admin"
    private static let startLimit = Duration.seconds(30)
    private static let stopLimit = Duration.seconds(10)

    package let port: UInt16
    package let binaries: PostgresBinaries
    package let administratorPassword: Redacted<String>
    private let folder: String
    private let server: ChildProcess

    /// Makes a cluster and starts its server; returns when it takes connections.
    ///
    /// - Parameters:
    ///   - folder: is made. What this leaves behind when it throws is the caller's to remove.
    ///   - certificates: signs the server's certificate.
    ///   - cleanup: stops the server at the end, and earlier programs that still run.
    /// - Throws: `DemoError` with the end of the server's log.
    package static func start(
        in folder: String,
        binaries: PostgresBinaries,
        certificates: DemoCertificates,
        cleanup: Cleanup
    ) throws -> PrivatePostgres {
        let account = try ServerAccount()
        try Files.makeFolder(folder)
        try account.own(folder)
        let password = Redacted(Hex.encode(SecureRandom.bytes(16)))
        try initialize(folder, binaries, account, password, cleanup)
        try configure(folder, certificates, account)

        // Between the search and the server's own bind somebody else may take the port.
        for attempt in 1... {
            let port = try FreePort.find(1)[0]
            let server = try launch(folder, binaries, account, port: port)
            cleanup.add { try? stop(server) }
            switch try waitUntilReady(server, folder) {
            case .ready:
                return PrivatePostgres(port, binaries, password, folder, server)
            case .portTaken where attempt < 3: continue
            case .portTaken: throw DemoError("no free port for PostgreSQL on 127.0.0.1")
            }
        }
        preconditionFailure("the attempts are counted inside")
    }

    private init(
        _ port: UInt16,
        _ binaries: PostgresBinaries,
        _ password: Redacted<String>,
        _ folder: String,
        _ server: ChildProcess
    ) {
        self.port = port
        self.binaries = binaries
        administratorPassword = password
        self.folder = folder
        self.server = server
    }

    /// Stops the server: open transactions are rolled back, files are whole.
    package func stop() throws {
        try Self.stop(server)
    }

    /// The environment of a psql that talks to this server directly as the administrator, over its Unix socket.
    package func administratorEnvironment(database: String) -> [String: String] {
        [
            "PGHOST": folder, "PGPORT": String(port), "PGUSER": Self.administrator, "PGDATABASE": database,
            "PGPASSWORD": administratorPassword.reveal(), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
        ]
    }

    /// Runs SQL as the administrator.
    ///
    /// - Throws: `DemoError` with psql's words when a statement fails.
    package func execute(_ sql: String, database: String) throws {
        let command = ProcessCommand(
            binaries.program("psql"),
            ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", sql],
            environment: administratorEnvironment(database: database)
        )
        let result = try ChildProcess.run(command, atMost: .seconds(20))
        guard result.exit.succeeded else { throw DemoError("psql \(result.exit): \(result.errorText)") }
    }
}

// MARK: - Setting up

extension PrivatePostgres {
    private static func initialize(
        _ folder: String,
        _ binaries: PostgresBinaries,
        _ account: ServerAccount,
        _ password: Redacted<String>,
        _ cleanup: Cleanup
    ) throws {
        let passwordFile = folder + "/password"
        try Files.writePrivate(password.reveal() + "\n", to: passwordFile)
        try account.own(passwordFile)
        defer { unlink(passwordFile) }
        let run = account.command(
            binaries.program("initdb"),
            [
                "--pgdata=\(folder)/data", "--username=\(administrator)", "--pwfile=\(passwordFile)",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
            ]
        )
        let command = ProcessCommand(run.program, run.arguments, environment: environment, directory: folder)
        let result = try ChildProcess.run(command, atMost: startLimit) { process in
            cleanup.add { _ = try? process.stop(grace: .seconds(2)) }
        }
        guard result.exit.succeeded else { throw DemoError("initdb \(result.exit): \(result.errorText)") }
    }

    private static func configure(
        _ folder: String,
        _ certificates: DemoCertificates,
        _ account: ServerAccount
    ) throws(DemoError) {
        let server = try certificates.writeServer("postgres", in: folder)
        try account.own(server.certificate)
        try account.own(server.key)
        // What is written last wins. No fsync: nothing here outlives the demo.
        let settings = """
            listen_addresses = '127.0.0.1'
            unix_socket_directories = '\(folder)'
            unix_socket_permissions = 0700
            ssl = on
            ssl_cert_file = '\(server.certificate)'
            ssl_key_file = '\(server.key)'
            password_encryption = 'scram-sha-256'
            fsync = off
            shared_buffers = '16MB'
            max_connections = 50
            logging_collector = off
            lc_messages = 'C'

            """
        try Files.writePrivate(settings, to: "\(folder)/data/demo.conf")
        try account.own("\(folder)/data/demo.conf")
        let access = """
            hostssl all all 127.0.0.1/32 scram-sha-256
            local all \(administrator) scram-sha-256

            """
        try Files.writePrivate(access, to: "\(folder)/hba.conf")
        try account.own("\(folder)/hba.conf")
        guard let stock = Files.read("\(folder)/data/postgresql.conf") else {
            throw DemoError("initdb left no postgresql.conf")
        }
        unlink("\(folder)/data/postgresql.conf")
        let merged = stock + Array("\ninclude = 'demo.conf'\nhba_file = '\(folder)/hba.conf'\n".utf8)
        try Files.writePrivate(merged, to: "\(folder)/data/postgresql.conf")
        try account.own("\(folder)/data/postgresql.conf")
    }

    private static func launch(
        _ folder: String,
        _ binaries: PostgresBinaries,
        _ account: ServerAccount,
        port: UInt16
    ) throws -> ChildProcess {
        let run = account.command(binaries.program("postgres"), ["-D", "\(folder)/data", "-p", String(port)])
        let command = ProcessCommand(run.program, run.arguments, environment: environment, directory: folder)
        unlink(logPath(folder))
        return try ChildProcess(command, output: .file(logPath(folder)), error: .file(logPath(folder)))
    }

    private static let environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"]

    private static func logPath(_ folder: String) -> String { folder + "/server.log" }

    // MARK: - Starting and stopping

    private enum Start {
        case ready
        case portTaken
    }

    /// The server writes its state into the last line of its pid file, which is what pg_ctl waits for as well.
    private static func waitUntilReady(_ server: ChildProcess, _ folder: String) throws -> Start {
        let clock = ContinuousClock()
        let deadline = clock.now + startLimit
        while clock.now < deadline {
            let state = Files.read("\(folder)/data/postmaster.pid").map { String(decoding: $0, as: UTF8.self) } ?? ""
            let lines = state.split(separator: "\n", omittingEmptySubsequences: false)
            if lines.count >= 8, lines[7].hasPrefix("ready") { return .ready }
            // Between two looks we wait for the only event that there is: the server's end.
            if let exit = try server.wait(atMost: .milliseconds(10)) {
                let log = Files.read(logPath(folder)).map { String(decoding: $0, as: UTF8.self) } ?? ""
                if log.contains("Address already in use") { return .portTaken }
                throw DemoError("PostgreSQL \(exit) at its start: \(log.suffix(1000))")
            }
        }
        throw DemoError("PostgreSQL did not start within \(startLimit)")
    }

    /// A fast shutdown (SIGINT), then an immediate one (SIGQUIT), then the end by force.
    private static func stop(_ server: ChildProcess) throws {
        server.signal(SIGINT)
        if try server.wait(atMost: stopLimit) != nil { return }
        try server.stop(with: SIGQUIT, grace: .seconds(2))
    }
}
