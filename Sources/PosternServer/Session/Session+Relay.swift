internal import PosternCore
internal import PosternNet
internal import PosternPolicy
internal import PosternSession
internal import PosternTransport
internal import PostgresWire

/// The session itself: bytes pass, both ways.
extension Session {
    /// One read of the job's side. What the read gave goes upstream from the loop's own buffer, without a copy.
    func relayFromJob(_ job: Transport, on loop: isolated EventLoop) {
        guard let upstream else { return }
        guard !isStalled else {
            // A connection that is gone is told of again and again. What it left to be read is read afterwards.
            return loop.unwatch(job.registration)
        }
        if generation != context.snapshot.generation { judgeAnew(on: loop) }
        guard phase == .relaying else { return }
        guard heldFromJob.count <= LoopBuffers.headroom else { return assembleFromJob(job, upstream, on: loop) }

        let held = heldFromJob.count
        if held > 0 { heldFromJob.withUnsafeBytes { context.buffers.plaintext.copyMemory(from: $0) } }
        switch job.receive(held: held, context.buffers) {
        case .bytes(let count):
            let input = UnsafeRawBufferPointer(rebasing: context.buffers.plaintext[..<(held + count)])
            let consumed = passUpstream(input, upstream, on: loop)
            if phase == .closed || phase == .lingering { return }
            let rest = input.count - consumed
            if rest > 0 || held > 0 { heldFromJob = Array(input[consumed...]) }
        case .nothing: return
        case .ended: return jobEnded(on: loop)
        case .failed: return end(.jobLost, on: loop)
        }
        settle(fast: job, slow: upstream, on: loop)
        takePendingEnd(of: job, on: loop)
    }

    /// A message larger than the loop's buffer that must be whole: it grows in memory of its own, as it arrives.
    private func assembleFromJob(_ job: Transport, _ upstream: Transport, on loop: isolated EventLoop) {
        switch job.receive(context.buffers) {
        case .bytes(let count):
            heldFromJob.append(contentsOf: context.buffers.plaintext[..<count])
            passHeld(upstream, on: loop)
            if phase == .closed || phase == .lingering { return }
        case .nothing: return
        case .ended: return jobEnded(on: loop)
        case .failed: return end(.jobLost, on: loop)
        }
        settle(fast: job, slow: upstream, on: loop)
        takePendingEnd(of: job, on: loop)
    }

    private func passHeld(_ upstream: Transport, on loop: isolated EventLoop) {
        // Held by a name of its own: what passing it on leads to may end the session and with it `heldFromJob`.
        let input = heldFromJob
        let consumed = input.withUnsafeBytes { passUpstream($0, upstream, on: loop) }
        if phase == .closed || phase == .lingering { return }
        if consumed == heldFromJob.count {
            heldFromJob = []
        } else if consumed > 0 {
            heldFromJob.removeFirst(consumed)
        }
    }

    /// What the job sent is kept until the server has answered, or a text is parsed, or a cancel request is over.
    var isWaiting: Bool { isHeld || isParsing || overtime.isHolding || isStalled }

    /// What was waited for may have come: offers the relay what it did not take.
    func resumeJob(on loop: isolated EventLoop) {
        guard phase == .relaying, !isParsing, !overtime.isHolding, !isStalled, let job, let upstream else { return }
        isHeld = relay.isHolding
        if !isHeld, !heldFromJob.isEmpty { passHeld(upstream, on: loop) }
        guard phase == .relaying, !isWaiting else { return }
        if !upstream.isCongested { job.setReading(true) }
        settle(fast: job, slow: upstream, on: loop)
        job.updateInterest(on: loop)
        takePendingEnd(of: job, on: loop)
    }

    /// TLS may have ended in the same read that gave the job's last bytes; what it sent before comes first.
    private func takePendingEnd(of job: Transport, on loop: isolated EventLoop) {
        guard phase == .relaying, !isWaiting, let end = job.takePendingEnd() else { return }
        switch end {
        case .ended: jobEnded(on: loop)
        case .failed: self.end(.jobLost, on: loop)
        case .bytes, .nothing: break
        }
    }

