internal import Glibc
internal import PosternCore
internal import PosternJob
internal import PosternNet
internal import PosternTransport
internal import PostgresWire

/// A guard's session with the gateway, without a driver. Performs what `GuardDialogue` decides.
///
/// Confined to the port's loop.
final class GuardSession: EventHandler {
    private enum Phase {
        /// A token, and the gateway, are waited for.
        case connecting
        case talking
        /// The gateway has heard the end; its own is waited for: a role may have one session at a time.
        case leaving
        case done
    }

    private enum Tag {
        static let session: UInt8 = 0
        static let signals: UInt8 = 1
    }

    private static let leaveTimeout = Duration.seconds(2)
    /// What ends a job. Others are for the command.
    private static let endings: Set<Int32> = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]

    private let port: PortContext
    private let request: GatewayRequest
    private let intake: SignalIntake
    private var dialogue: GuardDialogue
    private var done: (@Sendable (GuardDialogue) -> Void)?
    private var phase = Phase.connecting
    private var link: GatewayLink?
    private var registrations: [Registration] = []
    private var retry: LoginRetry
    private var wantsFresh = false
    private var ticketIsLast = true

    init(
        _ dialogue: GuardDialogue,
        request: GatewayRequest,
        port: PortContext,
        intake: SignalIntake,
        done: @escaping @Sendable (GuardDialogue) -> Void
    ) {
        retry = LoginRetry(until: port.settings.patience)
        self.dialogue = dialogue
        self.request = request
        self.port = port
        self.intake = intake
        self.done = done
    }

    func start(on loop: isolated EventLoop) {
        let waiter = loop.register(self, tag: Tag.session)
        let signals = loop.register(self, tag: Tag.signals)
        registrations = [waiter, signals]
        do {
            try loop.watch(intake.descriptor, for: .read, as: signals)
        } catch {
            return fail(JobTrouble("cannot begin: \(error)"), on: loop)
        }
        port.desk.request(for: waiter, fresh: false, on: loop)
    }

    // MARK: Events

    func ready(_ readiness: Readiness, tag: UInt8, on loop: isolated EventLoop) {
        guard tag == Tag.signals else { return }
        while let signal = intake.next() {
            // When all is said after the command, its result is worth more than a quick end.
            guard Self.endings.contains(signal.number), phase != .leaving || dialogue.isFirst else { continue }
            dialogue.ended("signal \(signal.number) came")
            return finish(on: loop)
        }
    }

    func timerFired(tag: UInt8, on loop: isolated EventLoop) {
        guard phase == .connecting, let waiter = registrations.first else { return }
        port.desk.request(for: waiter, fresh: wantsFresh, on: loop)
    }

    private func perform(_ action: GuardDialogue.Action, on loop: isolated EventLoop) {
        guard let transport = link?.transport else { return }
        switch action {
        case .send(let bytes):
            transport.send(bytes, port.buffers)
            loop.setTimer(at: .now.advanced(by: dialogue.patience), for: transport.registration)
        case .receive: break
        case .finish(let bytes):
            phase = .leaving
            transport.send(bytes, port.buffers)
            loop.setTimer(at: .now.advanced(by: Self.leaveTimeout), for: transport.registration)
        case .giveUp: return finish(on: loop)
        }
        transport.updateInterest(on: loop)
    }

    // MARK: Ends

    private func fail(_ trouble: JobTrouble, on loop: isolated EventLoop) {
        dialogue.failed(trouble)
        finish(on: loop)
    }

    private func ended(_ reason: String, on loop: isolated EventLoop) {
        if phase != .leaving { dialogue.ended(reason) }
        finish(on: loop)
    }

    private func finish(on loop: isolated EventLoop) {
        guard phase != .done else { return }
        phase = .done
        for registration in registrations { loop.unregister(registration) }
        link?.close(on: loop)
        link = nil
        done?(dialogue)
        done = nil
    }
}

// MARK: - The login

extension GuardSession: LoginWaiter {
    func loginReady(_ result: Result<LoginTicket, LinkFailure>, on loop: isolated EventLoop) {
        guard phase == .connecting else { return }
        switch result {
        case .success(let ticket):
            ticketIsLast = ticket.isLast
            let link = GatewayLink(
                owner: self,
                route: ticket.route,
                purpose: .session(request, token: ticket.token.bytes),
                buffers: port.buffers
            )
            self.link = link
            link.start(on: loop)
        case .failure(let failure): linkFailed(failure, on: loop)
        }
    }
}

extension GuardSession: GatewayLinkOwner {
    func linkOpened(_ greeting: GatewayLogin.Greeting, on loop: isolated EventLoop) {
        guard phase == .connecting else { return }
        phase = .talking
        perform(dialogue.opened(takesNotes: greeting.givesReceipts), on: loop)
    }

    func linkFailed(_ failure: LinkFailure, on loop: isolated EventLoop) {
        link = nil
        guard phase == .connecting, let waiter = registrations.first else { return }
        switch retry.after(failure, tokenIsLast: ticketIsLast, now: .now) {
        case .fresh:
            wantsFresh = true
            port.desk.request(for: waiter, fresh: true, on: loop)
        case .later(let pause): loop.setTimer(at: .now.advanced(by: pause), for: waiter)
        case .giveUp: fail(failure.trouble(with: port.settings.gateway), on: loop)
        }
    }

    func linkReady(_ readiness: Readiness, on loop: isolated EventLoop) {
        guard let transport = link?.transport else { return }
        if readiness.intersects(.write) { transport.flush() }
        if readiness.intersects(.input) {
            switch transport.receive(port.buffers) {
            case .bytes(let count):
                if phase == .talking {
                    perform(dialogue.received(Array(port.buffers.plaintext[..<count])), on: loop)
                }
                if link?.transport === transport, transport.takePendingEnd() != nil {
                    return ended("the gateway closed the connection", on: loop)
                }
            case .nothing: break
            case .ended: return ended("the gateway closed the connection", on: loop)
            case .failed(let reason): return ended(reason, on: loop)
            }
        }
        if link?.transport === transport { transport.updateInterest(on: loop) }
    }

    func linkTimedOut(on loop: isolated EventLoop) {
        ended("the gateway does not answer", on: loop)
    }
}
