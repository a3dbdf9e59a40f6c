internal import PosternCore
internal import PosternCrypto
internal import PosternJob
internal import PosternNet
internal import PosternTransport
internal import PostgresWire

/// What belongs to the local port's loop: buffers, sessions, their receipts. Reached as the loop's `attachment`.
final class PortContext: EventHandler {
    /// Connections at once. A gateway's own limits are far below.
    private static let sessionLimit = 1024
    /// Connections to the port that have not said the password yet: any user of the machine can make them.
    private static let strangerLimit = 64
    /// How long what is busy may go on when the run is over, before it is canceled.
    private static let drainTimeout = Duration.seconds(5)
    /// How long the gateway has then to end it.
    private static let cancelTimeout = Duration.seconds(3)
    /// Different troubles that are told. Messages of a gateway that name sessions differ each time.
    private static let troubleLimit = 8

    private struct CancelTarget {
        let key: CancelKey
        let route: GatewayRoute
    }

    let settings: PortSettings
    let buffers = LoopBuffers()
    let desk: LoginDesk
    private let say: @Sendable (JobTrouble) -> Void
    private var told: Set<String> = []
    private var targets: [CancelTarget] = []
    private var sessions: [ObjectIdentifier: LocalSession] = [:]
    /// The oldest first.
    private var strangers: [LocalSession] = []
    private var listeners: [LocalListener] = []
    private var drained: (@Sendable () -> Void)?
    private var timer: Registration?
    private var hasCanceled = false

    private(set) var tally: RunTally
    /// No more connections; what is idle ends.
    private(set) var isDraining = false

    /// - Parameter keepsReceipts: whether the sessions' receipts are wanted themselves.
    init(
        _ settings: PortSettings,
        desk: LoginDesk,
        keepsReceipts: Bool,
        say: @escaping @Sendable (JobTrouble) -> Void
    ) {
        self.settings = settings
        self.desk = desk
        self.say = say
        tally = RunTally(keepsReceipts: keepsReceipts)
    }

    /// - Throws: `SystemError` when the loop's epoll set takes no more.
    func listen(on descriptor: consuming OwnedFD, password: Redacted<[UInt8]>?, _ loop: isolated EventLoop) throws {
        let listener = LocalListener(descriptor, password: password, port: self)
        try listener.start(on: loop)
        listeners.append(listener)
    }

    // MARK: Sessions

    /// Begins a session with a driver, unless there are too many. Strangers take no place but their own few, which the
    /// one that has waited longest loses to the newest.
    func begin(_ descriptor: consuming OwnedFD, password: Redacted<[UInt8]>?, on loop: isolated EventLoop) {
        guard !isDraining, password != nil || sessions.count - strangers.count < Self.sessionLimit else { return }
        let session = LocalSession(password: password, port: self)
        sessions[ObjectIdentifier(session)] = session
        if password != nil {
            if strangers.count == Self.strangerLimit { strangers[0].close(on: loop) }
            strangers.append(session)
        }
        session.start(descriptor, on: loop)
    }

    /// The driver has shown that it belongs to the run.
    ///
    /// - Returns: whether there is a place for it.
    func introduce(_ session: LocalSession) -> Bool {
        guard let index = strangers.firstIndex(where: { $0 === session }) else { return true }
        guard sessions.count - strangers.count < Self.sessionLimit else { return false }
        strangers.remove(at: index)
        return true
    }

    func ended(_ session: LocalSession) {
        sessions[ObjectIdentifier(session)] = nil
        strangers.removeAll { $0 === session }
        if sessions.isEmpty { finishDrain() }
    }

    /// A session with the gateway is over. One that never came to be is not.
    func add(receipt: [UInt8]?, isSettled: Bool = true) {
        tally.add(receipt, isSettled: isSettled)
    }

    /// Ends what is idle, the rest as soon as it is, and everything when the time is over.
    func drain(on loop: isolated EventLoop, then done: @escaping @Sendable () -> Void) {
        let timer = loop.register(self)
        self.timer = timer
        loop.setTimer(at: .now.advanced(by: Self.drainTimeout), for: timer)
        drained = done
        for listener in listeners { listener.stop(on: loop) }
        listeners = []
        isDraining = true
        for session in Array(sessions.values) { session.drain(on: loop) }
        if sessions.isEmpty { finishDrain() }
    }

    func ready(_ readiness: Readiness, tag: UInt8, on loop: isolated EventLoop) {}

    /// Ends what is left, whatever it does: its statements are canceled first, so that nothing goes on behind the run.
    func timerFired(tag: UInt8, on loop: isolated EventLoop) {
        guard !hasCanceled, let timer else {
            for session in Array(sessions.values) { session.close(on: loop) }
            return finishDrain()
        }
        hasCanceled = true
        loop.setTimer(at: .now.advanced(by: Self.cancelTimeout), for: timer)
        for session in Array(sessions.values) { session.abort(on: loop) }
    }

    private func finishDrain() {
        drained?()
        drained = nil
    }

    // MARK: Cancel keys

    /// The gateway's keys go to the drivers as they are; a cancel request must reach the same gateway.
    func remember(_ key: CancelKey, by route: GatewayRoute) {
        targets.append(CancelTarget(key: key, route: route))
    }

    func forget(_ key: CancelKey) {
        targets.removeAll { $0.key == key }
    }

    /// The way to the session with this key; nil when there is none.
    func route(of key: CancelKey) -> GatewayRoute? {
        var found: GatewayRoute?
        // Every candidate is compared in full.
        for target in targets where target.key.processID == key.processID {
            if equalInConstantTime(target.key.reveal(), key.reveal()) { found = target.route }
        }
        return found
    }

    // MARK: Troubles

    /// Says it once: drivers try again.
    func tell(_ trouble: JobTrouble) {
        guard told.count < Self.troubleLimit, told.insert(trouble.message).inserted else { return }
        say(trouble)
    }
}
