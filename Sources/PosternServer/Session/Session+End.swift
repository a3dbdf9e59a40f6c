internal import PosternConfiguration
internal import PosternCore
internal import PosternNet
internal import PosternPolicy
internal import PosternSession
internal import PosternTransport
internal import PostgresWire

/// How a session ends: a last word to the job, a record in the journal, nothing left open.
extension Session {
    /// After its last word a connection may stay this long, so that the job can read it; while the job reads, longer.
    private static let lingerTime = Duration.seconds(2)

    // MARK: Before the session has begun

    /// Turns the job away before its session has begun.
    ///
    /// - Parameters:
    ///   - stage: where in the login it happened: a word of a fixed vocabulary.
    ///   - reason: for journal and metrics; never shown to the job.
    func refuse(
        _ refusal: Refusal,
        stage: String,
        reason: String,
        claim: String? = nil,
        detail: RefusalDetail = .none,
        on loop: isolated EventLoop
    ) {
        // Who is being turned away already is on record.
        if phase == .rejecting { return dismiss(refusal, on: loop) }
        guard phase == .startup || phase == .verifying || phase == .connecting else { return }
        noteRefusal(stage: stage, reason: reason, claim: claim, detail: detail)
        guard refusal == .notGranted, phase != .startup else { return sayLast(refusal, on: loop) }
        reject(on: loop)
    }

    /// The token does not get what the job asked for: says so as the job's way to log in has it.
    private func reject(on loop: isolated EventLoop) {
        switch startup.tokenRefused() {
        case .challenge(let bytes):
            guard let job else { return close(on: loop) }
            phase = .rejecting
            dial?.close(on: loop)
            dial = nil
            releaseLogin()
            job.send(bytes, context.buffers)
            job.updateInterest(on: loop)
        case .dismiss, .reply, .startTLS, .startDirectTLS, .cancel, .askToken, .authenticate, .discover, .refuse,
            .close:
            sayLast(.notGranted, on: loop)
        }
    }

    /// The last word to a job whose refusal is on record, or that was not refused and only asked.
    func dismiss(_ refusal: Refusal, on loop: isolated EventLoop) {
        guard phase == .startup || phase == .rejecting else { return }
        sayLast(refusal, on: loop)
    }

    /// The job went away during its login.
    func abandonLogin(on loop: isolated EventLoop) {
        noteRefusal(stage: "login", reason: "the job left during its login")
        close(on: loop)
    }

    /// The server's connection broke while its session's record was on the way to the disk.
    func lostBeforeBeginning(on loop: isolated EventLoop) {
        record(.serverLost)
        refuse(.upstreamLost, stage: "upstream", reason: "lost before the session began", on: loop)
    }

    // MARK: After it has begun

    /// Ends the session.
    func end(_ ending: SessionEnding, on loop: isolated EventLoop) {
        // What was decided before that still goes up, unless the disk keeps it waiting.
        if heldOutputs > 0 { _ = context.journal.releaseNow(on: loop) }
        guard phase == .relaying || phase == .jobEnded else {
            if phase == .startup || phase == .verifying || phase == .connecting || phase == .rejecting {
                refuse(ending.refusal ?? .draining, stage: "end", reason: ending.reason, on: loop)
            }
            return
        }
        // A server does not look at its connection while it works: what runs for a session that may not go on is canceled.
        if ending.cancelsStatement, !relay.isIdle, let route {
            CancelForwarder.run(route: route, buffers: context.buffers, on: loop)
        }
        record(ending)
        endUpstream(on: loop)
        guard let refusal = ending.refusal, let job, !relay.isMidAnswer, job.writeFailure == nil else {
            return leave(ending, on: loop)
        }
        sayLast(refusal, on: loop)
    }

    /// Nothing to say: what the server said last still has to reach the job.
    private func leave(_ ending: SessionEnding, on loop: isolated EventLoop) {
        switch ending {
        case .serverEnded: linger(on: loop)
        case .jobLeft: linger(on: loop)
        case .jobLost, .serverLost, .limit, .revoked, .drained, .journal, .jobViolation, .serverViolation,
            .messageTooLarge, .forbiddenSetting, .tooManyNames:
            close(on: loop)
        }
    }

