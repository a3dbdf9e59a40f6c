internal import PosternCore
internal import PosternJournal
internal import PosternNet

/// What belongs to one event loop: its buffers, its journal chain, its counters, its view of the configuration.
///
/// Confined to the loop; reached from elsewhere as the loop's `attachment`.
final class LoopContext {
    let loop: EventLoop
    let services: GatewayServices
    let buffers = LoopBuffers()
    let metrics: LoopMetrics
    let journal: LoopJournal
    private(set) var snapshot: GatewaySnapshot
    private(set) var isDraining = false

    init(loop: EventLoop, services: GatewayServices, metrics: LoopMetrics, journal: LoopJournal, snapshot: GatewaySnapshot)
    {
        self.loop = loop
        self.services = services
        self.metrics = metrics
        self.journal = journal
        self.snapshot = snapshot
    }

    /// Takes over a snapshot: for new connections at once, for sessions at their next message.
    func adopt(_ snapshot: GatewaySnapshot) {
        self.snapshot = snapshot
    }

    /// Ends idle sessions now, each busy one as soon as it is idle.
    func drain(on loop: isolated EventLoop) {
        isDraining = true
        loop.forEachHandler(Session.self) { $0.drain(on: loop) }
    }

    /// Ends what is left.
    func endAll(on loop: isolated EventLoop) {
        loop.forEachHandler(Session.self) { $0.end(.drained, on: loop) }
    }
}

extension EventLoop {
    /// This loop's context.
    var context: LoopContext? { attachment as? LoopContext }
}
