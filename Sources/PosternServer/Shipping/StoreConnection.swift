internal import PosternCore
internal import PosternJournal
internal import PosternNet

/// A session with the auditors' store: makes the schema, tells positions, loads batches. Blocks; confined to one thread.
final class StoreConnection {
    /// One transaction, the wait for another gateway's lock included.
    private static let limit = Duration.seconds(90)

    private let connection: LibPQConnection
    private let gateway: String
    /// What the checkpoints of the journal are signed with, base64.
    private let publicKey: String
    private var months: Set<StoreMonth> = []

    init(_ connection: LibPQConnection, gateway: String, publicKey: String) {
        self.connection = connection
        self.gateway = gateway
        self.publicKey = publicKey
    }

    private var deadline: MonotonicTime { .now.advanced(by: Self.limit) }

    /// Checks the database and brings the schema up to date.
    func prepare() throws(LibPQFailure) {
        guard connection.parameter("server_encoding") == "UTF8" else {
            throw LibPQFailure("the store's database must have the encoding UTF8")
        }
        for statement in StoreStatements.session { try run(statement) }
        try migrate()
        guard try value(StoreSchema.needsGrants) == "t" else { return }
        try inTransaction { () throws(LibPQFailure) in
            try lock()
            try run(StoreSchema.grants)
        }
    }

    /// The steps that the store lacks, each with its row in `schema_version`, in one transaction.
    private func migrate() throws(LibPQFailure) {
        if let version = try knownVersion(), try missing(after: version).isEmpty { return }
        try inTransaction { () throws(LibPQFailure) in
            try lock()
            if try value("SELECT to_regnamespace('postern') IS NULL") == "t" {
                try run("CREATE SCHEMA postern")
            }
            try run(
                """
                CREATE TABLE IF NOT EXISTS postern.schema_version (
                    version integer PRIMARY KEY,
                    title text NOT NULL,
                    gateway text NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now()
                )
                """
            )
            for step in try missing(after: knownVersion() ?? 0) {
                for statement in step.statements { try run(statement) }
                try run(
                    """
                    INSERT INTO postern.schema_version (version, title, gateway)
                    VALUES (\(step.version), \(StoreStatements.literal(step.title)), \(StoreStatements.literal(gateway)))
                    """
                )
            }
        }
    }

    private func missing(after version: Int) throws(LibPQFailure) -> [StoreSchema.Step] {
        guard let steps = StoreSchema.missing(after: version) else {
            throw LibPQFailure(
                "the store's schema has version \(version), and this gateway knows \(StoreSchema.version) at most"
            )
        }
        return steps
    }

    /// The version of the schema; nil when there is none.
    private func knownVersion() throws(LibPQFailure) -> Int? {
        guard try value("SELECT to_regclass('postern.schema_version') IS NOT NULL") == "t" else { return nil }
        return try value("SELECT coalesce(max(version), 0) FROM postern.schema_version").flatMap { Int($0) }
    }

    // MARK: Positions and batches

    /// The last record that the store has of a chain; nil when it has none.
    func position(of chain: ChainID) throws(LibPQFailure) -> RecordPosition? {
        var position: RecordPosition?
        try connection.run("SELECT seq, hash FROM postern.chain WHERE chain = '\(chain)'", until: deadline) { row in
            guard let seq = UInt64(row.text(0)), let hash = RecordHash(Array(row.bytes(1))) else { return }
            position = RecordPosition(chain: chain, seq: seq, hash: hash)
        }
        return position
    }

    /// Loads a batch, all of it and once, or throws.
    ///
    /// A record that the server refuses does not stop the others: its line is stored without what is made of it.
    ///
    /// - Returns: how many were stored that way.
    func load(_ batch: ShippingBatch) throws(LibPQFailure) -> Int {
        do throws(LibPQFailure) {
            try load(batch, isPlain: false)
            return 0
        } catch {
            guard error.isAboutData else { throw error }
            guard let (first, second) = batch.halves else {
                try load(batch, isPlain: true)
                return 1
            }
            return try load(first) + load(second)
        }
    }

    private func load(_ batch: ShippingBatch, isPlain: Bool) throws(LibPQFailure) {
        guard let last = batch.last else { return }
        try makePartitions(batch.months)
        let chain = last.position.chain
        try inTransaction { () throws(LibPQFailure) in
            let advance = StoreStatements.advance(batch, to: last, gateway: gateway, key: publicKey)
            guard try value(advance) != nil else {
                throw LibPQFailure("the store's position in `\(batch.name)` has moved: somebody else loads this chain")
            }
            if let gap = batch.gap { try run(StoreStatements.gap(gap, of: chain, gateway: gateway)) }
            try connection.copy(StoreStatements.copy, batch.copyText(isPlain: isPlain), until: deadline)
            for statement in StoreStatements.spread(chain: chain, gateway: gateway) { try run(statement) }
        }
    }

    private func makePartitions(_ wanted: Set<StoreMonth>) throws(LibPQFailure) {
        for month in wanted.subtracting(months).sorted() {
            let table = "postern.statement_\(month.suffix)"
            if try value("SELECT to_regclass('\(table)') IS NULL") == "t" {
                try inTransaction { () throws(LibPQFailure) in
                    try lock()
                    // Another gateway may have been quicker.
                    guard try value("SELECT to_regclass('\(table)') IS NULL") == "t" else { return }
                    for statement in StoreStatements.partitions(of: month) { try run(statement) }
                }
            }
            months.insert(month)
        }
    }

    /// Throws when the store no longer answers.
    func check() throws(LibPQFailure) { try run("SELECT 1") }

    /// Drops what is older than `audit.retain` says.
    func remove(olderThan age: Duration) throws(LibPQFailure) {
        // What is dropped may be wanted again, by a journal that lags behind.
        months.removeAll()
        try inTransaction { () throws(LibPQFailure) in
            try run("SET LOCAL lock_timeout = '2s'")
            try lock()
            try run(StoreStatements.remove(olderThan: age.components.seconds, gateway: gateway))
        }
    }

    // MARK: SQL

    private func lock() throws(LibPQFailure) {
        try run("SELECT pg_advisory_xact_lock(\(StoreSchema.lock))")
    }

    private func run(_ statement: String) throws(LibPQFailure) {
        try connection.run(statement, until: deadline)
    }

    /// The first column of the last row; nil when there is no row.
    private func value(_ query: String) throws(LibPQFailure) -> String? {
        var value: String?
        try connection.run(query, until: deadline) { value = $0.text(0) }
        return value
    }

    private func inTransaction(_ body: () throws(LibPQFailure) -> Void) throws(LibPQFailure) {
        try run("BEGIN")
        do throws(LibPQFailure) {
            try body()
            try run("COMMIT")
        } catch {
            // Where the connection is gone the server rolls back by itself.
            try? run("ROLLBACK")
            throw error
        }
    }
}

extension LibPQRow {
    fileprivate func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
}

extension LibPQFailure {
    /// The server understood the statement and will not have these values, now or later.
    fileprivate var isAboutData: Bool {
        guard let sqlState else { return false }
        return ["22", "23", "54"].contains(sqlState.prefix(2))
    }
}
