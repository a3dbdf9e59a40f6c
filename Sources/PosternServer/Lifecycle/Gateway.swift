internal import Glibc
package import Logging
package import PosternConfiguration
internal import PosternCore
internal import PosternIdentity
internal import PosternJournal
internal import PosternNet
internal import PosternPolicy
internal import PosternTLS

/// The gateway as a process: starts what there is, changes it while it runs, ends it in good order.
///
/// The rules are elsewhere: this is the one place that knows all parts and the order in which they come and go.
package actor Gateway {
    /// The gateway cannot start; the text is for the person who started it.
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
            default: self.init("\(error)")
            }
        }
    }

    package struct Options: Sendable {
        /// The configuration's path.
        package var configuration: String
        /// From SIGTERM to the end of sessions that are still busy.
        package var drainTimeout: Duration
        package var version: String

        package init(configuration: String, drainTimeout: Duration, version: String) {
            self.configuration = configuration
            self.drainTimeout = drainTimeout
            self.version = version
        }
    }

    /// How long a load balancer may still send connections after it was told not to.
    private static let acceptingAfterDrain = Duration.seconds(5)
    /// Threads for what blocks for moments: secrets, signatures, fsync.
    private static let poolThreads = 8

    private let options: Options
    private let logger: Logger
    private let loaded: ConfigurationSnapshot
    private let services: GatewayServices
    private let issuers: IssuerDirectory
    private let balance: LoopBalance
    private let sockets: [ListeningSocket]
    private let admin: AdminServer?
    private let events: AsyncStream<GatewayEvent>
    private let continuation: AsyncStream<GatewayEvent>.Continuation
    private let watcher: ConfigurationWatcher
    private let signals: SignalEvents
    private var snapshot: GatewaySnapshot
    private var applied: ConfigurationSnapshot

    /// Reads the configuration, opens the journal and binds every address. Nothing is served yet.
    ///
    /// - Parameter load: what the configuration's path held.
    /// - Throws: `StartFailure`.
    package init(options: Options, load: LoadResult, logger: Logger) async throws(StartFailure) {
        guard let loaded = load.snapshot else { throw StartFailure("the configuration has mistakes") }
        self.options = options
        self.logger = logger
        self.loaded = loaded
        applied = loaded
        (events, continuation) = AsyncStream.makeStream()
        let configuration = loaded.configuration
        DescriptorLimit.raise()
        do {
            snapshot = try GatewaySnapshot(
                generation: 1,
                configuration: configuration,
                policies: loaded.policies
            )
            let pool = BlockingPool(label: "postern.pool", threads: Self.poolThreads)
            let report: KeySetKeeper.Report = { issuer, file, trouble in
                logger.warning(
                    "the issuer's key set on disk is not used",
                    metadata: ["issuer": "\(issuer)", "file": "\(file)", "reason": "\(trouble)"]
                )
            }
            let keeper = KeySetKeeper(directory: configuration.audit.directory, report: report)
            issuers = IssuerDirectory(keeper: keeper)
            let loops = try (0..<(configuration.gateway.loops ?? Processors.defaultLoops)).map {
                try EventLoop(name: "postern.loop.\($0)")
            }
            balance = LoopBalance(loops: loops)
            let metrics = MetricsRegistry(loops: loops.count, version: options.version, startedAt: .now)
            let health = Health()
            let journal = try await pool.run {
                try GatewayJournal(
                    configuration: configuration,
                    metrics: metrics,
                    health: health,
                    logger: logger
                )
            }
            services = GatewayServices(
                logger: logger,
                pool: pool,
                admission: Admission(limits: Admission.Limits(configuration.limits)),
                authenticator: TokenAuthenticator(directory: issuers, pool: pool),
                health: health,
                metrics: metrics,
                journal: journal
            )
            sockets = try configuration.listeners.map(ListeningSocket.init)
            if let address = configuration.admin?.address, case .network(let host, let port) = address {
                try Self.checkFree(address)
                admin = try AdminServer(host: host, port: port, metrics: metrics, health: health)
            } else {
                admin = nil
            }
            signals = SignalEvents(continuation)
            watcher = try ConfigurationWatcher(continuation)
            watcher.watch(files: load.files, directories: load.directories)
        } catch {
            throw StartFailure(cause: error)
        }
    }

    /// The HTTP library tells of a taken address late and in its own words: the address is tried beforehand.
    private static func checkFree(_ endpoint: Endpoint) throws {
        guard case .network(let host, let port) = endpoint,
            let address = SocketAddress(ip: host == "localhost" ? "127.0.0.1" : host, port: port)
        else { return }
        do {
            _ = try Socket.listen(on: address)
        } catch {
            throw StartFailure("cannot listen on the admin address `\(endpoint)`: \(error)")
        }
    }

    // MARK: The gateway's life

    /// Serves until SIGTERM or SIGINT and everything that they start are over.
    ///
    /// - Throws: `StartFailure` when an address cannot be served.
    package func run() async throws(StartFailure) {
        let adminTask: Task<Void, Never>?
        do {
            try await startLoops()
            adminTask = try await startAdmin()
        } catch {
            throw StartFailure(cause: error)
        }
        defer { adminTask?.cancel() }
        issuers.replace(snapshot.configuration.issuers.map(IssuerDirectory.Issuer.init))
        noteConfiguration(snapshot, loaded)
        services.catalogs.replace(snapshot.configuration.catalogSources)
        services.shipper.replace(snapshot.configuration.audit)
        let healthTask = Task { [issuers, services, logger] in
            var health = IssuerHealth(health: services.health, logger: logger)
            await health.follow(issuers)
        }
        defer { healthTask.cancel() }
        let journalTask = Task { [services] in await services.journal.follow() }
        defer { journalTask.cancel() }
        let retentionTask = Task { [services, balance] in
            await services.journal.followRetention(loops: balance.loops, pool: services.pool)
        }
        defer { retentionTask.cancel() }
        services.health.enter(.serving)
        logger.info(
            "gateway started",
            metadata: [
                "gateway": "\(snapshot.configuration.gateway.name)", "version": "\(options.version)",
                "listeners": "\(sockets.map { "\($0.address)" }.joined(separator: " "))",
                "loops": "\(balance.loops.count)", "policy": "\(snapshot.policies.revision)",
            ]
        )
        for await event in events {
            switch event {
            case .reloadRequested: await reload(trigger: "signal")
            case .filesChanged: await reload(trigger: "files")
            case .terminate:
                // Before the chains are closed: a round that is under way writes into them.
                retentionTask.cancel()
                await retentionTask.value
                await drain()
                return
            }
        }
    }

    private func startLoops() async throws {
        let (services, balance, snapshot) = (services, balance, snapshot)
        let sockets = sockets.map { (descriptor: $0.descriptor, settings: $0.settings) }
        try await services.journal.start(snapshot: loaded, version: options.version)
        for (index, loop) in balance.loops.enumerated() {
            loop.start()
            try await loop.perform { loop in
                let journal = try services.journal.openLoop(index)
                let context = LoopContext(
                    index: index,
                    services: services,
                    balance: balance,
                    journal: journal,
                    snapshot: snapshot
                )
                loop.attachment = context
                journal.start(on: loop)
                try context.listen(sockets, on: loop)
            }
        }
    }

    private func startAdmin() async throws -> Task<Void, Never>? {
        guard let admin else { return nil }
        let logger = logger
        let task = Task {
            do {
                try await admin.run()
            } catch is CancellationError {
                return
            } catch {
                logger.error("the admin address stopped", metadata: ["error": "\(error)"])
            }
        }
        do {
            try await admin.waitUntilListening()
        } catch {
            throw StartFailure("cannot serve the admin address: \(error)")
        }
        return task
    }

    private func noteConfiguration(_ snapshot: GatewaySnapshot, _ loaded: ConfigurationSnapshot) {
        let configuration = snapshot.configuration
        services.health.configure(
            issuers: configuration.issuers.map(\.name),
            upstreams: configuration.databases.flatMap { database in
                database.hosts.map { Health.Upstream(database: database.name, host: $0.description) }
            },
            catalogs: configuration.catalogSources.map(\.database.name)
        )
        services.metrics.configurationLoaded(
            configurationHash: loaded.configurationHash,
            policyHash: loaded.policies.hash,
            at: .now
        )
    }

    // MARK: Reload

    /// Reads everything anew and swaps all of it, or nothing.
    private func reload(trigger: String) async {
        let path = options.configuration
        guard let result = try? await services.pool.run({ ConfigurationLoader.load(path: path) }) else { return }
        watcher.watch(files: result.files, directories: result.directories)
        guard let loaded = result.snapshot else {
            let text = DiagnosticRenderer.pretty(result.diagnostics)
            return await refuseReload("the configuration has mistakes", detail: text, trigger)
        }
        if let unchangeable = applied.configuration.unchangeableDifference(from: loaded.configuration) {
            return await refuseReload("\(unchangeable) cannot change without a restart", detail: "", trigger)
        }
        let next: GatewaySnapshot
        do throws(TLSError) {
            next = try GatewaySnapshot(
                generation: snapshot.generation + 1,
                configuration: loaded.configuration,
                policies: loaded.policies
            )
        } catch {
            return await refuseReload("\(error)", detail: "", trigger)
        }
        do {
            try await services.journal.reloaded(from: applied, to: loaded)
        } catch {
            return await refuseReload("the journal cannot record it: \(error)", detail: "", trigger)
        }
        snapshot = next
        applied = loaded
        services.admission.replace(limits: Admission.Limits(loaded.configuration.limits))
        services.scramKeys.removeAll()
        await services.secrets.removeAll()
        issuers.replace(loaded.configuration.issuers.map(IssuerDirectory.Issuer.init))
        for loop in balance.loops { await loop.perform { loop in loop.context?.adopt(next, on: loop) } }
        noteConfiguration(next, loaded)
        services.catalogs.replace(loaded.configuration.catalogSources)
        services.shipper.replace(loaded.configuration.audit)
        // Behind the shipper: nothing is removed that a store named just now has not got.
        services.journal.retention.retain = loaded.configuration.audit.retain
        logger.info(
            "configuration reloaded",
            metadata: ["trigger": "\(trigger)", "policy": "\(next.policies.revision)"]
        )
    }

    private func refuseReload(_ reason: String, detail: String, _ trigger: String) async {
        services.metrics.configurationRefused()
        await services.journal.reloadRefused(reason, keeping: applied)
        logger.error(
            "configuration not reloaded, the old one stays",
            metadata: ["trigger": "\(trigger)", "reason": "\(reason)"]
        )
        if !detail.isEmpty { logger.error("\(detail)") }
    }

    // MARK: The end

    /// Tells load balancers first, then idle sessions, waits for busy ones, and closes the journal last.
    private func drain() async {
        logger.info("draining", metadata: ["timeout": "\(options.drainTimeout)"])
        services.health.enter(.draining)
        let deadline = MonotonicTime.now.advanced(by: options.drainTimeout)
        // A second signal means that nobody waits for the load balancer.
        let hurry = Task { [events] in
            for await event in events where event == .terminate { return }
        }
        let pause = Task { try? await Task.sleep(for: Self.acceptingAfterDrain) }
        let impatience = Task {
            await hurry.value
            pause.cancel()
        }
        await pause.value
        impatience.cancel()
        for loop in balance.loops { await loop.perform { loop in loop.context?.drain(on: loop) } }
        for socket in sockets { socket.stop() }
        while services.admission.connections > 0, MonotonicTime.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
        }
        for loop in balance.loops { await loop.perform { loop in loop.context?.endAll(on: loop) } }
        // Last words need a moment to leave; nothing depends on them.
        let lastWords = MonotonicTime.now.advanced(by: .milliseconds(500))
        while services.admission.connections > 0, MonotonicTime.now < lastWords {
            try? await Task.sleep(for: .milliseconds(20))
        }
        for loop in balance.loops {
            await loop.perform { loop in loop.context?.journal.close() }
            await loop.stop()
        }
        await services.journal.stop(version: options.version)
        await services.shipper.finish()
        issuers.stop()
        await services.catalogs.stop()
        hurry.cancel()
        logger.info("gateway stopped")
    }
}
