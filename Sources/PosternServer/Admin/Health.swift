package import PosternCore
internal import Synchronization

/// What the gateway knows about itself and its neighbours, for /readyz and /metrics.
///
/// The gateway writes it when something changes; the admin address reads it. It decides nothing.
package final class Health: Sendable {
    package enum Phase: String, Sendable {
        case starting
        case serving
        case draining
    }

    /// What is known about an issuer's keys.
    package struct Issuer: Equatable, Sendable {
        /// Usable keys at hand.
        package var keys = 0
        /// Since the issuer last gave or confirmed them; nil without keys.
        package var age: Duration?
        /// When it last did, nil when it never has.
        package var lastSuccess: Timestamp?
        /// The last time that the key set read was another one than before.
        package var keysChanged: Timestamp?
        package var fetches = IssuerStatus.Fetches()
        /// The last time that a fetch failed.
        package var lastFailure: Timestamp?
        /// Why the last fetch failed; nil after a good one.
        package var error: String?
        /// Whether the keys are those that were kept on disk.
        package var isKept = false
        /// Tokens that were let through by keys older than the issuer wants them used.
        package var staleUses: UInt64 = 0

        package init() {}
    }

    /// What is known about the catalogue of a database with a `catalog_login`.
    package struct Catalog: Equatable, Sendable {
        package var reads: UInt64 = 0
        package var failures: UInt64 = 0
        /// The last time that it was read, nil when it never was.
        package var lastSuccess: Timestamp?
        /// The last time that it was another one than before.
        package var changed: Timestamp?
        package var isFailing = false

        package init() {}
    }

    /// What is known about the auditors' store.
    package struct AuditStore: Equatable, Sendable {
        /// Whether it could be reached the last time.
        package var isUp = false
        /// Records that a checkpoint on the disk covers and that the store has not.
        package var lagRecords: UInt64 = 0
        /// Since when there are such records.
        package var lag = Duration.zero
        /// Records that were loaded.
        package var records: UInt64 = 0
        /// Records that the store has as a line alone.
        package var refusedRecords: UInt64 = 0
        /// Records that were gone before they were loaded.
        package var lostRecords: UInt64 = 0
        /// Connections and batches that failed.
        package var failures: UInt64 = 0
        package var lastSuccess: Timestamp?
        /// What is wrong now: with the store, or with a chain.
        package var error: String?

        package init() {}
    }

    /// A host of a database.
    package struct Upstream: Hashable, Comparable, Sendable {
        package let database: String
        /// `host:port` as the configuration has it.
        package let host: String

        package init(database: String, host: String) {
            self.database = database
            self.host = host
        }

        package static func < (left: Upstream, right: Upstream) -> Bool {
            (left.database, left.host) < (right.database, right.host)
        }
    }

    /// One consistent view of everything.
    package struct Snapshot: Equatable, Sendable {
        package var phase = Phase.starting
        package var journalWritable = true
        package var issuers: [String: Issuer] = [:]
        /// Whether the last connection attempt succeeded; hosts that nobody tried yet are absent.
        package var upstreams: [Upstream: Bool] = [:]
        /// By database.
        package var catalogs: [String: Catalog] = [:]
        /// nil when none is configured.
        package var auditStore: AuditStore?
        /// Chains whose old files stay because that store has not got them.
        package var chainsAwaitingStore = 0

        /// Why new jobs should be sent elsewhere; nil when they should not.
        package var notReady: String? {
            switch phase {
            case .starting: "starting"
            case .draining: "draining"
            case .serving: journalWritable ? nil : "the journal cannot be written"
            }
        }

        /// Issuers whose keys could not be fetched the last time, sorted.
        package var failingIssuers: [(name: String, issuer: Issuer)] {
            issuers.filter { $0.value.error != nil }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        }

        /// Issuers whose tokens cannot be checked now.
        package var issuersWithoutKeys: [String] { issuers.filter { $0.value.keys == 0 }.keys.sorted() }

        /// Databases of which every host that was tried refused the last connection.
        package var unreachableDatabases: [String] {
            let databases = Dictionary(grouping: upstreams, by: \.key.database)
            return databases.filter { !$0.value.contains(where: \.value) }.keys.sorted()
        }

        /// Databases whose catalogue could not be read the last time.
        package var unreadableCatalogs: [String] { catalogs.filter(\.value.isFailing).keys.sorted() }
    }

    private let state = Mutex(Snapshot())

    package init() {}

    package var snapshot: Snapshot { state.withLock { $0 } }

    package func enter(_ phase: Phase) {
        state.withLock { $0.phase = phase }
    }

    package func journal(isWritable: Bool) {
        state.withLock { $0.journalWritable = isWritable }
    }

    /// Takes over the names of a configuration: what it no longer has is forgotten, new issuers begin without keys.
    ///
    /// - Parameter catalogs: the databases that have a `catalog_login`.
    package func configure(
        issuers: some Sequence<String>,
        upstreams: some Sequence<Upstream>,
        catalogs: some Sequence<String> = []
    ) {
        let issuers = Set(issuers)
        let upstreams = Set(upstreams)
        let catalogs = Set(catalogs)
        state.withLock { state in
            state.issuers = state.issuers.filter { issuers.contains($0.key) }
            for name in issuers where state.issuers[name] == nil { state.issuers[name] = Issuer() }
            state.upstreams = state.upstreams.filter { upstreams.contains($0.key) }
            state.catalogs = state.catalogs.filter { catalogs.contains($0.key) }
            for name in catalogs where state.catalogs[name] == nil { state.catalogs[name] = Catalog() }
        }
    }

    /// An issuer's keys stand so now.
    package func issuer(_ name: String, is issuer: Issuer) {
        state.withLock { state in
            // A reload may have taken it away since it was looked at.
            if state.issuers[name] != nil { state.issuers[name] = issuer }
        }
    }

    /// A database's catalogue was read.
    ///
    /// - Parameter changed: whether it is another one than before.
    package func catalog(_ database: String, readAt time: Timestamp, changed: Bool) {
        state.withLock { state in
            guard var catalog = state.catalogs[database] else { return }
            catalog.reads &+= 1
            catalog.lastSuccess = time
            if changed { catalog.changed = time }
            catalog.isFailing = false
            state.catalogs[database] = catalog
        }
    }

    /// A database's catalogue could not be read.
    ///
    /// - Returns: whether it could be the last time.
    @discardableResult
    package func catalogFailed(_ database: String) -> Bool {
        state.withLock { state in
            guard let catalog = state.catalogs[database] else { return false }
            state.catalogs[database]?.failures &+= 1
            state.catalogs[database]?.isFailing = true
            return !catalog.isFailing
        }
    }

    /// The auditors' store is as this says; nil when none is configured.
    package func auditStore(_ store: AuditStore?) {
        state.withLock { $0.auditStore = store }
    }

    /// So many chains of the journal have old files that stay until the auditors' store has them.
    package func retention(chainsAwaitingStore count: Int) {
        state.withLock { $0.chainsAwaitingStore = count }
    }

    /// A connection to a host was tried.
    package func upstream(_ upstream: Upstream, isUp: Bool) {
        // Most sessions change nothing: the host was up before.
        state.withLock { state in
            if state.upstreams[upstream] != isUp { state.upstreams[upstream] = isUp }
        }
    }
}

