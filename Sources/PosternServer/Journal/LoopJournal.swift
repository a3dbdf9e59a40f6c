internal import PosternCore
internal import PosternJournal
internal import PosternNet
internal import PosternSession

/// One loop's chain of the journal.
///
/// Confined to the loop: `append` writes before it returns, and the loop goes on only if it did. Decisions are written
/// at the end of the turn that made them, all with one write; until then what they are about is held back.
final class LoopJournal: EventHandler, TurnHandler {
    private static let tick = Duration.seconds(1)
    /// `sync: always`: a disk that takes longer for a batch takes no new sessions.
    private static let slowDisk = Duration.seconds(5)

    #if POSTERN_UNRECORDED
        /// `make bench` measures by this what the journal costs. No other build has the condition.
        static let recordsStatements = false
    #else
        static let recordsStatements = true
    #endif

    private let writer: JournalWriter
    private let gateway: GatewayJournal
    private let metrics: LoopMetrics
    private let syncsAlways: Bool
    private var registration: Registration?
    private var nextTick = MonotonicTime.now
    /// The timer is set for the next turn of the wheel, because records are deferred.
    private var isFlushDue = false
    private var countedRecords: UInt64 = 0
    private var countedBytes: UInt64 = 0
    private var batch = DecisionBatch()
    /// The last batch that was sent, empty: its memory is used again.
    private var spare = DecisionBatch()
    private var isTurnEndDue = false
    private var disk = DiskQueue()

    /// - Parameter syncsAlways: what was decided is on the disk before it goes upstream.
    init(writer: JournalWriter, gateway: GatewayJournal, metrics: LoopMetrics, syncsAlways: Bool) {
        self.writer = writer
        self.syncsAlways = syncsAlways
        self.gateway = gateway
        self.metrics = metrics
    }

    /// Whether a new session can be recorded: the disk has room and takes records.
    var acceptsSessions: Bool { gateway.isWritable }

    /// Begins the checkpoints and summaries.
    func start(on loop: isolated EventLoop) {
        registration = loop.register(self)
        nextTick = loop.now.advanced(by: Self.tick)
        setTimer(on: loop)
    }

    /// Writes a record, and before it what was deferred.
    ///
    /// - Returns: false when it could not be written: what it is about must not happen then.
    func append(_ event: some JournalEvent) -> Bool {
        writeDecisions()
        return write { writer throws(JournalError) in try writer.append(event, now: .now) }
    }

    // MARK: Decisions

    /// Takes a decision: what `hold` is given goes upstream once it is written.
    func decide(_ decision: StatementDecision) {
        batch.add(decision)
    }

    /// Keeps what the relay wants sent until the turn's decisions are written; then the session is told.
    func hold(
        _ output: RelayOutput,
        of input: UnsafeRawBufferPointer,
        for session: Session,
        on loop: isolated EventLoop
    ) {
        batch.hold(output, of: input, for: session)
        askForTurnEnd(on: loop)
    }

    func hold(_ message: [UInt8], for session: Session, on loop: isolated EventLoop) {
        batch.hold(message, for: session)
        askForTurnEnd(on: loop)
    }

    private func askForTurnEnd(on loop: isolated EventLoop) {
        guard !isTurnEndDue else { return }
        isTurnEndDue = true
        loop.atTurnEnd(self)
    }

    /// Writes the decisions of the turn so far, so that what is recorded next comes after them.
    func writeDecisions() {
        guard !batch.decisions.isEmpty else { return }
        let decisions = batch.decisions
        batch.written(
            !batch.hasFailed && write { writer throws(JournalError) in try writer.append(decisions, now: .now) }
        )
    }

    func turnEnded(on loop: isolated EventLoop) {
        isTurnEndDue = false
        releaseBatch(on: loop)
    }

    /// Ends what waits for the end of the turn now, for a session that is about to end.
    ///
    /// - Returns: false where what is held still waits for the disk.
    func releaseNow(on loop: isolated EventLoop) -> Bool {
        releaseBatch(on: loop)
        return disk.isEmpty
    }

