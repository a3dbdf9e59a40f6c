internal import PosternConfiguration
internal import PosternCore
package import PosternNet
internal import PosternSQL
internal import PosternUpstream
internal import PostgresWire

/// Reads catalogues for the directory.
package protocol CatalogReading: Sendable {
    /// - Parameters:
    ///   - fresh: whether a remembered secret must be read again.
    ///   - isStopped: whether nobody wants the answer any more.
    /// - Throws: what went wrong; `CatalogFailure`, or the secret's error.
    func read(
        _ source: CatalogSource,
        fresh: Bool,
        isStopped: @escaping @Sendable () -> Bool
    ) async throws -> CatalogContents
}

/// Reads catalogues over libpq, on threads of their own.
///
/// The login needs nothing but CONNECT. It is refused when it is a superuser, as a session's is.
package struct CatalogReader: CatalogReading {
    /// From a session to the end of all statements.
    static let readLimit = Duration.seconds(60)

    private let pool: BlockingPool
    private let names: BlockingPool
    private let secrets: SecretResolver
    private let limits: CatalogLimits

    /// - Parameters:
    ///   - pool: where libpq blocks; nothing else should wait there.
    ///   - names: for the resolver.
    package init(
        pool: BlockingPool = BlockingPool(label: "postern.catalog", threads: 4),
        names: BlockingPool,
        secrets: SecretResolver,
        limits: CatalogLimits = CatalogLimits()
    ) {
        self.pool = pool
        self.names = names
        self.secrets = secrets
        self.limits = limits
    }

    package func read(
        _ source: CatalogSource,
        fresh: Bool = false,
        isStopped: @escaping @Sendable () -> Bool = { false }
    ) async throws -> CatalogContents {
        let material = try await UpstreamMaterial.gather(
            database: source.database,
            login: source.login,
            fresh: fresh,
            secrets: secrets,
            names: names
        )
        return try await pool.run { [limits] in
            let connection = try Self.connect(source, material, isStopped)
            let deadline = MonotonicTime.now.advanced(by: Self.readLimit)
            return try CatalogTransaction(connection, limits: limits, deadline: deadline).read()
        }
    }

    /// Goes through the hosts as a session does, until one gives a session of the right kind.
    private static func connect(
        _ source: CatalogSource,
        _ material: UpstreamMaterial,
        _ isStopped: @escaping @Sendable () -> Bool
    ) throws(CatalogFailure) -> LibPQConnection {
        var attempts = HostAttempts(
            hosts: material.hosts.map(\.upstreamHost),
            attributes: source.database.sessionAttributes
        )
        var found: LibPQConnection?
        var action = attempts.start()
        while true {
            guard !isStopped() else { throw .stopped }
            switch action {
            case .attempt(let wanted):
                do throws(CatalogFailure) {
                    guard let host = material.hosts.first(where: { $0.upstreamHost == wanted }) else {
                        throw CatalogFailure("unknown host")
                    }
                    let connection = try connect(source, material, host, isStopped)
                    found = connection
                    action = attempts.loggedIn(connection.loginResult)
                } catch {
                    // libpq does not say why a login was refused but in words: the next host may know better.
                    action = attempts.failed(UpstreamFailure(.unreachable, error.description))
                }
            case .use:
                guard let found else { throw CatalogFailure("no session is there to use") }
                guard source.database.superuser || found.parameter("is_superuser") != "on" else {
                    throw CatalogFailure("`\(source.login.name)` is a superuser, and `superuser` is not set")
                }
                return found
            case .fail(let failure): throw CatalogFailure(failure.log)
            }
        }
    }

    private static func connect(
        _ source: CatalogSource,
        _ material: UpstreamMaterial,
        _ host: UpstreamMaterial.Host,
        _ isStopped: @escaping @Sendable () -> Bool
    ) throws(CatalogFailure) -> LibPQConnection {
        let deadline = MonotonicTime.now.advanced(by: source.database.connectTimeout)
        var last = CatalogFailure(host.failure ?? "no address")
        for address in host.addresses {
            let parameters = try LibPQOption.closed(LibPQParameters.make(source, host: host, address: address))
            do throws(CatalogFailure) {
                return try LibPQConnection(
                    parameters,
                    password: material.password ?? Redacted(Array(LibPQParameters.noPassword.utf8)),
                    deadline: deadline,
                    isStopped: isStopped
                )
            } catch {
                last = error
            }
        }
        throw last
    }
}

extension LibPQConnection {
    /// What the machine that goes through the hosts decides by.
    fileprivate var loginResult: LoginResult {
        LoginResult(
            parameters: ["in_hot_standby", "default_transaction_read_only"].compactMap { name in
                parameter(name).map { ParameterStatus(name: name, value: $0) }
            }
        )
    }
}