    /// - Returns: how many bytes are done with.
    @inline(__always)
    private func passUpstream(_ input: UnsafeRawBufferPointer, _ upstream: Transport, on loop: isolated EventLoop)
        -> Int
    {
        let step = relay.fromJob(input.assumingMemoryBound(to: UInt8.self).span, now: loop.now, judge: self)
        switch writeRecords(on: loop) {
        case .impossible:
            end(.journal, on: loop)
            return step.consumed
        case .decided:
            heldOutputs += 1
            context.journal.hold(relay.output, of: input, for: self, on: loop)
        case .nothingDecided where heldOutputs > 0:
            heldOutputs += 1
            context.journal.hold(relay.output, of: input, for: self, on: loop)
        case .nothingDecided: send(relay.output, of: input, to: upstream)
        }
        clock?.lastActivity = loop.now
        if step.cyclesBegun > 0 {
            if cycleBegan == nil { cycleBegan = loop.now }
        }
        // The timer may stand at a moment far away, where an idle session would have ended.
        if clock?.limits.statement != nil, step.cyclesBegun > 0 { judgeTime(on: loop) }
        guard phase == .relaying else { return step.consumed }
        if heldOutputs == 0 { gatewayTime &+= MonotonicTime.now.nanoseconds &- loop.now.nanoseconds }
        if let wait = step.wait { hold(wait, on: loop) }
        if let ending = step.ending { relayEnded(ending, on: loop) }
        return step.consumed
    }

    private func send(_ output: RelayOutput, of input: UnsafeRawBufferPointer, to transport: Transport) {
        for piece in output.pieces {
            switch piece {
            case .input(let range): transport.send(UnsafeRawBufferPointer(rebasing: input[range]), context.buffers)
            case .bytes(let bytes): transport.send(bytes, context.buffers)
            case .answer(let statement):
                guard let row = answer(to: statement) else {
                    owesAnswer = true
                    return
                }
                transport.send(row, context.buffers)
            }
        }
    }

    private func hold(_ wait: SessionRelay.Wait, on loop: isolated EventLoop) {
        switch wait {
        case .answers: isHeld = true
        case .judgement(let text): parseElsewhere(text, on: loop)
        }
        job?.setReading(false)
        job?.updateInterest(on: loop)
    }

    /// One read of the server's side.
    func relayFromServer(_ upstream: Transport, on loop: isolated EventLoop) {
        guard let job else { return }
        let held = heldFromServer.count
        if held > 0 { heldFromServer.withUnsafeBytes { context.buffers.plaintext.copyMemory(from: $0) } }
        switch upstream.receive(held: held, context.buffers) {
        case .bytes(let count):
            let input = UnsafeRawBufferPointer(rebasing: context.buffers.plaintext[..<(held + count)])
            passDown(input, held: held, job, on: loop)
            if phase == .closed || phase == .lingering { return }
        case .nothing: return
        case .ended, .failed: return serverEnded(on: loop)
        }
        settle(fast: upstream, slow: job, on: loop)
        if upstream.takePendingEnd() != nil, phase == .relaying || phase == .jobEnded { serverEnded(on: loop) }
    }

    /// Bytes from the server to the job; also the ones that came right behind the login.
    @inline(__always)
    func passDown(_ input: UnsafeRawBufferPointer, held: Int, _ job: Transport, on loop: isolated EventLoop) {
        let step = relay.fromServer(input.assumingMemoryBound(to: UInt8.self).span, now: loop.now)
        // Outcomes are not waited for; that the journal fails is said at the next decision.
        _ = writeRecords(on: loop)
        send(relay.output, of: input, to: job)
        if owesAnswer { return end(.journal, on: loop) }
        if !relay.injection.isEmpty { inject(relay.injection, on: loop) }
        clock?.lastActivity = loop.now
        gatewayTime &+= MonotonicTime.now.nanoseconds &- loop.now.nanoseconds
        if step.cyclesEnded > 0 { cyclesEnded(isIdle: step.isIdle, on: loop) }
        if let ending = step.ending { return relayEnded(ending, on: loop) }
        let rest = input.count - step.consumed
        if rest > 0 || held > 0 { heldFromServer = Array(input[step.consumed...]) }
        if relay.takeChangedCatalogue() { catalogueChanged() }
        checkOvertime()
        if context.isDraining, isQuiet { return end(.drained, on: loop) }
        if isHeld { resumeJob(on: loop) }
    }

