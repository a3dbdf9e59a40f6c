internal import PosternConfiguration
internal import PosternCore
internal import PosternNet
internal import PosternTLS
internal import PosternTransport
internal import PosternUpstream
internal import PostgresWire

/// Gets a session from one of a database's hosts: connects, encrypts, logs in.
///
/// Performs what `HostAttempts` and `UpstreamLogin` decide. Confined to its session's loop.
final class UpstreamDial {
    private enum Stage {
        case connecting
        case handshaking
        case loggingIn
    }

    private unowned let session: Session
    private let grant: SessionGrant
    private let material: UpstreamMaterial
    private let parameters: [StartupSetting]
    private let isRetry: Bool

    private var attempts: HostAttempts
    private var login: UpstreamLogin?
    private var stage = Stage.connecting
    private var transport: Transport?
    private var host: UpstreamMaterial.Host?
    private var addresses: ArraySlice<SocketAddress> = []
    private var address: SocketAddress?
    private var tls: TLSContext?
    private let began: MonotonicTime
    private var connected: MonotonicTime?
    private var isFinished = false

    private var context: LoopContext { session.context }

    init(
        session: Session,
        grant: SessionGrant,
        material: UpstreamMaterial,
        parameters: [StartupSetting],
        isRetry: Bool
    ) {
        self.session = session
        self.grant = grant
        self.material = material
        self.parameters = parameters
        self.isRetry = isRetry
        began = .now
        attempts = HostAttempts(
            hosts: material.hosts.map { $0.upstreamHost },
            attributes: grant.database.sessionAttributes
        )
    }

    func start(on loop: isolated EventLoop) {
        perform(attempts.start(), on: loop)
    }

    /// Lets go of an attempt that is under way.
    func close(on loop: isolated EventLoop) {
        isFinished = true
        transport?.close(on: loop)
        transport = nil
    }

    // MARK: Hosts

    private func perform(_ action: HostAttempts.Action, on loop: isolated EventLoop) {
        guard !isFinished else { return }
        switch action {
        case .attempt(let wanted):
            guard let host = material.hosts.first(where: { $0.upstreamHost == wanted }) else {
                return hostFailed(UpstreamFailure(.unreachable, "unknown host"), on: loop)
            }
            self.host = host
            addresses = host.addresses[...]
            connectNext(lastError: host.failure ?? "no address", on: loop)
        case .use:
            break
        case .fail(let failure):
            isFinished = true
            session.dialFailed(failure, fresh: isRetry, on: loop)
        }
    }

    private func connectNext(lastError: String, on loop: isolated EventLoop) {
        transport?.close(on: loop)
        transport = nil
        guard let address = addresses.popFirst() else {
            return hostFailed(UpstreamFailure(.unreachable, lastError), on: loop)
        }
        self.address = address
        stage = .connecting
        do {
            let transport = try Transport(
                Socket.connect(to: address),
                handler: session,
                tag: Session.Tag.upstream,
                interest: .write,
                on: loop
            )
            self.transport = transport
            let deadline = MonotonicTime.now.advanced(by: grant.database.connectTimeout)
            loop.setTimer(at: deadline, for: transport.registration)
        } catch {
            connectNext(lastError: "\(error)", on: loop)
        }
    }

    private func hostFailed(_ failure: UpstreamFailure, on loop: isolated EventLoop) {
        transport?.close(on: loop)
        transport = nil
        note(isUp: failure.reason != .unreachable)
        perform(attempts.failed(failure), on: loop)
    }

    private func note(isUp: Bool) {
        guard let host else { return }
        context.services.health.upstream(
            Health.Upstream(database: grant.database.name, host: host.endpoint.description),
            isUp: isUp
        )
    }

    // MARK: Events

    func ready(_ readiness: Readiness, on loop: isolated EventLoop) {
        guard let transport, !isFinished else { return }
        switch stage {
        case .connecting: finishConnecting(transport, on: loop)
        case .handshaking, .loggingIn:
            if readiness.intersects(.write) {
                transport.flush()
                if transport.writeFailure != nil { return received(.failed("write failed"), on: loop) }
                transport.updateInterest(on: loop)
            }
            if readiness.intersects(.input) { read(transport, on: loop) }
        }
    }

    /// The host used up its time.
    func timedOut(on loop: isolated EventLoop) {
        guard transport != nil, !isFinished else { return }
        let stage = login?.stage ?? "connecting"
        hostFailed(UpstreamFailure(.unreachable, "timed out while \(stage)"), on: loop)
    }

    private func finishConnecting(_ transport: Transport, on loop: isolated EventLoop) {
        if let error = Socket.connectionError(transport.descriptor) {
            return connectNext(lastError: "\(address.map { "\($0): " } ?? "")\(error)", on: loop)
        }
        let now = MonotonicTime.now
        session.series?.upstreamConnect.record(now.since(began))
        connected = now
        stage = .loggingIn
        transport.setReading(true)
        login = UpstreamLogin(plan)
        step({ $0.connected() }, on: loop)
        self.transport?.updateInterest(on: loop)
    }

