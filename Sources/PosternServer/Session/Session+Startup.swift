internal import Logging
internal import PosternCore
internal import PosternNet
internal import PosternSession
internal import PosternTLS
internal import PosternTransport
internal import PostgresWire

/// From the first byte to the token.
extension Session {
    func readStartup(_ job: Transport, on loop: isolated EventLoop) {
        // Before TLS nothing beyond one packet is taken off the socket; TLS itself reads what it needs.
        let limit = job.isSecure ? LoopBuffers.readSize : startup.bytesNeeded
        handle(job.receive(limit: limit, context.buffers), job, on: loop)
    }

    private func handle(_ received: Transport.Received, _ job: Transport, on loop: isolated EventLoop) {
        announceEncryption(job, on: loop)
        guard phase == .startup || phase == .rejecting else { return }
        switch received {
        case .bytes(let count):
            let bytes = Array(context.buffers.plaintext[..<count])
            perform(startup.received(bytes[...]), job, on: loop)
            if job.takePendingEnd() != nil, phase == .startup || phase == .rejecting { return close(on: loop) }
        case .nothing: break
        case .ended, .failed: close(on: loop)
        }
        if phase == .startup || phase == .rejecting { job.updateInterest(on: loop) }
    }

    /// Tells the machine once that the handshake is done, before it sees the first plaintext.
    private func announceEncryption(_ job: Transport, on loop: isolated EventLoop) {
        guard let began = handshakeBegan, let engine = job.engine, engine.phase != .handshaking else { return }
        handshakeBegan = nil
        if case .failed(let error) = engine.phase {
            context.services.logger.debug("TLS with a job failed", metadata: ["session": "\(id)", "error": "\(error)"])
            // What of a client's certificate is not good, in OpenSSL's words.
            let detail = engine.asksForCertificate ? error.reasons.first.map { ": " + $0 } : nil
            noteRefusal(stage: "tls", reason: "handshake" + (detail ?? ""))
            return close(on: loop)
        }
        tlsVersion = engine.version
        do throws(TLSError) {
            certificate = try engine.peerNames()
        } catch {
            return refuse(.certificateNotUnderstood, stage: "tls", reason: "client certificate: \(error)", on: loop)
        }
        context.metrics.clientHandshake.record(MonotonicTime.now.since(began))
        perform(startup.encryptionStarted(negotiatedALPN: engine.negotiatedALPN), job, on: loop)
    }

    private func perform(_ actions: [JobStartup.Action], _ job: Transport, on loop: isolated EventLoop) {
        for action in actions where phase == .startup || phase == .rejecting {
            switch action {
            case .reply, .startTLS, .startDirectTLS: break
            case .cancel, .askToken, .authenticate, .discover, .challenge, .dismiss, .refuse, .close:
                guard breakSilence() else { return evict(on: loop) }
            }
            switch action {
            case .reply(let bytes):
                job.send(bytes, context.buffers)
            case .startTLS(let reply):
                job.send(reply, context.buffers)
                beginTLS(received: [], job, on: loop)
            case .startDirectTLS(let received):
                beginTLS(received: received, job, on: loop)
            case .cancel(let key):
                forwardCancel(key, on: loop)
            case .askToken(let bytes, let request):
                self.request = request
                job.send(bytes, context.buffers)
            case .authenticate(let request, let token):
                authenticate(request, token, on: loop)
            case .discover(let bytes):
                context.metrics.oauthDiscoveries.add()
                job.send(bytes, context.buffers)
            case .challenge(let bytes):
                job.send(bytes, context.buffers)
            case .dismiss(let refusal):
                dismiss(refusal, on: loop)
            case .refuse(let refusal):
                refuse(refusal, stage: "startup", reason: refusal.message, on: loop)
            case .close:
                close(on: loop)
            }
        }
    }

    /// - Returns: false when the connection's place has been given to another meanwhile.
    private func breakSilence() -> Bool {
        guard let silence else { return true }
        guard context.services.admission.spoke(silence) else { return false }
        self.silence = nil
        return true
    }

    /// Somebody who speaks needs the place of a connection that does not.
    func evict(on loop: isolated EventLoop) {
        guard phase == .startup, silence != nil else { return }
        context.metrics.refused(stage: "limit", reason: "evicted")
        close(on: loop)
    }

    private func beginTLS(received: [UInt8], _ job: Transport, on loop: isolated EventLoop) {
        guard let tls = context.snapshot.context(of: listener.endpoint), let engine = try? TLSEngine(server: tls)
        else { return close(on: loop) }
        handshakeBegan = loop.now
        handle(job.secure(engine, received: received, context.buffers), job, on: loop)
    }

    /// A cancel request names a session by its key and is answered by closing, whatever came of it.
    ///
    /// Not before it is over: clients take the close for the sign that no later statement can be hit.
    private func forwardCancel(_ key: CancelKey, on loop: isolated EventLoop) {
        guard let target = context.services.cancels.target(of: key) else {
            noteRefusal(stage: "cancel", reason: "unknown key")
            return close(on: loop)
        }
        phase = .canceling
        let source = peer?.host ?? "unix"
        later(on: loop) {
            await target.cancel(source: source)
        } then: { session, _, loop in
            session.close(on: loop)
        }
    }

    /// While the login is under way the job has nothing to say; what comes early is a violation, an end is an end.
    func jobSpokeTooEarly(_ job: Transport, on loop: isolated EventLoop) {
        switch job.receive(context.buffers) {
        case .bytes:
            refuse(
                Refusal(.protocolViolation, "unexpected message before the login is done"),
                stage: "startup",
                reason: "message before the login is done",
                on: loop
            )
        case .nothing: break
        case .ended, .failed: abandonLogin(on: loop)
        }
    }

    /// Whoever sent the cancel request has nothing more to say, and may leave before it is over.
    func waitForCancel(_ job: Transport, on loop: isolated EventLoop) {
        switch job.receive(context.buffers) {
        case .bytes, .nothing: break
        case .ended, .failed: close(on: loop)
        }
    }
}