    /// Terminate where a whole message may follow, and then the end of the connection.
    private func endUpstream(on loop: isolated EventLoop) {
        guard let upstream else { return }
        if phase != .jobEnded, heldOutputs == 0, !relay.isMidMessage {
            upstream.send(FrontendMessage.terminate, context.buffers)
        }
        upstream.shutdownWrites(context.buffers)
        upstream.close(on: loop)
    }

    // MARK: Last words

    private func sayLast(_ refusal: Refusal, on loop: isolated EventLoop) {
        guard let job, job.writeFailure == nil else { return close(on: loop) }
        // In the middle of a TLS handshake there is no way to say anything.
        guard handshakeBegan == nil else { return close(on: loop) }
        dial?.close(on: loop)
        dial = nil
        job.send(refusal.response(session: id).encoded, context.buffers)
        linger(on: loop)
    }

    /// Lets the job read what was sent: a close with unread input would reset the connection and lose it.
    private func linger(on loop: isolated EventLoop) {
        guard let job else { return close(on: loop) }
        phase = .lingering
        releaseLogin()
        upstream?.close(on: loop)
        upstream = nil
        job.setReading(!jobSideEnded)
        finishLingering(on: loop)
    }

    /// Ends our side once everything has been sent; the job's side ends by itself or by the timer.
    ///
    /// A job that takes what it is owed, however slowly, has time: each write that makes progress comes here.
    func finishLingering(on loop: isolated EventLoop) {
        guard let job, phase == .lingering else { return }
        if job.writeFailure != nil { return close(on: loop) }
        if !job.hasOutbound {
            job.shutdownWrites(context.buffers)
            if jobSideEnded { return close(on: loop) }
        }
        loop.setTimer(at: MonotonicTime.now.advanced(by: Self.lingerTime), for: job.registration)
        job.updateInterest(on: loop)
    }

    /// Throws away what the job still sends. Its end is ours when it has been sent all that it is owed.
    func drainLingering(_ job: Transport, on loop: isolated EventLoop) {
        switch job.receive(context.buffers) {
        case .bytes, .nothing: break
        case .ended:
            jobSideEnded = true
            job.setReading(false)
            finishLingering(on: loop)
        case .failed: close(on: loop)
        }
    }

    /// Closes everything and gives back every place that the session had.
    func close(on loop: isolated EventLoop) {
        guard phase != .closed else { return }
        if isRecorded { record(phase == .jobEnded ? .jobLeft : .jobLost) }
        phase = .closed
        for cancel in heldCancels { cancel.completion() }
        heldCancels = []
        releaseLogin()
        dial?.close(on: loop)
        dial = nil
        upstream?.close(on: loop)
        upstream = nil
        // A TLS client that hears no close_notify takes the end for an attack.
        if handshakeBegan == nil, job?.isSecure == true { job?.shutdownWrites(context.buffers) }
        job?.close(on: loop)
        job = nil
        heldFromJob = []
        heldFromServer = []
        // Not before the socket is gone: a stranger who was turned away still holds a place.
        if isCountedUnauthenticated {
            isCountedUnauthenticated = false
            context.services.admission.authenticated(source: peer?.source ?? [])
        }
        context.services.admission.leave()
        context.connectionClosed()
    }

    /// Gives back what the session counted against: called at its first end, whatever that is.
    private func releaseLogin() {
        if let cancelKey {
            context.services.cancels.remove(cancelKey)
            self.cancelKey = nil
        }
        if let silence {
            context.services.admission.spoke(silence)
            self.silence = nil
        }
        if let usedToken {
            context.services.usedTokens.giveBack(usedToken)
            self.usedToken = nil
        }
        leaveSession()
    }

    /// The session no longer counts against its role's and database's limits.
    func leaveSession() {
        guard isCountedAsSession, let grant else { return }
        isCountedAsSession = false
        context.services.admission.leaveSession(role: grant.role.name, database: grant.database.name)
    }
}
