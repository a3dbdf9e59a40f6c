internal import Logging
internal import PosternConfiguration
internal import PosternCore
internal import PosternJournal
internal import PosternNet
internal import PosternPolicy
internal import Synchronization

/// The gateway's journal as a whole: its folder, the chain for what concerns no session, and whether it can be
/// written at all.
final class GatewayJournal: Sendable {
    /// How often the free space is looked at and the control chain signed.
    private static let interval = Duration.seconds(1)
    static let controlName = "gateway"

    let directory: JournalDirectory
    let retention: JournalRetention
    private let syncer: JournalSyncer
    private let audit: AuditConfiguration
    private let gateway: String
    private let metrics: MetricsRegistry
    private let trouble: TroubleBoard
    private let control: ControlChain
    private let limiter = Mutex(RefusalLimiter())

    /// Opens the folder and takes its lock. Blocks while the signing key's command runs.
    ///
    /// - Throws: `JournalError`.
    init(configuration: Configuration, metrics: MetricsRegistry, health: Health, logger: Logger) throws {
        audit = configuration.audit
        gateway = configuration.gateway.name
        self.metrics = metrics
        directory = try JournalDirectory(path: audit.directory, signer: JournalSigner(audit.signingKey))
        directory.shipped.require(audit.postgres != nil)
        retention = JournalRetention(retain: audit.retain, health: health, logger: logger)
        let trouble = TroubleBoard(health: health, logger: logger)
        self.trouble = trouble
        syncer = JournalSyncer { trouble.note(.syncing, $0) }
        control = ControlChain()
    }

    /// Whether what must be recorded can be: looked at once for each session, without a lock.
    var isWritable: Bool { trouble.isNone }

    /// What statements' texts are coded with.
    var textKey: TextKey { directory.textKey }

    /// What the auditors' store is loaded from.
    var shippingSource: ShippingSource {
        ShippingSource(
            gateway: gateway,
            directory: directory,
            writers: Set(metrics.loops.indices.map(Self.loopName) + [Self.controlName])
        )
    }

    /// Who signs receipts.
    var receipts: ReceiptSigner { ReceiptSigner(gateway: gateway, key: directory.key, keyID: directory.keyID) }

    /// How a chain fares: the error that keeps it from being written, or nil.
    func note(_ error: JournalError?, chain: String) { trouble.note(.writing(chain: chain), error) }

    /// `sync: always`: the disk has not answered for seconds. The next round that ends says otherwise.
    func noteSlowDisk() { trouble.note(.syncing, .slowDisk(path: directory.path)) }

    /// How often the disk has refused records so far.
    var syncFailures: Int { syncer.failures }

    /// Waits until everything that was written before the call is on the disk (`sync: always`).
    ///
    /// - Returns: false when the disk refused it.
    func synced() async -> Bool {
        await withCheckedContinuation { continuation in
            syncer.afterSync { continuation.resume(returning: $0 == nil) }
        }
    }

    // MARK: The bound on what strangers can make the journal hold

    /// Whether a refusal from this source is written; it is counted otherwise. The bound is the gateway's, not a
    /// loop's.
    func admitRefusal(source: [UInt8]) -> Bool {
        limiter.withLock { $0.admit(source: source, now: .now) }
    }

    /// What was counted since the last summary, for whichever loop asks first.
    func takeRefusalSummary() -> RefusalLimiter.Summary? {
        limiter.withLock { $0.summary(now: .now) }
    }

    // MARK: The gateway's own records

    /// Begins the journal: the policies are kept, and `gateway.start` stands before anybody is let in.
    func start(snapshot: ConfigurationSnapshot, version: String) async throws {
        checkSpace()
        try keepPolicies(of: snapshot)
        let writer = try makeWriter(name: Self.controlName)
        try await control.open(writer)
        try await control.append(GatewayStart(gateway: gateway, version: version, state: PolicyState(snapshot)))
        syncer.start()
    }

    /// Opens the chain of one loop, on that loop.
    func openLoop(_ index: Int) throws -> LoopJournal {
        LoopJournal(
            writer: try makeWriter(name: Self.loopName(index)),
            gateway: self,
            metrics: metrics.loops[index],
            syncsAlways: audit.sync == .always
        )
    }

    static func loopName(_ index: Int) -> String { "loop-\(index)" }

    func makeWriter(name: String) throws -> JournalWriter {
        try JournalWriter(
            directory: directory,
            syncer: syncer,
            name: name,
            gateway: gateway,
            rotateSize: audit.rotateSize,
            now: .now
        )
    }

    /// Looks after the control chain and the free space until the task is cancelled.
    func follow() async {
        while !Task.isCancelled {
            note(await control.tick(), chain: Self.controlName)
            checkSpace()
            try? await Task.sleep(for: Self.interval)
        }
    }

    private func checkSpace() {
        guard let free = directory.freeBytes, free < audit.minimumFree else { return trouble.note(.space, nil) }
        trouble.note(.space, JournalError.short(of: audit.minimumFree, path: directory.path))
    }

    func reloaded(from old: ConfigurationSnapshot, to new: ConfigurationSnapshot) async throws {
        try keepPolicies(of: new)
        let changed = Self.changedRoles(from: old.policies, to: new.policies)
        try await control.append(PolicyReload(state: PolicyState(new), changedRoles: changed, error: nil))
    }

    /// Writes into the gateway's own chain what happened to it.
    func append(_ event: some JournalEvent & Sendable) async throws(JournalError) -> RecordPosition? {
        try await control.append(event)
    }

    func reloadRefused(_ reason: String, keeping snapshot: ConfigurationSnapshot) async {
        do {
            try await control.append(PolicyReload(state: PolicyState(snapshot), changedRoles: [], error: reason))
        } catch {
            note(error, chain: Self.controlName)
        }
    }

    /// Ends the journal, after the loops have closed their chains.
    func stop(version: String) async {
        let uncounted = limiter.withLock { $0.finish() }
        do {
            if let uncounted {
                let summary = SessionRefusedSummary(count: uncounted.count, sources: uncounted.sources)
                try await control.append(summary)
            }
            try await control.append(GatewayStop(gateway: gateway, version: version))
            try await control.close()
        } catch {
            note(error, chain: Self.controlName)
        }
    }

    private func keepPolicies(of snapshot: ConfigurationSnapshot) throws {
        try directory.keepPolicies(
            hash: snapshot.policies.hash,
            files: snapshot.policies.files.map { ($0.path, $0.contents) }
        )
    }

    private static func changedRoles(from old: PolicySet, to new: PolicySet) -> [String] {
        let names = Set(old.roles.map(\.name)).union(new.roles.map(\.name))
        return names.filter { old.role(named: $0) != new.role(named: $0) }.sorted()
    }
}

/// The chain of the gateway's own records. An actor: they are few, and no loop waits for them.
private actor ControlChain {
    private var writer: JournalWriter?

    func open(_ writer: sending JournalWriter) throws { self.writer = writer }

    @discardableResult
    func append(_ event: some JournalEvent & Sendable) throws(JournalError) -> RecordPosition? {
        try writer?.append(event, now: .now)
    }

    func tick() -> JournalError? {
        writer?.tick(now: .now)
        return writer?.failure
    }

    func close() throws(JournalError) { try writer?.close(now: .now) }
}

extension PolicyState {
    fileprivate init(_ snapshot: ConfigurationSnapshot) {
        self.init(
            configHash: snapshot.configurationHash,
            policyHash: snapshot.policies.hash,
            revision: snapshot.policies.revision,
            files: snapshot.policies.files.map(\.path)
        )
    }
}
