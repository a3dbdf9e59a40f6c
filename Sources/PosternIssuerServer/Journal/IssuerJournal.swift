package import PosternConfiguration
internal import PosternCore
internal import PosternIssuer
package import PosternJournal

/// The issuer's journal: one chain with every token and every refusal.
///
/// A token's record is on the disk before the token leaves; that it cannot be written is told by an error, and then no
/// token leaves. Refusals of strangers are recorded up to a rate and counted beyond it: nobody fills the disk from
/// outside.
package actor IssuerJournal {
    static let chainName = "issuer"
    /// Refusals of those who have proved something.
    private static let provenLimit = (burst: 200, perSecond: 10.0)
    /// Refusals of those who have not: ten thousand records a day at the very most.
    private static let strangerLimit = (burst: 100, perSecond: 0.1)
    private static let summaryInterval = Duration.seconds(60)

    private let directory: JournalDirectory
    private let syncer: JournalSyncer
    private let writer: JournalWriter
    private let clock: IssuerClock
    private let minimumFree: Int
    private var proven = RateLimit(burst: provenLimit.burst, perSecond: provenLimit.perSecond)
    private var strangers = RateLimit(burst: strangerLimit.burst, perSecond: strangerLimit.perSecond)
    private var suppressed: UInt64 = 0
    private var lastSummary: MonotonicTime?

    /// Opens the folder and takes up its chain. Blocks.
    ///
    /// - Parameter name: the issuer, for a new chain's first record.
    package init(
        _ configuration: TokenIssuerConfiguration.Journal,
        name: String,
        clock: IssuerClock
    ) throws(JournalError) {
        directory = try JournalDirectory(path: configuration.directory, signingKeyFile: nil)
        syncer = JournalSyncer { _ in }
        writer = try JournalWriter(
            directory: directory,
            syncer: syncer,
            name: Self.chainName,
            gateway: name,
            rotateSize: configuration.rotateSize,
            now: clock.now()
        )
        self.clock = clock
        minimumFree = configuration.minimumFree
        syncer.start()
    }

    /// Why nothing can be recorded now; nil when it can.
    package var trouble: JournalError? { writer.failure ?? space }

    /// Writes a record and waits until it is on the disk.
    package func record(_ event: some JournalEvent & Sendable) async throws(JournalError) {
        if let space { throw space }
        try writer.append(event, now: clock.now())
        let failure = await withCheckedContinuation { continuation in
            syncer.afterSync { continuation.resume(returning: $0) }
        }
        if let failure { throw failure }
    }

    /// Records a refusal, or counts it.
    ///
    /// - Parameter isOfStranger: whether the requester has proved nothing.
    package func refuse(_ refusal: IssuerRefuse, isOfStranger: Bool) {
        let now = clock.monotonic()
        let admitted = isOfStranger ? strangers.take(now: now) : proven.take(now: now)
        guard admitted, space == nil else {
            suppressed += 1
            return
        }
        do throws(JournalError) {
            try writer.append(refusal, now: clock.now())
        } catch {
            // `trouble` says so; the refusal is in the summary that comes when the journal can be written again.
            suppressed += 1
        }
    }

    /// Signs the chain and says how many refusals were only counted, when it is time to. Call it about once a second.
    package func tick() {
        let now = clock.monotonic()
        let isDue = lastSummary.map { now.since($0) >= Self.summaryInterval } ?? true
        if suppressed > 0, isDue, space == nil {
            summarize()
            lastSummary = now
        }
        writer.tick(now: clock.now())
    }

    /// Ends the chain.
    package func close(_ last: some JournalEvent & Sendable) throws(JournalError) {
        summarize()
        try writer.append(last, now: clock.now())
        try writer.close(now: clock.now())
    }

    private func summarize() {
        guard suppressed > 0 else { return }
        do throws(JournalError) {
            try writer.append(IssuerRefuseSummary(count: suppressed), now: clock.now())
            suppressed = 0
        } catch {
            // Counted on: the next summary has them.
        }
    }

    /// The file system has less room than is to be kept.
    private var space: JournalError? {
        guard let free = directory.freeBytes, free < minimumFree else { return nil }
        return JournalError.short(of: minimumFree, path: directory.path)
    }
}
