internal import Glibc
internal import Logging
internal import PosternCore
internal import PosternNet
internal import PosternSession
internal import PosternTransport
internal import PostgresWire
internal import Synchronization

/// Takes connections off one listening socket, on one of the loops that watch it.
///
/// Every loop watches every listener, one of them wakes for a connection, and the loop with the fewest connections
/// gets it.
final class GatewayListener: EventHandler {
    /// Connections taken in one turn; more wait in the kernel, and sessions are served in between.
    private static let acceptsPerTurn = 32
    private static let pause = Duration.milliseconds(100)

    private let descriptor: Int32
    private let settings: ListenerSettings
    private let context: LoopContext
    private let balance: LoopBalance
    private var registration: Registration?
    private var spare = SpareDescriptor()
    private var lastComplaint: MonotonicTime?

    /// - Parameter descriptor: a listening socket, which stays open for as long as the gateway does.
    init(descriptor: Int32, settings: ListenerSettings, context: LoopContext, balance: LoopBalance) {
        self.descriptor = descriptor
        self.settings = settings
        self.context = context
        self.balance = balance
    }

    func start(on loop: isolated EventLoop) throws {
        let registration = loop.register(self)
        self.registration = registration
        try loop.watch(descriptor, for: .read, as: registration, exclusive: true)
    }

    /// Takes no more connections.
    func stop(on loop: isolated EventLoop) {
        guard let registration else { return }
        loop.unregister(registration)
        self.registration = nil
    }

    /// The pause is over.
    func timerFired(tag: UInt8, on loop: isolated EventLoop) {
        guard let registration else { return }
        do {
            try loop.watch(descriptor, for: .read, as: registration, exclusive: true)
        } catch {
            loop.setTimer(at: MonotonicTime.now.advanced(by: Self.pause), for: registration)
        }
    }

    /// Leaves the listener alone for a moment: it would be ready again at once, and there is nothing to accept with.
    private func rest(on loop: isolated EventLoop) {
        guard let registration else { return }
        loop.unwatch(registration)
        loop.setTimer(at: MonotonicTime.now.advanced(by: Self.pause), for: registration)
    }

    /// Counted each time, told at most once a second.
    private func note(_ text: Logger.Message, _ error: any Error, reason: String) {
        context.metrics.refused(stage: "accept", reason: reason)
        let now = MonotonicTime.now
        if let lastComplaint, now.since(lastComplaint) < .seconds(1) { return }
        lastComplaint = now
        context.services.logger.error(text, metadata: ["error": "\(error)"])
    }

    func ready(_ readiness: Readiness, tag: UInt8, on loop: isolated EventLoop) {
        for _ in 0..<Self.acceptsPerTurn {
            do {
                guard let accepted = try Socket.accept(from: descriptor) else { return }
                place(OwnedFD(accepted.descriptor), peer: accepted.peer, on: loop)
            } catch let error as SystemError where error.code == EMFILE || error.code == ENFILE {
                note("out of file descriptors", error, reason: "file descriptors")
                // Without this the connection would stay in the queue and wake the loop for ever.
                guard spare.shed(from: descriptor) else { return rest(on: loop) }
            } catch {
                note("cannot accept", error, reason: "accept")
                return rest(on: loop)
            }
        }
    }

    /// Counts the connection before anybody else can, and gives it to a loop.
    private func place(_ descriptor: consuming OwnedFD, peer: SocketAddress?, on loop: isolated EventLoop) {
        context.metrics.connectionsAccepted.add()
        switch context.services.admission.admit(source: peer?.source ?? []) {
        case .admitted: break
        case .admittedInPlaceOf(let entry): Self.evict(entry)
        case .refused(let refusal): return turnAway(descriptor, refusal)
        }
        let chosen = balance.choose(preferring: context.index)
        balance.opened(on: chosen)
        guard chosen != context.index else {
            return Self.begin(descriptor, peer: peer, settings: settings, context: context, on: loop)
        }
        Self.handOver(descriptor.release(), peer: peer, settings: settings, to: balance.loops[chosen])
    }

    /// Ownership crosses to the other loop as a number: it is taken up again there.
    private static func handOver(
        _ number: Int32,
        peer: SocketAddress?,
        settings: ListenerSettings,
        to target: EventLoop
    ) {
        Task {
            await target.perform { loop in
                // A loop has its context for as long as it runs.
                guard let context = loop.context else { return Socket.close(number) }
                begin(OwnedFD(number), peer: peer, settings: settings, context: context, on: loop)
            }
        }
    }

    private static func begin(
        _ descriptor: consuming OwnedFD,
        peer: SocketAddress?,
        settings: ListenerSettings,
        context: LoopContext,
        on loop: isolated EventLoop
    ) {
        let session = Session(listener: settings, peer: peer, context: context, now: .now)
        do {
            try session.start(descriptor, on: loop)
        } catch {
            context.services.logger.error("cannot watch a connection", metadata: ["error": "\(error)"])
            session.close(on: loop)
        }
    }

    /// Closes the oldest connection that has said nothing.
    private static func evict(_ entry: SilentConnections.Entry) {
        Task {
            await entry.loop.perform { loop in
                (loop.handler(of: entry.registration) as? Session)?.evict(on: loop)
            }
        }
    }

    /// One error in the clear and the end: before its startup packet a client takes it as the answer to anything.
    private func turnAway(_ descriptor: consuming OwnedFD, _ refusal: Admission.Refusal) {
        let text: Refusal
        switch refusal {
        case .connections: text = .tooManyConnections
        case .unauthenticated, .unauthenticatedPerAddress: text = .tooManyUnauthenticated
        }
        context.metrics.refused(stage: "limit", reason: "\(refusal)")
        context.metrics.connectionsClosed.add()
        let session = SessionID()
        text.response(session: session).encoded.withUnsafeBytes { _ = Socket.send(descriptor.number, $0) }
        // What the client has sent is taken off: closed over it, the connection would be reset and the text lost.
        Socket.shutdownWrites(descriptor.number)
        let room = UnsafeMutableRawBufferPointer(rebasing: context.buffers.ciphertext[..<1024])
        _ = Socket.receive(descriptor.number, into: room)
    }
}

/// A descriptor that is given up when there are no others, so that a waiting connection can be taken and closed.
private struct SpareDescriptor {
    private var number = open("/dev/null", O_RDONLY | O_CLOEXEC)

    /// Takes one connection off the listener and closes it.
    ///
    /// - Returns: false when there was no spare descriptor either.
    mutating func shed(from listener: Int32) -> Bool {
        guard number >= 0 else {
            number = open("/dev/null", O_RDONLY | O_CLOEXEC)
            return false
        }
        close(number)
        if let accepted = try? Socket.accept(from: listener) { Socket.close(accepted.descriptor) }
        number = open("/dev/null", O_RDONLY | O_CLOEXEC)
        return true
    }
}
