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
    let drone: DroneIssuerProcess
    let gateway: GatewayProcess
    /// The `postern` that runs as the gateway.
    let executable: String
    private let psqlProgram: String
    // Serve until the process ends; kept so that they are not let go before.
    private let fronts: [TLSFront]

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
        let droneFront = try await startFront(
            "drone-issuer",
            to: folder.file(DroneNames.socketName),
            folder,
            certificates
        )
        let site = DemoSite(
            folder: folder.path,
            gatewayPort: ports[0],
            adminPort: ports[1],
            issuerURL: issuer.url,
            droneURL: "https://localhost:\(droneFront.address.port)"
        )
        try site.write(certificates: certificates, postgresPort: postgres.port)
        try await pool.run { try site.createDatabase(in: postgres) }
        terminal.verbatim("PostgreSQL  127.0.0.1:\(postgres.port), TLS, database `\(DemoNames.database)`")

        let drone = try DroneIssuerProcess(
            folder: folder.path,
            url: site.droneURL,
            executable: executable,
            variables: Self.variables(of: site)
        )
        cleanup.add { _ = try? drone.stop() }
        try await drone.waitUntilReady(on: pool)
        terminal.verbatim("Drone       \(site.droneURL), `postern issuer serve`")

        let gateway = try GatewayProcess(site, executable: executable)
        cleanup.add { _ = try? gateway.stop() }
        try await gateway.waitUntilReady(adminPort: site.adminPort, on: pool)
        try site.keepPublicKey()
        terminal.verbatim("gateway     127.0.0.1:\(site.gatewayPort), TLS, role `\(DemoNames.role)`")
        return DemoStage(
            site: site,
            issuer: issuer,
            forger: forger,
            drone: drone,
            gateway: gateway,
            executable: executable,
            psqlProgram: binaries.program("psql"),
            fronts: [front, droneFront]
        )
    }

    /// HTTPS on a free port for a server on a Unix socket.
    private static func startFront(
        _ name: String,
        to socketPath: String,
        _ folder: DemoFolder,
        _ certificates: DemoCertificates
    ) async throws -> TLSFront {
        let server = try certificates.writeServer(name, in: folder.path)
        guard let address = SocketAddress(ip: "127.0.0.1", port: 0), let upstream = SocketAddress(unixPath: socketPath)
        else {
            throw DemoError("the path `\(socketPath)` is too long for a socket", hint: "set TMPDIR to a shorter one")
        }
        let context = try TLSContext(
            plainServer: .init(certificateFile: server.certificate, keyFile: server.key)
        )
        return try await TLSFront(address: address, context: context, upstream: upstream)
    }

    /// What a job of Drone gets besides its token, so that psql finds the gateway.
    private static func variables(of site: DemoSite) -> [(name: String, value: String)] {
        [
            ("PGHOST", "localhost"), ("PGHOSTADDR", "127.0.0.1"), ("PGPORT", String(site.gatewayPort)),
            ("PGUSER", DemoNames.role), ("PGDATABASE", DemoNames.database), ("PGSSLMODE", "verify-full"),
            ("PGSSLROOTCERT", site.authorityFile),
        ]
    }

    private static func startIssuer(
        _ folder: DemoFolder,
        _ certificates: DemoCertificates,
        _ cleanup: Cleanup
    ) async throws -> (DevIssuer, TLSFront) {
        let socketPath = folder.file("issuer.sock")
        let front = try await startFront("issuer", to: socketPath, folder, certificates)
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
        return try run(
            psqlProgram,
            ["--no-psqlrc"] + arguments + [fullConnection],
            environment: ["PGPASSWORD": job.token.reveal()],
            atMost: duration
        )
    }

    /// Runs a step of a pipeline as a shell does, with the variables that the runner got for it. Blocks.
    func runStep(
        _ script: String,
        variables: [(name: String, value: String)],
        atMost duration: Duration
    ) throws -> Transcript {
        let folder = psqlProgram.split(separator: "/").dropLast().joined(separator: "/")
        var environment = ["PATH": "/\(folder):/usr/bin:/bin", "PSQLRC": "/dev/null"]
        for variable in variables { environment[variable.name] = variable.value }
        return try run("/bin/sh", ["-e", "-c", script], environment: environment, atMost: duration)
    }

    private func run(
        _ program: String,
        _ arguments: [String],
        environment: [String: String],
        atMost duration: Duration
    ) throws -> Transcript {
        let common = ["PGCONNECT_TIMEOUT": "10", "LC_ALL": "C.UTF-8"]
        let command = ProcessCommand(
            program,
            arguments,
            environment: environment.merging(common) { own, _ in own },
            directory: site.folder
        )
        // One file for both outputs: errors stand where they happened.
        let file = "\(site.folder)/transcript"
        Files.remove(file)
        let process = try ChildProcess(command, output: .file(file), error: .file(file))
        guard let exit = try process.wait(atMost: duration) else {
            try process.stop(grace: .seconds(1))
            throw DemoError("`\(program)` did not end within \(duration)")
        }
        return Transcript(exit: exit, text: Files.read(file).map { String(decoding: $0, as: UTF8.self) } ?? "")
    }
}