    private func releaseBatch(on loop: isolated EventLoop) {
        guard !batch.isEmpty else { return }
        let wasDecided = !batch.decisions.isEmpty || batch.hasDecided
        writeDecisions()
        guard syncsAlways, wasDecided, !batch.hasFailed else {
            guard disk.isEmpty else {
                wait(isOnDisk: true, on: loop)
                return
            }
            return release(on: loop)
        }
        let mark = gateway.syncFailures
        let number = wait(isOnDisk: nil, on: loop)
        let gateway = gateway
        let target = loop
        Task {
            // The disk tells of a failure once: whoever was written before it has failed, whichever round heard of it.
            let isOnDisk = await gateway.synced() && gateway.syncFailures == mark
            await target.perform { $0.context?.journal.synced(number, isOnDisk, on: $0) }
        }
    }

    private func release(on loop: isolated EventLoop) {
        var released = batch
        batch = spare
        released.release(on: loop)
        spare = released
    }

    /// Puts the batch behind those that wait for the disk. Its sessions say nothing more until it is released.
    @discardableResult
    private func wait(isOnDisk: Bool?, on loop: isolated EventLoop) -> UInt64 {
        let waiting = batch
        batch = DecisionBatch()
        waiting.stall(on: loop)
        return disk.append(waiting, isOnDisk: isOnDisk, now: loop.now)
    }

    private func synced(_ number: UInt64, _ isOnDisk: Bool, on loop: isolated EventLoop) {
        disk.finish(number, isOnDisk: isOnDisk)
        while var batch = disk.next() { batch.release(on: loop) }
    }

    /// Writes a record as `append` does.
    ///
    /// - Returns: where it stands; nil when it could not be written.
    func place(_ event: some JournalEvent) -> RecordPosition? {
        writeDecisions()
        // It would speak of decisions that are not in the chain.
        guard !batch.hasFailed else { return nil }
        var position: RecordPosition?
        _ = write { writer throws(JournalError) in position = try writer.append(event, now: .now) }
        return position
    }

    /// Records what has happened and what nothing waits for: it is written with the next record, or within 50 ms.
    func `defer`(_ event: some JournalEvent, on loop: isolated EventLoop) {
        _ = write { writer throws(JournalError) in try writer.defer(event, now: .now) }
        guard !isFlushDue, writer.hasDeferred else { return }
        isFlushDue = true
        setTimer(on: loop)
    }

    private func write(_ body: (JournalWriter) throws(JournalError) -> Void) -> Bool {
        defer { count() }
        do throws(JournalError) {
            try body(writer)
        } catch {
            gateway.note(error, chain: writer.name)
            return false
        }
        return true
    }

    /// Keeps the counters where the writer's are: deferred records count when they are written.
    private func count() {
        metrics.journalRecords.add(writer.recordCount - countedRecords)
        metrics.journalBytes.add(writer.byteCount - countedBytes)
        countedRecords = writer.recordCount
        countedBytes = writer.byteCount
    }

    /// Writes a refusal, or counts it when there are too many.
    ///
    /// - Parameter isVerified: the token was good: such a refusal is always written.
    func appendRefusal(_ refusal: SessionRefused, source: [UInt8], isVerified: Bool) {
        guard isVerified || gateway.admitRefusal(source: source) else { return }
        // The job is turned away whether or not it is written down; that the journal fails is said elsewhere.
        _ = append(refusal)
    }

    func ready(_ readiness: Readiness, tag: UInt8, on loop: isolated EventLoop) {}

    func timerFired(tag: UInt8, on loop: isolated EventLoop) {
        isFlushDue = false
        writeDecisions()
        writer.flush(now: .now)
        if loop.now >= nextTick {
            nextTick = loop.now.advanced(by: Self.tick)
            writeSummary()
            writer.tick(now: .now)
            if let since = disk.oldest, loop.now >= since.advanced(by: Self.slowDisk) { gateway.noteSlowDisk() }
        }
        count()
        gateway.note(writer.failure, chain: writer.name)
        setTimer(on: loop)
    }

    /// A deadline of now is the next tick of the loop's timers, which are 50 ms apart.
    private func setTimer(on loop: isolated EventLoop) {
        guard let registration else { return }
        loop.setTimer(at: isFlushDue ? loop.now : nextTick, for: registration)
    }

    private func writeSummary() {
        guard let summary = gateway.takeRefusalSummary() else { return }
        _ = append(SessionRefusedSummary(count: summary.count, sources: summary.sources))
    }

    /// Signs the chain's end; for the gateway's own.
    func close() {
        writeDecisions()
        writeSummary()
        do throws(JournalError) {
            try writer.close(now: .now)
        } catch {
            gateway.note(error, chain: writer.name)
        }
    }
}