    private func cyclesEnded(isIdle: Bool, on loop: isolated EventLoop) {
        guard let began = cycleBegan else { return }
        series?.statementCompleted(
            nanoseconds: loop.now.nanoseconds &- began.nanoseconds,
            gatewayNanoseconds: gatewayTime
        )
        gatewayTime = 0
        cycleBegan = isIdle ? nil : loop.now
    }

    private func relayEnded(_ ending: SessionRelay.Ending, on loop: isolated EventLoop) {
        switch ending {
        case .terminated: jobEnded(on: loop, saidSo: true)
        case .jobViolation(let reason): end(.jobViolation(reason), on: loop)
        case .serverViolation(let reason): end(.serverViolation(reason), on: loop)
        case .tooLarge(let limit): end(.messageTooLarge(limit: limit), on: loop)
        case .forbiddenSetting(let name, let value): end(.forbiddenSetting(name: name, value: value), on: loop)
        case .tooManyNames(let limit): end(.tooManyNames(limit: limit), on: loop)
        }
    }

    // MARK: Back-pressure

    /// After bytes went from `fast` to `slow`: a slow side that has too much to take stops the reading of the other.
    @inline(__always)
    func settle(fast: Transport, slow: Transport, on loop: isolated EventLoop) {
        guard slow.hasOutbound else {
            if slow.writeFailure != nil { writeFailed(slow, on: loop) }
            return
        }
        if slow.isCongested {
            if slow === job { clock?.jobStalled(true, now: loop.now) }
            fast.setReading(false)
            fast.updateInterest(on: loop)
        }
        slow.updateInterest(on: loop)
    }

    func jobWritable(_ job: Transport, on loop: isolated EventLoop) {
        flush(job, resuming: upstream, on: loop)
    }

    func upstreamWritable(_ upstream: Transport, on loop: isolated EventLoop) {
        flush(upstream, resuming: phase == .jobEnded ? nil : job, on: loop)
    }

    private func flush(_ slow: Transport, resuming fast: Transport?, on loop: isolated EventLoop) {
        slow.flush()
        if slow.writeFailure != nil { return writeFailed(slow, on: loop) }
        slow.updateInterest(on: loop)
        clock?.lastActivity = loop.now
        if slow === job, slow.hasDrained { clock?.jobStalled(false, now: loop.now) }
        if slow.hasDrained, let fast, phase == .relaying || phase == .jobEnded, fast !== job || !isWaiting {
            fast.setReading(true)
            fast.updateInterest(on: loop)
        }
        if phase == .lingering { finishLingering(on: loop) }
        if phase == .jobEnded, slow === upstream, !slow.hasOutbound { slow.shutdownWritesSilently() }
    }

    private func writeFailed(_ transport: Transport, on loop: isolated EventLoop) {
        guard phase == .relaying || phase == .jobEnded else { return close(on: loop) }
        if transport === job { return end(.jobLost, on: loop) }
        // What the server said before it closed may still be unread: its FATAL error tells more than the lost write.
        guard let upstream else { return end(.serverLost, on: loop) }
        relayLastWords(upstream, on: loop)
    }

    /// Passes what the server sent before its connection broke.
    private func relayLastWords(_ upstream: Transport, on loop: isolated EventLoop) {
        for _ in 0..<64 where phase == .relaying || phase == .jobEnded {
            guard let job else { return }
            let held = heldFromServer.count
            if held > 0 { heldFromServer.withUnsafeBytes { context.buffers.plaintext.copyMemory(from: $0) } }
            guard case .bytes(let count) = upstream.receive(held: held, context.buffers) else { break }
            let input = UnsafeRawBufferPointer(rebasing: context.buffers.plaintext[..<(held + count)])
            passDown(input, held: held, job, on: loop)
        }
        if phase == .relaying || phase == .jobEnded { serverEnded(on: loop) }
    }

    // MARK: Ends of either side

