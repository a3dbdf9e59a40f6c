internal import PosternCore
package import PosternJob
package import PosternNet

/// What a job has before its port opens: its own loop, its way to the gateway, and a token that was looked at.
package struct JobSetup: Sendable {
    package let settings: PortSettings
    package let pool: BlockingPool
    private(set) var token: FetchedToken
    package let route: GatewayRoute
    package let finder: TokenFinder

    /// Token services, programs and the resolver are waited for on these.
    private static let threads = 4

    /// Finds the token's source, gets a token and reads the gateway's authorities, at the same time.
    ///
    /// - Throws: `JobTrouble`, of the token if there is none.
    package init(_ options: JobOptions, in environment: JobEnvironment) async throws(JobTrouble) {
        let finder = TokenFinder(options.token, in: environment)
        let source = try finder.find()
        let pool = BlockingPool(label: "postern.job", threads: Self.threads)
        let loop: EventLoop
        do {
            loop = try EventLoop(name: "postern.job.loop")
        } catch {
            throw JobTrouble("cannot begin: \(error)")
        }
        loop.start()
        let settings = PortSettings(
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
        async let fetched = Self.attempt(pool) { try settings.fetcher.fetch() }
        async let reached = Self.attempt(pool) { try settings.makeRoute() }
        token = FetchedToken(token: try await fetched.get(), moment: .now)
        route = try await reached.get()
        self.settings = settings
        self.pool = pool
        self.finder = finder
    }

    private static func attempt<Value: Sendable>(
        _ pool: BlockingPool,
        _ work: @escaping @Sendable () throws -> Value
    ) async -> Result<Value, JobTrouble> {
        do {
            return .success(try await pool.run(work))
        } catch let trouble as JobTrouble {
            return .failure(trouble)
        } catch {
            return .failure(JobTrouble("\(error)"))
        }
    }

    /// Waits until the gateway lets the role in, as long as the options say, if they do.
    ///
    /// - Throws: `JobTrouble` when it does not.
    package mutating func waitForGateway(_ options: JobOptions) async throws(JobTrouble) {
        guard let duration = options.wait else { return }
        token.wasUsed = true
        let request = GatewayRequest(user: options.role, database: options.database)
        let failure = await GatewayProbe.wait(duration, route, request: request, token: token.token, on: settings.loop)
        if let failure { throw failure.trouble(with: options.gateway) }
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
            say: say
        )
    }
}