extension Health.Snapshot {
    /// The body of /readyz for a person: one line of state, one for each trouble.
    package var text: String {
        var lines = [notReady.map { "not ready: \($0)" } ?? "ready"]
        lines += issuersWithoutKeys.map { name in
            "issuer \(name): no keys" + (issuers[name]?.error.map { ": \($0)" } ?? "")
        }
        lines += failingIssuers.filter { $0.issuer.keys > 0 }.map { name, issuer in
            let age = issuer.age.map { " of \($0.components.seconds) s ago" } ?? ""
            return "issuer \(name): keys\(age)\(issuer.isKept ? ", kept on disk" : ""): \(issuer.error ?? "")"
        }
        lines += unreachableDatabases.map { "database \($0): unreachable" }
        lines += unreadableCatalogs.map { "database \($0): catalogue cannot be read" }
        if let store = auditStore, let error = store.error {
            lines.append("audit store: \(error) (\(store.lagRecords) records wait)")
        }
        if chainsAwaitingStore > 0 {
            let chains = chainsAwaitingStore == 1 ? "1 chain" : "\(chainsAwaitingStore) chains"
            lines.append("journal: old files of \(chains) stay until the auditors' store has them")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The body of /readyz for a program.
    package var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("ready")
        writer.bool(notReady == nil)
        if let notReady {
            writer.name("reason")
            writer.string(notReady)
        }
        writer.name("issuers_without_keys")
        writer.value(.array(issuersWithoutKeys.map(JSONValue.string)))
        writer.name("failing_issuers")
        writer.value(.array(failingIssuers.map { .object($0.issuer.json($0.name)) }))
        writer.name("unreachable_databases")
        writer.value(.array(unreachableDatabases.map(JSONValue.string)))
        writer.name("unreadable_catalogs")
        writer.value(.array(unreadableCatalogs.map(JSONValue.string)))
        if let store = auditStore {
            writer.name("audit_store")
            writer.value(.object(store.json))
            writer.name("chains_awaiting_store")
            writer.value(.number(JSONNumber(UInt64(chainsAwaitingStore))))
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }
}

extension Health.Issuer {
    fileprivate func json(_ name: String) -> JSONObject {
        [
            "issuer": .string(name), "keys": .number(JSONNumber(keys)),
            "age_seconds": age.map { .number(JSONNumber($0.components.seconds)) } ?? .null,
            "kept": .bool(isKept), "error": error.map { .string($0) } ?? .null,
        ]
    }
}

extension Health.AuditStore {
    fileprivate var json: JSONObject {
        [
            "up": .bool(isUp), "lag_records": .number(JSONNumber(lagRecords)),
            "lag_seconds": .number(JSONNumber(lag.components.seconds)),
            "error": error.map { .string($0) } ?? .null,
        ]
    }
}
