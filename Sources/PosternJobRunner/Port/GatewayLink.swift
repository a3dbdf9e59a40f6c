internal import PosternCore
internal import PosternJob
internal import PosternNet
internal import PosternTLS
internal import PosternTransport
internal import PostgresWire

/// Who wants a connection to the gateway. Confined to the loop.
protocol GatewayLinkOwner: AnyObject {
    /// The session is there; from now on the link's events are the owner's.
    func linkOpened(_ greeting: GatewayLogin.Greeting, on loop: isolated EventLoop)
    /// There is none, and the link is closed.
    func linkFailed(_ failure: LinkFailure, on loop: isolated EventLoop)
    func linkReady(_ readiness: Readiness, on loop: isolated EventLoop)
    /// The timer of the link's registration, while the session is there.
    func linkTimedOut(on loop: isolated EventLoop)
}

/// A connection to the gateway: reached, encrypted, logged in. Performs what `GatewayLogin` decides.
final class GatewayLink: EventHandler {
    private enum Stage {
        case connecting
        case loggingIn
        case open
        case closed
    }

    /// From one address to the next.
    private static let connectTimeout = Duration.seconds(5)
    /// For TLS with whoever answers.
    private static let handshakeTimeout = Duration.seconds(10)
    /// The gateway itself may have to wait for keys and for a database.
    private static let loginTimeout = Duration.seconds(60)

    // The owner holds the link too, until it closes it.
    private var owner: (any GatewayLinkOwner)?
    private let route: GatewayRoute
    private let buffers: LoopBuffers
    /// Nothing is waited for beyond it.
    private let deadline: MonotonicTime?
    private var login: GatewayLogin
    private var rest: ArraySlice<SocketAddress>
    private var isHandshaking = false
    private var stage = Stage.connecting

    private(set) var transport: Transport?
    /// The address that answered, or the last that was tried.
    private(set) var address: SocketAddress?
    private(set) var tlsVersion: String?

    init(
        owner: any GatewayLinkOwner,
        route: GatewayRoute,
        purpose: GatewayLogin.Purpose,
        buffers: LoopBuffers,
        deadline: MonotonicTime? = nil
    ) {
        self.owner = owner
        self.route = route
        self.buffers = buffers
        self.deadline = deadline
        login = GatewayLogin(purpose, negotiation: route.negotiation)
        rest = route.addresses[...]
    }

    /// The way to the address that answered.
    var usedRoute: GatewayRoute? { address.map(route.only) }

    func start(on loop: isolated EventLoop) {
        connectNext(lastError: "it has no address", on: loop)
    }

    func close(on loop: isolated EventLoop) {
        stage = .closed
        owner = nil
        transport?.close(on: loop)
        transport = nil
    }

    private func connectNext(lastError: String, on loop: isolated EventLoop) {
        transport?.close(on: loop)
        transport = nil
        guard let address = rest.popFirst() else { return fail(.unreachable(lastError), on: loop) }
        self.address = address
        do {
            let transport = try Transport(
                Socket.connect(to: address),
                handler: self,
                tag: 0,
                interest: .write,
                on: loop
            )
            self.transport = transport
            wait(Self.connectTimeout, transport, on: loop)
        } catch {
            connectNext(lastError: "\(error)", on: loop)
        }
    }

    private func wait(_ duration: Duration, _ transport: Transport, on loop: isolated EventLoop) {
        let moment = MonotonicTime.now.advanced(by: duration)
        loop.setTimer(at: deadline.map { min($0, moment) } ?? moment, for: transport.registration)
    }

    // MARK: Events

    func ready(_ readiness: Readiness, tag: UInt8, on loop: isolated EventLoop) {
        guard let transport else { return }
        switch stage {
        case .connecting:
            if let error = Socket.connectionError(transport.descriptor) {
                return connectNext(
                    lastError: "\(route.addresses.count > 1 ? "\(address?.host ?? ""): " : "")\(error)",
                    on: loop
                )
            }
            stage = .loggingIn
            transport.setReading(true)
            wait(Self.handshakeTimeout, transport, on: loop)
            perform(login.connected(), on: loop)
        case .loggingIn:
            if readiness.intersects(.write) { transport.flush() }
            if readiness.intersects(.input) {
                received(transport.receive(limit: login.awaitsReply ? 2 : LoopBuffers.readSize, buffers), on: loop)
            }
        case .open: owner?.linkReady(readiness, on: loop)
        case .closed: break
        }
        if stage == .loggingIn { self.transport?.updateInterest(on: loop) }
    }

    func timerFired(tag: UInt8, on loop: isolated EventLoop) {
        switch stage {
        case .connecting: connectNext(lastError: "it does not answer", on: loop)
        case .loggingIn: fail(.unreachable("it did not answer in time, \(login.stage)"), on: loop)
        case .open: owner?.linkTimedOut(on: loop)
        case .closed: break
        }
    }

    private func received(_ received: Transport.Received, on loop: isolated EventLoop) {
        guard let transport else { return }
        if isHandshaking, let engine = transport.engine, case .established = engine.phase {
            isHandshaking = false
            tlsVersion = engine.version
            wait(Self.loginTimeout, transport, on: loop)
            perform(login.encryptionStarted(), on: loop)
        }
        guard stage == .loggingIn else { return }
        switch received {
        case .bytes(let count):
            perform(login.received(Array(buffers.plaintext[..<count])), on: loop)
            if transport.takePendingEnd() != nil, stage == .loggingIn { ended(on: loop) }
        case .nothing: break
        case .ended: ended(on: loop)
        case .failed(let reason):
            // A connection that breaks says nothing about who was there: a proxy whose gateway is only starting does so.
            guard isHandshaking, let engine = transport.engine, case .failed = engine.phase else {
                return fail(.unreachable(reason), on: loop)
            }
            fail(Self.isAboutTrust(reason) ? .notTrusted(reason) : .notGateway(reason), on: loop)
        }
    }

    /// OpenSSL's texts of a verification that failed come without its own words for a handshake that did.
    private static func isAboutTrust(_ reason: String) -> Bool {
        ["certificate", "hostname", "IP address", "CA", "issuer"].contains { reason.contains($0) }
            && !reason.contains("alert")
    }

    private func ended(on loop: isolated EventLoop) {
        fail(.unreachable("it closed the connection while \(login.stage)"), on: loop)
    }

    private func perform(_ action: GatewayLogin.Action, on loop: isolated EventLoop) {
        guard let transport else { return }
        switch action {
        case .send(let bytes):
            transport.send(bytes, buffers)
            transport.updateInterest(on: loop)
        case .receive: break
        case .startEncryption: startTLS(transport, on: loop)
        case .succeed(let greeting):
            stage = .open
            owner?.linkOpened(greeting, on: loop)
        case .refused(let fields): fail(.refused(fields), on: loop)
        case .fail(let reason): fail(.notGateway(reason), on: loop)
        }
    }

    private func startTLS(_ transport: Transport, on loop: isolated EventLoop) {
        do throws(TLSError) {
            let engine = try TLSEngine(
                client: route.context,
                host: route.gateway.host,
                verifiesHost: true,
                offersALPN: true
            )
            isHandshaking = true
            received(transport.secure(engine, buffers), on: loop)
        } catch {
            fail(.notGateway("\(error)"), on: loop)
        }
    }

    private func fail(_ failure: LinkFailure, on loop: isolated EventLoop) {
        let owner = owner
        close(on: loop)
        owner?.linkFailed(failure, on: loop)
    }
}
