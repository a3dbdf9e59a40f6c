internal import Glibc
internal import PosternCore
internal import PosternNet
internal import PosternServer
internal import PosternTLS

/// Everything that runs while the story is told.
struct DemoStage: Sendable {
    let site: DemoSite
    let issuer: DevIssuer
    let forger: DevIssuer
    let gateway: GatewayProcess
    /// The `postern` that runs as the gateway.
    let executable: String
    private let psqlProgram: String
    // Serve until the process ends; kept so that they are not let go before.
    private let front: TLSFront

    /// Starts it all, one after the other, and tells of each.
    static func build(
        _ cleanup: Cleanup,
        _ pool: BlockingPool,
        executable: String,
        _ terminal: Terminal
    ) async throws -> DemoStage {
        let binaries = try PostgresBinaries.find()
        let folder = try DemoFolder()
        cleanup.add { folder.remove() }
        terminal.say("Everything runs on 127.0.0.1, in \(folder.path).")
        terminal.emptyLine()
        let certificates = try DemoCertificates()

        let (issuer, front) = try await startIssuer(folder, certificates, cleanup)
        // Same name, another key.
        let forger = DevIssuer(url: issuer.url)
        terminal.verbatim("issuer      \(issuer.url), keys over HTTPS")

        let postgres = try await pool.run {
            try PrivatePostgres.start(
                in: folder.file("postgres"),
                binaries: binaries,
                certificates: certificates,
                cleanup: cleanup
            )
        }
        let ports = try FreePort.find(2)
        let site = DemoSite(folder: folder.path, gatewayPort: ports[0], adminPort: ports[1], issuerURL: issuer.url)
        try site.write(certificates: certificates, postgresPort: postgres.port)
        try await pool.run { try site.createDatabase(in: postgres) }
        terminal.verbatim("PostgreSQL  127.0.0.1:\(postgres.port), TLS, database `\(DemoNames.database)`")

        let gateway = try GatewayProcess(site, executable: executable)
        cleanup.add { _ = try? gateway.stop() }
        try await gateway.waitUntilReady(adminPort: site.adminPort, on: pool)
        try site.keepPublicKey()
        terminal.verbatim("gateway     127.0.0.1:\(site.gatewayPort), TLS, role `\(DemoNames.role)`")
        return DemoStage(
            site: site,
            issuer: issuer,
            forger: forger,
            gateway: gateway,
            executable: executable,
            psqlProgram: binaries.program("psql"),
            front: front
        )
    }

    private static func startIssuer(
        _ folder: DemoFolder,
        _ certificates: DemoCertificates,
        _ cleanup: Cleanup
    ) async throws -> (DevIssuer, TLSFront) {
        let socketPath = folder.file("issuer.sock")
        let server = try certificates.writeServer("issuer", in: folder.path)
        guard let address = SocketAddress(ip: "127.0.0.1", port: 0), let upstream = SocketAddress(unixPath: socketPath)
        else {
            throw DemoError("the path `\(socketPath)` is too long for a socket", hint: "set TMPDIR to a shorter one")
        }
        let context = try TLSContext(
            plainServer: .init(certificateFile: server.certificate, keyFile: server.key)
        )
        let front = try await TLSFront(address: address, context: context, upstream: upstream)
        let issuer = DevIssuer(url: "https://localhost:\(front.address.port)")
        let http = try DevIssuerServer(issuer, socketPath: socketPath)
        let task = Task { try await http.run() }
        cleanup.add { task.cancel() }
        try await http.waitUntilListening()
        return (issuer, front)
    }

    // MARK: - What a job runs

    /// The connection string as the story shows it; certificates are the environment's there.
    var shownConnection: String {
        "host=localhost port=\(site.gatewayPort) user=\(DemoNames.role) dbname=\(DemoNames.database)"
    }

    /// The connection string that works in any shell. The address spares a try on ::1, where nobody listens.
    var fullConnection: String {
        "\(shownConnection) hostaddr=127.0.0.1 sslmode=verify-full sslrootcert=\(site.authorityFile)"
    }

    /// Questions to the journal that work in any shell.
    var auditCommands: [String] {
        let program = Files.target(ofLink: executable) ?? executable
        return [
            "\(program) audit list --statements \(site.journalFolder)",
            "\(program) audit verify --public-key \(site.publicKeyFile) \(site.journalFolder)",
        ]
    }

    /// What the reader would type.
    func shownCommand(_ job: DemoJob) -> [String] {
        switch job.work {
        case .command(let sql): ["$ psql \"\(shownConnection)\" \\", "    -c \"\(sql)\""]
        case .script(let name, _): ["$ psql \"\(shownConnection)\" \\", "    -v VERBOSITY=verbose -a -f \(name)"]
        }
    }

    /// What a job's psql printed, in the order in which it did.
    struct Transcript: Sendable {
        let exit: ProcessExit
        let text: String
    }

    /// Runs a real psql with the job's token as its password. Blocks.
    ///
    /// - Throws: `DemoError` when it takes longer than `duration`.
    func run(_ job: DemoJob, atMost duration: Duration) throws -> Transcript {
        let arguments: [String]
        switch job.work {
        case .command(let sql):
            arguments = ["--command", sql]
        case .script(let name, let text):
            try Files.writePrivate(text, to: "\(site.folder)/\(name)")
            arguments = ["--set=VERBOSITY=verbose", "--echo-all", "--file", name]
        }
        let command = ProcessCommand(
            psqlProgram,
            ["--no-psqlrc"] + arguments + [fullConnection],
            environment: ["PGPASSWORD": job.token.reveal(), "PGCONNECT_TIMEOUT": "10", "LC_ALL": "C.UTF-8"],
            directory: site.folder
        )
        // One file for both outputs: errors stand where they happened.
        let file = "\(site.folder)/transcript"
        Files.remove(file)
        let process = try ChildProcess(command, output: .file(file), error: .file(file))
        guard let exit = try process.wait(atMost: duration) else {
            try process.stop(grace: .seconds(1))
            throw DemoError("psql did not end within \(duration)")
        }
        return Transcript(exit: exit, text: Files.read(file).map { String(decoding: $0, as: UTF8.self) } ?? "")
    }
}
