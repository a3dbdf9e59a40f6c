internal import PosternConfiguration
internal import PosternCore
package import PosternNet

/// Reads catalogues for the directory.
package protocol CatalogReading: Sendable {
    /// - Parameters:
    ///   - fresh: whether a remembered secret must be read again.
    ///   - isStopped: whether nobody wants the answer any more.
    /// - Throws: what went wrong; `LibPQFailure`, or the secret's error.
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
            let dial = LibPQDial(source.database, login: source.login, application: "postern/catalog")
            let connection = try dial.connect(material, isStopped)
            let deadline = MonotonicTime.now.advanced(by: Self.readLimit)
            return try CatalogTransaction(connection, limits: limits, deadline: deadline).read()
        }
    }
}