    /// The job sent Terminate or closed its side. What it asked for before that still reaches the server and is
    /// finished and answered, as it would be without a gateway; the server's own end is the session's.
    ///
    /// - Parameter saidSo: Terminate has gone upstream already.
    func jobEnded(on loop: isolated EventLoop, saidSo: Bool = false) {
        guard let job, let upstream else { return }
        if heldOutputs > 0, !context.journal.releaseNow(on: loop) {
            heldEnd = heldEnd ?? false || saidSo
            job.setReading(false)
            return job.updateInterest(on: loop)
        }
        guard phase == .relaying else { return }
        phase = .jobEnded
        jobSideEnded = !saidSo
        // A job that left in good order may come again at once; the server's few milliseconds of leave-taking are no
        // session. One that left a statement running still has it.
        if relay.isIdle { leaveSession() }
        job.setReading(false)
        job.updateInterest(on: loop)
        if !saidSo, !relay.isMidMessage { upstream.send(FrontendMessage.terminate, context.buffers) }
        if upstream.hasOutbound {
            upstream.updateInterest(on: loop)
        } else {
            upstream.shutdownWritesSilently()
        }
    }

    private func serverEnded(on loop: isolated EventLoop) {
        if phase == .jobEnded { return end(.jobLeft, on: loop) }
        if let state = relay.fatalState { return end(.serverEnded(sqlState: state), on: loop) }
        end(.serverLost, on: loop)
    }

    // MARK: Limits and reloads

    func judgeTime(on loop: isolated EventLoop) {
        guard clock != nil, let job else { return }
        switch clock?.judge(
            now: loop.now,
            isIdle: relay.isIdle,
            status: relay.transactionStatus,
            // What waits for the disk runs nowhere.
            running: isStalled ? nil : relay.runningSince
        ) {
        case .reached(.statement): statementTimeIsOver(on: loop)
        case .reached(let limit): end(.limit(limit), on: loop)
        case .waitUntil(let moment): loop.setTimer(at: moment, for: job.registration)
        case nil: break
        }
    }

    /// The configuration has changed: the token's end holds from now on, also for who says nothing more. All else is
    /// judged at the next message.
    func configurationChanged(on loop: isolated EventLoop) {
        guard phase == .relaying || phase == .jobEnded, let grant,
            let role = context.snapshot.policies.role(named: grant.role.name)
        else { return }
        let endsWithToken = role.binding.endsWithToken
        guard endsWithToken || clock?.tokenEnd != nil else { return }
        clock?.tokenEnd = endsWithToken ? grant.token.end(now: .now, monotonic: .now) : nil
        judgeTime(on: loop)
    }

    /// Holds the session against the snapshot that is in force now.
    private func judgeAnew(on loop: isolated EventLoop) {
        generation = context.snapshot.generation
        guard let request, let renewed = grant?.renewed(request: request, snapshot: context.snapshot) else {
            return end(.revoked, on: loop)
        }
        grant = renewed
        clock?.limits = renewed.limits
        clock?.tokenEnd = renewed.tokenEnd(now: .now, monotonic: .now)
        relay.rules = relayRules(of: renewed)
        judgeTime(on: loop)
    }

    // MARK: Cancel

    /// Cancel requests that are kept while the statement itself waits for the disk: one is enough.
    private static let heldCancelLimit = 8

    /// Somebody showed this session's key: what the server does for it is to end. What is idle has nothing to cancel.
    ///
    /// - Parameter completion: called once the request is over, at once where there is nothing to cancel.
    func cancelRequested(
        source: String,
        completion: @escaping @Sendable () -> Void,
        on loop: isolated EventLoop
    ) {
        guard phase == .relaying || phase == .jobEnded, !relay.isIdle, let route else { return completion() }
        if isStalled, heldCancels.count < Self.heldCancelLimit { return heldCancels.append((source, completion)) }
        if let cancelForwarder { return cancelForwarder.join(completion) }
        recordCancel(source: source)
        let forwarder = CancelForwarder(route: route, session: self)
        forwarder.join(completion)
        cancelForwarder = forwarder
        forwarder.start(on: loop)
    }

    // MARK: Drain

    /// Between two transactions: the job loses nothing but its connection.
    private var isQuiet: Bool { relay.isIdle && relay.transactionStatus == .idle }

    func drain(on loop: isolated EventLoop) {
        switch phase {
        case .relaying where isQuiet: end(.drained, on: loop)
        case .startup, .verifying, .connecting:
            refuse(.draining, stage: "drain", reason: "draining", on: loop)
        case .rejecting: dismiss(.notGranted, on: loop)
        case .relaying, .jobEnded, .canceling, .lingering, .closed: break
        }
    }
}
