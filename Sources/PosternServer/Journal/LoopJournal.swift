internal import PosternCore
internal import PosternJournal
internal import PosternNet

/// One loop's chain of the journal.
///
/// Confined to the loop: `append` writes before it returns, and the loop goes on only if it did.
final class LoopJournal: EventHandler {
    private static let tick = Duration.seconds(1)

    private let writer: JournalWriter
    private let gateway: GatewayJournal
    private let metrics: LoopMetrics
    private var registration: Registration?
    private var nextTick = MonotonicTime.now
    /// The timer is set for the next turn of the wheel, because records are deferred.
    private var isFlushDue = false
    private var countedRecords: UInt64 = 0
    private var countedBytes: UInt64 = 0

    init(writer: JournalWriter, gateway: GatewayJournal, metrics: LoopMetrics) {
        self.writer = writer
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
        write { writer throws(JournalError) in try writer.append(event, now: .now) }
    }

    /// Writes several records at once: all of them or, returning false, none.
    func append(_ events: [some JournalEvent]) -> Bool {
        write { writer throws(JournalError) in try writer.append(events, now: .now) }
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
        writer.flush(now: .now)
        if loop.now >= nextTick {
            nextTick = loop.now.advanced(by: Self.tick)
            writeSummary()
            writer.tick(now: .now)
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
        writeSummary()
        do throws(JournalError) {
            try writer.close(now: .now)
        } catch {
            gateway.note(error, chain: writer.name)
        }
    }
}
