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

    init(writer: JournalWriter, gateway: GatewayJournal, metrics: LoopMetrics) {
        self.writer = writer
        self.gateway = gateway
        self.metrics = metrics
    }

    /// Whether a new session can be recorded: the disk has room and takes records.
    var acceptsSessions: Bool { gateway.isWritable }

    /// Begins the checkpoints and summaries.
    func start(on loop: isolated EventLoop) {
        let registration = loop.register(self)
        self.registration = registration
        loop.setTimer(at: loop.now.advanced(by: Self.tick), for: registration)
    }

    /// Writes a record.
    ///
    /// - Returns: false when it could not be written: what it is about must not happen then.
    func append(_ event: some JournalEvent) -> Bool {
        let bytes = writer.byteCount
        do throws(JournalError) {
            try writer.append(event, now: .now)
        } catch {
            gateway.note(error, chain: writer.name)
            return false
        }
        metrics.journalRecords.add()
        metrics.journalBytes.add(writer.byteCount - bytes)
        return true
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
        writeSummary()
        writer.tick(now: .now)
        gateway.note(writer.failure, chain: writer.name)
        if let registration { loop.setTimer(at: loop.now.advanced(by: Self.tick), for: registration) }
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