    private var plan: LoginPlan {
        grant.database.loginPlan(
            for: grant.login,
            password: material.password,
            parameters: parameters,
            cachedKeys: context.services.scramKeys.keys(database: grant.database.name, login: grant.login.name)
        )
    }

    private func read(_ transport: Transport, on loop: isolated EventLoop) {
        // One byte answers an SSLRequest; what follows it belongs to TLS or is an attack.
        let awaitsReply = login?.awaitsEncryptionReply ?? false
        received(transport.receive(limit: awaitsReply ? 2 : LoopBuffers.readSize, context.buffers), on: loop)
    }

    private func received(_ received: Transport.Received, on loop: isolated EventLoop) {
        guard let transport, !isFinished else { return }
        if stage == .handshaking, let engine = transport.engine, case .established = engine.phase {
            stage = .loggingIn
            let digest = engine.serverEndPointHash
            step({ $0.encryptionStarted(endPointDigest: digest) }, on: loop)
        }
        guard !isFinished, self.transport === transport else { return }
        switch received {
        case .bytes(let count):
            let bytes = Array(context.buffers.plaintext[..<count])
            step({ $0.received(bytes) }, on: loop)
        case .nothing:
            transport.updateInterest(on: loop)
        case .ended:
            step({ $0.closed() }, on: loop)
        case .failed(let error):
            let reason: UpstreamFailure.Reason = stage == .handshaking ? .encryption : .unreachable
            hostFailed(UpstreamFailure(reason, error), on: loop)
        }
    }

    private func step(_ event: (inout UpstreamLogin) -> UpstreamLogin.Action, on loop: isolated EventLoop) {
        guard var login, let transport, !isFinished else { return }
        let action = event(&login)
        self.login = login
        switch action {
        case .send(let bytes):
            transport.send(bytes, context.buffers)
            transport.updateInterest(on: loop)
        case .receive:
            transport.updateInterest(on: loop)
        case .startEncryption:
            startTLS(transport, on: loop)
        case .derive(let derivation):
            derive(derivation, on: loop)
        case .succeed(let result):
            succeeded(result, transport, on: loop)
        case .fail(let failure):
            hostFailed(failure, on: loop)
        }
    }

    private func startTLS(_ transport: Transport, on loop: isolated EventLoop) {
        stage = .handshaking
        guard let host, let address else { return }
        // Kept: a reload may take the context away before a cancel request must go the same way.
        tls = session.tlsContext(of: grant.database)
        let route = UpstreamRoute(
            address: address,
            hostName: host.name,
            context: tls,
            encryption: grant.database.upstreamEncryption,
            cancelKey: nil
        )
        do throws(TLSError) {
            guard let engine = try route.makeEngine() else {
                return hostFailed(UpstreamFailure(.encryption, "no TLS is configured"), on: loop)
            }
            received(transport.secure(engine, context.buffers), on: loop)
        } catch {
            hostFailed(UpstreamFailure(.encryption, "\(error)"), on: loop)
        }
    }

    /// PBKDF2 takes milliseconds: it runs on the pool, and the keys are kept for the next login.
    private func derive(_ derivation: SCRAMDerivation, on loop: isolated EventLoop) {
        guard let registration = session.job?.registration, let attempt = transport?.registration else { return }
        let services = context.services
        let target = context.loop
        let (database, login) = (grant.database.name, grant.login.name)
        Task {
            let keys = try? await services.pool.run { derivation.run() }
            await target.perform { loop in
                if let keys { services.scramKeys.store(keys, database: database, login: login) }
                // The attempt may have run out of time meanwhile: its keys are not the next host's.
                guard let session = loop.handler(of: registration) as? Session, let dial = session.dial,
                    dial.transport?.registration == attempt
                else { return }
                guard let keys else {
                    return dial.hostFailed(UpstreamFailure(.unreachable, "too many logins under way"), on: loop)
                }
                dial.step({ $0.keysDerived(keys) }, on: loop)
            }
        }
    }

    private func succeeded(_ result: LoginResult, _ transport: Transport, on loop: isolated EventLoop) {
        guard let host, let address else { return }
        switch attempts.loggedIn(result) {
        case .use: break
        case let other:
            // A server of another kind than the database entry asks for: leave it in good order.
            transport.send(FrontendMessage.terminate, context.buffers)
            transport.close(on: loop)
            self.transport = nil
            note(isUp: true)
            return perform(other, on: loop)
        }
        if let connected { session.series?.upstreamLogin.record(MonotonicTime.now.since(connected)) }
        note(isUp: true)
        isFinished = true
        self.transport = nil
        let route = UpstreamRoute(
            address: address,
            hostName: host.name,
            context: transport.isSecure ? tls : nil,
            encryption: grant.database.upstreamEncryption,
            cancelKey: result.cancelKey
        )
        session.dialSucceeded(transport, result, route: route, on: loop)
    }
}
