package import PosternConfiguration
internal import PosternCore
package import PosternIssuer
package import PosternJournal

/// The issuer's journal: one chain with every token and every refusal.
///
/// A token's record is on the disk before the token leaves; that it cannot be written is told by an error, and then no
/// token leaves. Refusals are recorded up to a rate and counted beyond it: nobody fills the disk from outside. Each
/// standing has a rate of its own, so that a flood of what anybody can send hides no replay.
package actor IssuerJournal {
    static let chainName = "issuer"
    /// Refusals of those who may ask.
    private static let requesterLimit = (burst: 200, perSecond: 10.0)
    /// Refusals of requests that were signed, and come from who knows whom.
    private static let bearerLimit = (burst: 100, perSecond: 1.0)
    private static let summaryInterval = Duration.seconds(60)

    private let directory: JournalDirectory
    private let syncer: JournalSyncer
    private let writer: JournalWriter
    private let clock: IssuerClock
    private let minimumFree: Int
    private var requesters = RateLimit(burst: requesterLimit.burst, perSecond: requesterLimit.perSecond)
    private var bearers = RateLimit(burst: bearerLimit.burst, perSecond: bearerLimit.perSecond)
    private var strangers = StrangerLimit()
    private var suppressed = SuppressedRefusals()
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
    /// - Parameter standing: what the requester has proved.
    /// - Returns: whether it is recorded.
    @discardableResult
    package func refuse(_ refusal: IssuerRefuse, standing: RequestRefusal.Standing) -> Bool {
        let now = clock.monotonic()
        let isAdmitted =
            switch standing {
            case .stranger: strangers.take(refusal.address ?? "", now: now)
            case .bearer: bearers.take(now: now)
            case .requester: requesters.take(now: now)
            }
        guard isAdmitted, space == nil else {
            suppressed.count(refusal)
            return false
        }
        do throws(JournalError) {
            try writer.append(refusal, now: clock.now())
            return true
        } catch {
            // `trouble` says so; the refusal is in the summary that comes when the journal can be written again.
            suppressed.count(refusal)
            return false
        }
    }

    /// Signs the chain and says how many refusals were only counted, when it is time to. Call it about once a second.
    package func tick() {
        let now = clock.monotonic()
        let isDue = lastSummary.map { now.since($0) >= Self.summaryInterval } ?? true
        if suppressed.total > 0, isDue, space == nil {
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
        guard suppressed.total > 0 else { return }
        do throws(JournalError) {
            try writer.append(suppressed.summary, now: clock.now())
            suppressed = SuppressedRefusals()
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
