internal import Glibc
package import Logging
package import PosternConfiguration
internal import PosternCore
internal import PosternIssuer
internal import PosternJournal
internal import PosternNet
internal import PosternServer
internal import PosternTLS

/// The issuer as a process: starts what there is, reads its configuration anew, ends in good order.
package actor TokenIssuer {
    /// The issuer cannot start; the text is for the person who started it.
    package struct StartFailure: Error, CustomStringConvertible {
        package let description: String
        package let hint: String?

        init(_ description: String, hint: String? = nil) {
            self.description = description
            self.hint = hint
        }

        init(cause error: any Error) {
            switch error {
            case let failure as StartFailure: self = failure
            case let error as JournalError: self.init(error.description, hint: error.hint)
            case let error as KeyFolder.Failure: self.init(error.description, hint: error.hint)
            case let error as IssuerSecrets.Failure: self.init(error.description, hint: error.hint)
            default: self.init("\(error)")
            }
        }
    }

    package struct Options: Sendable {
        /// The configuration's path.
        package var path: String
        package var version: String

        package init(path: String, version: String) {
            self.path = path
            self.version = version
        }
    }

    /// Threads for what blocks: keys, signatures, files, Drone's API.
    private static let poolThreads = 8
    private static let interval = Duration.seconds(1)

    private let options: Options
    private let logger: Logger
    private let events: AsyncStream<GatewayEvent>
    private let signals: SignalEvents
    private let resolver: SecretResolver
    private let ring: KeyRing
    private let journal: IssuerJournal
    private let service: IssuerService
    private let server: IssuerHTTPServer
    private var configuration: TokenIssuerConfiguration
    private var configurationHash: String

    /// Reads secrets, takes keys and journal, and listens.
    ///
    /// - Throws: `StartFailure`.
    package init(
        options: Options,
        load: TokenIssuerLoader.Result,
        logger: Logger
    ) async throws(StartFailure) {
        guard let configuration = load.configuration else { throw StartFailure("the configuration has mistakes") }
        self.options = options
        self.logger = logger
        self.configuration = configuration
        configurationHash = load.configurationHash
        let (events, continuation) = AsyncStream<GatewayEvent>.makeStream()
        self.events = events
        signals = SignalEvents(continuation)
        do {
            let pool = BlockingPool(label: "postern.pool", threads: Self.poolThreads)
            let clock = IssuerClock()
            resolver = SecretResolver(pool: pool)
            let secrets = try await IssuerSecrets(configuration, resolver: resolver)
            let context = try Self.context(of: configuration)
            ring = try await KeyRing(
                path: configuration.keys.directory,
                plan: KeyPlan(configuration),
                pool: pool,
                clock: clock
            )
            journal = try await pool.run {
                try IssuerJournal(configuration.journal, name: configuration.issuer, clock: clock)
            }
            try await journal.record(
                IssuerState(
                    .start,
                    issuer: configuration.issuer,
                    version: options.version,
                    configHash: load.configurationHash,
                    keyIDs: await ring.keyIDs
                )
            )
            service = IssuerService(
                settings: .init(configuration: configuration, secrets: secrets),
                ring: ring,
                journal: journal,
                pool: pool,
                resolver: resolver,
                clock: clock,
                // The second that has begun may hold an answer of a process that was killed in it.
                notBefore: max(clock.now(), await ring.remembered).advanced(by: .seconds(1)),
                logger: logger
            )
            guard let address = configuration.listen.address.socketAddress else {
                throw StartFailure("cannot listen on `\(configuration.listen.address)`")
            }
            if case .unix(let path) = configuration.listen.address { try StaleSocket.remove(path) }
            server = try await IssuerHTTPServer(address: address, context: context, service: service)
        } catch {
            throw StartFailure(cause: error)
        }
    }

    /// Serves until SIGTERM or SIGINT.
    package func run() async {
        logger.info(
            "issuer started",
            metadata: [
                "issuer": "\(configuration.issuer)", "version": "\(options.version)", "address": "\(server.address)",
            ]
        )
        let upkeep = Task { await self.keepUp() }
        for await event in events {
            switch event {
            case .reloadRequested: await reload()
            case .filesChanged: break
            case .terminate:
                upkeep.cancel()
                await upkeep.value
                await stop()
                return
            }
        }
    }

    /// Looks after keys and journal.
    private func keepUp() async {
        while !Task.isCancelled {
            await journal.tick()
            do {
                if try await ring.turn() {
                    logger.notice("another key signs now")
                    try await journal.record(state(.rotate))
                }
            } catch {
                logger.error("keys or journal cannot be written", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: Self.interval)
        }
    }

    private func stop() async {
        logger.info("issuer stops")
        await service.drain()
        await server.stop()
        if case .unix(let path) = configuration.listen.address { unlink(path) }
        do {
            try await journal.close(state(.stop))
        } catch {
            logger.error("the journal cannot be closed", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Reload

    private func reload() async {
        let load = TokenIssuerLoader.load(path: options.path)
        do {
            guard let new = load.configuration else {
                let first = load.diagnostics.first { $0.severity == .error }
                throw StartFailure(first.map { "\($0.file):\($0.line ?? 0): \($0.message)" } ?? "it cannot be read")
            }
            try checkUnchanged(new)
            let secrets = try await IssuerSecrets(new, resolver: resolver)
            server.use(try Self.context(of: new))
            await ring.use(KeyPlan(new))
            await service.use(.init(configuration: new, secrets: secrets))
            configuration = new
            configurationHash = load.configurationHash
            logger.info("configuration reloaded")
            try await journal.record(state(.reload))
        } catch {
            let reason = "\(StartFailure(cause: error))"
            logger.error("configuration not taken", metadata: ["error": "\(reason)"])
            try? await journal.record(state(.reload, error: reason))
        }
    }

    /// What a running issuer cannot change.
    private func checkUnchanged(_ new: TokenIssuerConfiguration) throws(StartFailure) {
        let names: [(String, Bool)] = [
            ("issuer", new.issuer != configuration.issuer),
            ("listen.address", new.listen.address != configuration.listen.address),
            ("listen.tls", (new.listen.tls == nil) != (configuration.listen.tls == nil)),
            ("keys.directory", new.keys.directory != configuration.keys.directory),
            ("journal", new.journal != configuration.journal),
        ]
        if let changed = names.first(where: \.1) { throw StartFailure("`\(changed.0)` changes with a restart only") }
    }

    private func state(_ change: IssuerState.Change, error: String? = nil) async -> IssuerState {
        IssuerState(
            change,
            issuer: configuration.issuer,
            version: options.version,
            configHash: configurationHash,
            keyIDs: await ring.keyIDs,
            error: error
        )
    }

    private static func context(of configuration: TokenIssuerConfiguration) throws(TLSError) -> TLSContext? {
        guard let files = configuration.listen.tls else { return nil }
        return try TLSContext(plainServer: .init(certificateFile: files.certificate, keyFile: files.key))
    }
}

extension KeyPlan {
    init(_ configuration: TokenIssuerConfiguration) {
        self.init(
            rotateEvery: configuration.keys.rotateEvery,
            maxAge: configuration.keys.maxAge,
            lifetime: configuration.lifetime
        )
    }
}

extension Endpoint {
    /// nil for a host's name, which the configuration does not let in here.
    fileprivate var socketAddress: SocketAddress? {
        switch self {
        case .network(let host, let port): SocketAddress(ip: host == "localhost" ? "127.0.0.1" : host, port: port)
        case .unix(let path): SocketAddress(unixPath: path)
        }
    }
}
