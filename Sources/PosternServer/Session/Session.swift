internal import PosternConfiguration
internal import PosternCore
internal import PosternIdentity
internal import PosternJournal
internal import PosternNet
internal import PosternPolicy
internal import PosternSession
internal import PosternTLS
internal import PosternTransport
internal import PostgresWire

/// One job connection and its own upstream connection: performs what the machines decide.
///
///     job ── JobStartup ── token ── SessionGrant ── UpstreamDial ── SessionRelay ── database
///
/// Confined to the loop that accepted it. `Session+*.swift` hold the chapters of its life.
final class Session: EventHandler {
    enum Phase: Equatable {
        /// Reading the startup packet and the token. Can transition to: verifying, lingering, closed.
        case startup
        /// This was a cancel request, and it is on its way. Can transition to: closed.
        case canceling
        /// The token is checked elsewhere. Can transition to: connecting, rejecting, lingering, closed.
        case verifying
        /// The upstream login is under way. Can transition to: relaying, rejecting, lingering, closed.
        case connecting
        /// The job is refused, which is on record, and has to say that it has read the challenge before it hears so.
        /// Can transition to: lingering, closed.
        case rejecting
        /// Can transition to: jobEnded, lingering, closed.
        case relaying
        /// The job will send nothing more; its last answers pass. Can transition to: lingering, closed.
        case jobEnded
        /// The last words are on their way to the job. Can transition to: closed.
        case lingering
        case closed
    }

    enum Tag {
        static let job: UInt8 = 0
        static let upstream: UInt8 = 1
    }

    let id = SessionID()
    let context: LoopContext
    let listener: ListenerSettings
    let peer: SocketAddress?
    let accepted: MonotonicTime

    var phase = Phase.startup
    var startup: JobStartup
    var request: JobRequest?
    var grant: SessionGrant?
    var dial: UpstreamDial?
    var route: UpstreamRoute?
    /// Empty until the session begins.
    var relay: SessionRelay
    var clock: SessionClock?
    var series: MetricSeries?

    /// Set by `start`, nil only before it and after `close`.
    var job: Transport?
    var upstream: Transport?
    /// The protocol version of the job's TLS, once it runs.
    var tlsVersion: String?
    /// Whom the job's client certificate names, where the listener asks for one.
    var certificate: CertificateNames?
    /// The token that this session alone may use, until its start is on record.
    var usedToken: UsedTokens.Key?
    /// The beginning of a message that is not whole yet.
    var heldFromJob: [UInt8] = []
    var heldFromServer: [UInt8] = []

    var generation: Int
    /// What the job was given to cancel with.
    var cancelKey: CancelKey?
    var isCountedUnauthenticated = true
    /// The job's token was refused, which the journal has and the job hears in a moment.
    var isTurnedAway = false
    /// Held until the startup packet is there.
    var silence: SilentConnections.Ticket?
    var isCountedAsSession = false
    /// The journal has the session's start and must get its end.
    var isRecorded = false
    var recordedAt: MonotonicTime?
    /// When the oldest request that is not answered was forwarded.
    var cycleBegan: MonotonicTime?
    var gatewayTime: UInt64 = 0
    var handshakeBegan: MonotonicTime?
    /// The job's side of the connection has ended: there is nothing to read any more.
    var jobSideEnded = false
    var cancelForwarder: CancelForwarder?

    /// The role as it judged last.
    var bench: StatementDesk.Bench?
    /// When the catalogue was last looked at.
    var catalogueEpoch = 0
    var pathsNumber: (version: Int, number: Int)?
    /// The relay waits for the server's answer before it takes more from the job.
    var isHeld = false
    /// How often something for the server was given to the journal to hold, and is not sent yet.
    var heldOutputs = 0
    /// The job's side ended while something was held: told once that is sent. Whether it sent Terminate.
    var heldEnd: Bool?
    /// `sync: always`: what was decided waits for the disk, and the job is not read.
    var isStalled = false
    /// Who showed the session's key meanwhile.
    var heldCancels: [(source: String, completion: @Sendable () -> Void)] = []
    /// A large text is being parsed elsewhere.
    var isParsing = false
    var parsedText: ParsedText?
    /// What became of the statement that reached the role's time limit.
    var overtime = Overtime.none
    /// What a receipt says, on sessions that may ask for one.
    var tally: ReceiptTally?
    /// A statement of the gateway's own could not be answered, because the journal failed.
    var owesAnswer = false

