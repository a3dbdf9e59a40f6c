package import PosternConfiguration
internal import PosternNet

/// Tries every login of a configuration, as a session would but without a job: reads the secret, goes through the
/// hosts, logs in, and leaves.
package struct LoginProbe: Sendable {
    /// A login that worked.
    package struct Success: Hashable, Sendable {
        /// The server, as configured.
        package let host: String
        /// The first word of what the server reports: `15.4`. nil when it reports none.
        package let serverVersion: String?
        /// `TLSv1.3`, and so on; nil without TLS.
        package let tls: String?
        /// How Postern proved itself: a word of `auth_methods`, or `scram-sha-256-plus` with channel binding.
        package let method: String
        package let isSuperuser: Bool
        /// Why the hosts that come before would not do.
        package let passedOver: [String]
    }

    package struct Report: Sendable {
        package let database: String
        package let login: String
        package let result: Result<Success, ProbeFailure>
    }

    private let pool: BlockingPool
    private let secrets: SecretResolver

    package init() {
        pool = BlockingPool(label: "postern.check.logins", threads: 8)
        secrets = SecretResolver(pool: pool)
    }

    /// Takes, for each login, at most the time of its secret and the connect timeout of each host.
    ///
    /// - Returns: one report for each login of each database, in their order.
    package func run(_ databases: [DatabaseConfiguration]) async -> [Report] {
        let logins = databases.flatMap { database in database.logins.map { (database, $0) } }
        return await ProbeFailure.gather(logins) { database, login in
            Report(
                database: database.name,
                login: login.name,
                result: await ProbeFailure.catching { try await logIn(database, login) }
            )
        }
    }

    private func logIn(
        _ database: DatabaseConfiguration,
        _ login: DatabaseConfiguration.Login
    ) async throws -> Success {
        let material = try await UpstreamMaterial.gather(
            database: database,
            login: login,
            fresh: false,
            secrets: secrets,
            names: pool
        )
        return try await pool.run {
            try LoginAttempt(
                database: database,
                login: login,
                material: material,
                context: database.makeTLSContext()
            ).run()
        }
    }
}
