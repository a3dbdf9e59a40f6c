package import PosternConfiguration
internal import PosternCore
internal import PosternNet

/// Tries the auditors' store of a configuration, as a gateway would, and changes nothing there.
package struct StoreProbe: Sendable {
    /// A store that can be used.
    package struct Success: Hashable, Sendable {
        /// What the server reports: `15.4`.
        package let serverVersion: String
        /// nil when the gateway will make the schema.
        package let schemaVersion: Int?
    }

    package typealias Report = Result<Success, ProbeFailure>

    private static let limit = Duration.seconds(30)
    /// `t` for each of: UTF8, may make temporary tables, may make the schema or what is missing in it.
    private static let question = """
        SELECT split_part(current_setting('server_version'), ' ', 1), current_setting('server_encoding') = 'UTF8',
            has_database_privilege(current_database(), 'TEMPORARY'),
            CASE WHEN to_regnamespace('postern') IS NULL THEN has_database_privilege(current_database(), 'CREATE')
                ELSE has_schema_privilege('postern', 'USAGE, CREATE') END,
            to_regclass('postern.schema_version') IS NOT NULL
        """

    private let pool: BlockingPool
    private let secrets: SecretResolver

    package init() {
        pool = BlockingPool(label: "postern.check.store", threads: 2)
        secrets = SecretResolver(pool: pool)
    }

    /// - Returns: nil when no store is configured.
    package func run(_ audit: AuditConfiguration) async -> Report? {
        guard let store = audit.postgres else { return nil }
        return await ProbeFailure.catching {
            let material = try await UpstreamMaterial.gather(
                database: store.database,
                login: store.login,
                fresh: false,
                secrets: secrets,
                names: pool
            )
            return try await pool.run {
                let dial = LibPQDial(store.database, login: store.login, application: "postern/check")
                return try Self.ask(try dial.connect(material) { false })
            }
        }
    }

    private static func ask(_ connection: LibPQConnection) throws -> Success {
        let deadline = MonotonicTime.now.advanced(by: limit)
        var answers: [String] = []
        try connection.run(question, until: deadline) { row throws(LibPQFailure) in
            answers = (0..<5).map { String(decoding: row.bytes($0), as: UTF8.self) }
        }
        guard answers.count == 5 else { throw ProbeFailure("the server gave no answer") }
        let troubles = [
            "the database's encoding is not UTF8", "the user may not make temporary tables in the database",
            "the user may not make the schema `postern` or tables in it",
        ]
        for (answer, trouble) in zip(answers[1...3], troubles) where answer != "t" { throw ProbeFailure(trouble) }
        var version: Int?
        if answers[4] == "t" {
            let query = "SELECT coalesce(max(version), 0) FROM postern.schema_version"
            try connection.run(query, until: deadline) { row throws(LibPQFailure) in
                version = Int(String(decoding: row.bytes(0), as: UTF8.self))
            }
        }
        if let version, StoreSchema.missing(after: version) == nil {
            throw ProbeFailure(
                "the schema has version \(version), and this Postern knows \(StoreSchema.version) at most"
            )
        }
        return Success(serverVersion: answers[0], schemaVersion: version)
    }
}