    init(
        listener: ListenerSettings,
        peer: SocketAddress?,
        context: LoopContext,
        now: MonotonicTime
    ) {
        self.listener = listener
        self.peer = peer
        self.context = context
        accepted = now
        generation = context.snapshot.generation
        startup = JobStartup(
            encryption: listener.isSecure ? .required : .none,
            authentication: context.snapshot.authentication(of: listener.endpoint)
        )
        relay = SessionRelay(session: id, rules: RelayRules.none, paths: SearchPaths(own: []))
    }

    /// Begins with an accepted socket.
    ///
    /// - Throws: `SystemError` when the loop cannot watch it.
    func start(_ descriptor: consuming OwnedFD, on loop: isolated EventLoop) throws {
        let job = try Transport(
            descriptor,
            handler: self,
            tag: Tag.job,
            interest: .reading,
            on: loop
        )
        self.job = job
        silence = context.services.admission.wait(
            SilentConnections.Entry(
                loop: context.loop,
                registration: job.registration,
                source: peer?.source ?? []
            )
        )
        let timeout = context.snapshot.configuration.limits.loginTimeout
        loop.setTimer(at: accepted.advanced(by: timeout), for: job.registration)
    }

    /// The TLS to a database, as the configuration has it now.
    func tlsContext(of database: DatabaseConfiguration) -> TLSContext? {
        context.snapshot.context(of: database)
    }

    // MARK: Events

    func ready(_ readiness: Readiness, tag: UInt8, on loop: isolated EventLoop) {
        if tag == Tag.job {
            jobReady(readiness, on: loop)
        } else {
            upstreamReady(readiness, on: loop)
        }
    }

    @inline(__always)
    private func jobReady(_ readiness: Readiness, on loop: isolated EventLoop) {
        guard let job else { return }
        if readiness.intersects(.write) { jobWritable(job, on: loop) }
        // Writing can end the session and close the socket, whose number may be somebody else's by now.
        guard readiness.intersects(.input), !job.isClosed else { return }
        switch phase {
        case .relaying: relayFromJob(job, on: loop)
        case .startup, .rejecting: readStartup(job, on: loop)
        case .verifying, .connecting: jobSpokeTooEarly(job, on: loop)
        case .canceling: waitForCancel(job, on: loop)
        case .jobEnded: if readiness.intersects(.closed) { end(.jobLeft, on: loop) }
        case .lingering: drainLingering(job, on: loop)
        case .closed: break
        }
    }

    @inline(__always)
    private func upstreamReady(_ readiness: Readiness, on loop: isolated EventLoop) {
        switch phase {
        case .relaying, .jobEnded:
            guard let upstream else { return }
            if readiness.intersects(.write) { upstreamWritable(upstream, on: loop) }
            guard readiness.intersects(.input), !upstream.isClosed, phase == .relaying || phase == .jobEnded else {
                return
            }
            relayFromServer(upstream, on: loop)
        case .connecting:
            guard let dial else { return lostBeforeBeginning(on: loop) }
            dial.ready(readiness, on: loop)
        case .startup, .canceling, .verifying, .rejecting, .lingering, .closed:
            break
        }
    }

    func timerFired(tag: UInt8, on loop: isolated EventLoop) {
        guard tag == Tag.job else {
            dial?.timedOut(on: loop)
            return
        }
        switch phase {
        case .startup, .verifying, .connecting:
            refuse(.loginTimeout, stage: "limit", reason: "login_timeout", on: loop)
        case .rejecting: dismiss(.notGranted, on: loop)
        case .relaying, .jobEnded: judgeTime(on: loop)
        case .canceling, .lingering: close(on: loop)
        case .closed: break
        }
    }
}
