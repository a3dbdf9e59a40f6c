internal import PosternConfiguration
internal import PosternCore
internal import PosternNet
internal import PosternSQL
internal import PosternSession
internal import PosternTransport

/// What belongs to one event loop: its buffers, its journal chain, its counters, its view of the configuration.
///
/// Confined to the loop; reached from elsewhere as the loop's `attachment`.
final class LoopContext {
    let index: Int
    let loop: EventLoop
    let services: GatewayServices
    let buffers = LoopBuffers()
    let metrics: LoopMetrics
    let journal: LoopJournal
    let desk: StatementDesk
    private let balance: LoopBalance
    private(set) var snapshot: GatewaySnapshot
    private(set) var isDraining = false
    private var listeners: [GatewayListener] = []

    init(
        index: Int,
        services: GatewayServices,
        balance: LoopBalance,
        journal: LoopJournal,
        snapshot: GatewaySnapshot
    ) {
        self.index = index
        self.services = services
        self.balance = balance
        self.journal = journal
        self.snapshot = snapshot
        loop = balance.loops[index]
        metrics = services.metrics.loops[index]
        desk = StatementDesk(key: services.journal.textKey)
    }

    /// Watches the gateway's listening sockets on this loop.
    ///
    /// - Throws: `SystemError` when the loop's epoll set refuses one.
    func listen(_ sockets: [(descriptor: Int32, settings: ListenerSettings)], on loop: isolated EventLoop) throws {
        for socket in sockets {
            let listener = GatewayListener(
                descriptor: socket.descriptor,
                settings: socket.settings,
                context: self,
                balance: balance
            )
            try listener.start(on: loop)
            listeners.append(listener)
        }
    }

    /// What the database's catalogue held when it was last read; nil without a `catalog_login`.
    func catalogue(of database: DatabaseConfiguration) -> CatalogSnapshot? {
        services.catalogs.snapshot(of: database.name)
    }

    /// Takes over a snapshot: for new connections at once, for sessions at their next message.
    func adopt(_ snapshot: GatewaySnapshot, on loop: isolated EventLoop) {
        self.snapshot = snapshot
        loop.forEachHandler(Session.self) { $0.configurationChanged(on: loop) }
    }

    /// Takes no more connections, ends idle sessions now and each busy one as soon as it is idle.
    func drain(on loop: isolated EventLoop) {
        isDraining = true
        for listener in listeners { listener.stop(on: loop) }
        listeners = []
        loop.forEachHandler(Session.self) { $0.drain(on: loop) }
    }

    /// Ends what is left, in the middle of whatever it does.
    func endAll(on loop: isolated EventLoop) {
        loop.forEachHandler(Session.self) { $0.end(.drained, on: loop) }
    }

    func connectionClosed() {
        metrics.connectionsClosed.add()
        balance.closed(on: index)
    }
}

extension EventLoop {
    /// This loop's context.
    var context: LoopContext? { attachment as? LoopContext }
}
