internal import PosternCore
package import PosternJob
internal import PosternNet

/// What a job has before its port opens: its own loop, its way to the gateway, and a token that was looked at.
package struct JobSetup: Sendable {
    package let settings: PortSettings
    let pool: BlockingPool
    /// With a token that came.
    let keeper: TokenKeeper
    let route: GatewayRoute
    package let finder: TokenFinder

    /// Token services, programs and the resolver are waited for on these.
    private static let threads = 4

    /// Finds the token's source, gets a token and finds the way to the gateway, at the same time; then waits until the
    /// gateway is there, as long as the options say, if they do.
    ///
    /// - Throws: `JobTrouble`, of the token if there is none.
    package init(_ options: JobOptions, in environment: JobEnvironment) async throws(JobTrouble) {
        let finder = TokenFinder(options.token, in: environment)
        let pool = BlockingPool(label: "postern.job", threads: Self.threads)
        let source = try await Self.settled(finder.find(), pool)
        let loop: EventLoop
        do {
            loop = try EventLoop(name: "postern.job.loop")
        } catch {
            throw JobTrouble("cannot begin: \(error)")
        }
        loop.start()
        var settings = PortSettings(
            gateway: options.gateway,
            negotiation: options.negotiation,
            caFile: options.caFile,
            source: source,
            system: finder.system,
            fetcher: TokenFetcher(
                source,
                system: finder.system,
                audience: options.token.audience,
                environment: environment,
                caFile: options.caFile
            ),
            loop: loop
        )
        let deadline = options.wait.map { MonotonicTime.now.advanced(by: $0) }
        // A token that cannot be had anew is not spent on seeing whether the gateway lets in: the sessions see.
        if !source.isRenewable { settings.patience = deadline }
        self.settings = settings
        self.pool = pool
        self.finder = finder
        do {
            (keeper, route) = try await Self.begin(settings, pool, options, until: deadline)
        } catch let failure as LinkFailure {
            throw failure.trouble(with: options.gateway)
        } catch {
            throw (error as? JobTrouble) ?? JobTrouble("\(error)")
        }
    }

    private static func settled(_ source: TokenSource, _ pool: BlockingPool) async throws(JobTrouble) -> TokenSource {
        do {
            return try await pool.run { try TokenFetcher.settled(source) }
        } catch {
            throw (error as? JobTrouble) ?? JobTrouble("\(error)")
        }
    }

    private static func begin(
        _ settings: PortSettings,
        _ pool: BlockingPool,
        _ options: JobOptions,
        until deadline: MonotonicTime?
    ) async throws -> (TokenKeeper, GatewayRoute) {
        guard let deadline else {
            var keeper = TokenKeeper(settings.source, system: settings.system)
            async let fetched = pool.run { try settings.fetchToken() }
            async let route = pool.run { try settings.makeRoute() }
            keeper.fetched(try await fetched, now: .now)
            return (keeper, try await route)
        }
        let request = GatewayRequest(user: options.role, database: options.database)
        var wait = GatewayWait(settings, request: request, pool: pool, deadline: deadline)
        let route = try await wait.run()
        return (wait.keeper, route)
    }

    /// Opens the local port.
    ///
    /// - Parameters:
    ///   - temporary: where temporary files are.
    ///   - say: told of what goes wrong with sessions, each thing once.
    /// - Throws: `JobTrouble` when it cannot be opened.
    package func openPort(
        _ options: JobOptions,
        temporary: String?,
        say: @escaping @Sendable (JobTrouble) -> Void
    ) async throws(JobTrouble) -> LocalPort {
        try await LocalPort(
            options.offer,
            setup: self,
            user: options.role,
            database: options.database,
            temporary: temporary,
            keepsReceipts: options.receiptFile != nil,
            say: say
        )
    }
}
