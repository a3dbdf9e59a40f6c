internal import PosternCore
internal import PosternNet
internal import PosternSession
internal import PosternTLS
internal import PosternTransport
internal import PosternUpstream
internal import PostgresWire

/// Brings one cancel request to the server of a session: a connection of its own, protected as the session's is.
///
/// It is over when the server closes the connection, which tells that the signal has been sent. Confined to the loop.
final class CancelForwarder: EventHandler {
    private enum Stage {
        case connecting
        case awaitingReply
        case handshaking
        case awaitingEnd
    }

    /// A server that does not answer a cancel request in this time will not.
    private static let timeout = Duration.seconds(10)

    private let route: UpstreamRoute
    private let buffers: LoopBuffers
    private weak var session: Session?
    /// What was to be canceled may end while the connection is made, and a later statement is not meant.
    private let isOfSession: Bool
    private var transport: Transport?
    private var stage = Stage.connecting
    private var completions: [@Sendable () -> Void] = []

    /// For a session that goes on.
    init(route: UpstreamRoute, session: Session) {
        self.route = route
        self.session = session
        isOfSession = true
        buffers = session.context.buffers
    }

    /// For a session that ends: nothing comes behind what runs. It lives as long as its connection.
    private init(route: UpstreamRoute, buffers: LoopBuffers) {
        self.route = route
        self.buffers = buffers
        isOfSession = false
    }

    /// Has a server end what it still does for a session that has ended.
    static func run(route: UpstreamRoute, buffers: LoopBuffers, on loop: isolated EventLoop) {
        CancelForwarder(route: route, buffers: buffers).start(on: loop)
    }

    /// Asks to be told when the request is over; several clients may wait for one.
    func join(_ completion: @escaping @Sendable () -> Void) {
        completions.append(completion)
    }

    func start(on loop: isolated EventLoop) {
        do {
            let transport = try Transport(
                Socket.connect(to: route.address),
                handler: self,
                tag: 0,
                interest: .write,
                on: loop
            )
            self.transport = transport
            loop.setTimer(at: MonotonicTime.now.advanced(by: Self.timeout), for: transport.registration)
        } catch {
            finish(on: loop)
        }
    }

    func ready(_ readiness: Readiness, tag: UInt8, on loop: isolated EventLoop) {
        guard let transport else { return }
        if stage == .connecting {
            guard Socket.connectionError(transport.descriptor) == nil else { return finish(on: loop) }
            transport.setReading(true)
            connected(transport, on: loop)
            return self.transport?.updateInterest(on: loop) ?? ()
        }
        if readiness.intersects(.write) {
            transport.flush()
            transport.updateInterest(on: loop)
        }
        guard readiness.intersects(.input) else { return }
        received(transport.receive(limit: stage == .awaitingReply ? 2 : LoopBuffers.readSize, buffers), on: loop)
    }

    func timerFired(tag: UInt8, on loop: isolated EventLoop) {
        finish(on: loop)
    }

    private func connected(_ transport: Transport, on loop: isolated EventLoop) {
        guard route.context != nil else { return sendRequest(transport, on: loop) }
        switch route.encryption.negotiation {
        case .postgres:
            stage = .awaitingReply
            transport.send(FrontendMessage.sslRequest, buffers)
        case .direct:
            startTLS(transport, on: loop)
        }
    }

    private func startTLS(_ transport: Transport, on loop: isolated EventLoop) {
        guard let engine = try? route.makeEngine() else { return finish(on: loop) }
        stage = .handshaking
        received(transport.secure(engine, buffers), on: loop)
    }

    private func received(_ received: Transport.Received, on loop: isolated EventLoop) {
        guard let transport else { return }
        if stage == .handshaking, let engine = transport.engine, case .established = engine.phase {
            sendRequest(transport, on: loop)
        }
        switch received {
        case .bytes(let count):
            let isAccepted = count == 1 && buffers.plaintext[0] == UInt8(ascii: "S")
            guard stage == .awaitingReply, isAccepted else { return finish(on: loop) }
            startTLS(transport, on: loop)
        case .nothing:
            transport.updateInterest(on: loop)
        case .ended, .failed:
            finish(on: loop)
        }
    }

    private func sendRequest(_ transport: Transport, on loop: isolated EventLoop) {
        guard let key = route.cancelKey, !isOfSession || session?.relay.isIdle == false else {
            return finish(on: loop)
        }
        stage = .awaitingEnd
        transport.send(FrontendMessage.cancelRequest(key), buffers)
        transport.updateInterest(on: loop)
    }

    private func finish(on loop: isolated EventLoop) {
        transport?.close(on: loop)
        transport = nil
        session?.cancelForwarder = nil
        session?.cancelFinished(on: loop)
        let waiting = completions
        completions = []
        for completion in waiting { completion() }
    }
}
