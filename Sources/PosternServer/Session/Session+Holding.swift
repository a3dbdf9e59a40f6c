internal import PosternCore
internal import PosternNet
internal import PosternSession
internal import PosternTransport

/// What waits for its decision to be on record: for the end of the loop's turn, or for the disk.
extension Session {
    /// Sends something of the gateway's own, behind what is held.
    func inject(_ message: [UInt8], on loop: isolated EventLoop) {
        guard heldOutputs == 0 else {
            heldOutputs += 1
            return context.journal.hold(message, for: self, on: loop)
        }
        upstream?.send(message, context.buffers)
    }

    /// The decisions that the bytes waited for are on record.
    func release(_ bytes: UnsafeRawBufferPointer, on loop: isolated EventLoop) {
        heldOutputs -= 1
        guard phase == .relaying, let job, let upstream else { return }
        upstream.send(bytes, context.buffers)
        gatewayTime &+= MonotonicTime.now.nanoseconds &- loop.now.nanoseconds
        settle(fast: job, slow: upstream, on: loop)
        guard heldOutputs == 0, phase == .relaying else { return }
        if isStalled { return goOn(job, on: loop) }
        tellHeldEnd(on: loop)
    }

    /// What was decided waits for the disk: nothing more is taken from the job.
    func stall(on loop: isolated EventLoop) {
        guard !isStalled, phase == .relaying, let job else { return }
        isStalled = true
        job.setReading(false)
        job.updateInterest(on: loop)
    }

    /// The disk has everything: the statements' time begins, and what was asked for meanwhile is done.
    private func goOn(_ job: Transport, on loop: isolated EventLoop) {
        isStalled = false
        relay.restartClock(now: .now)
        judgeTime(on: loop)
        for cancel in heldCancels { cancelRequested(source: cancel.source, completion: cancel.completion, on: loop) }
        heldCancels = []
        tellHeldEnd(on: loop)
        resumeJob(on: loop)
        // The loop may have stopped to watch a job that is gone: it will not tell of what is left to be read.
        for _ in 0..<64 where phase == .relaying && !isWaiting && heldOutputs == 0 && !loop.isWatching(job.registration)
        {
            relayFromJob(job, on: loop)
        }
    }

    private func tellHeldEnd(on loop: isolated EventLoop) {
        guard let saidSo = heldEnd, phase == .relaying else { return }
        heldEnd = nil
        jobEnded(on: loop, saidSo: saidSo)
    }

    /// The decisions could not be recorded: what they are about is not forwarded.
    func decisionsLost(on loop: isolated EventLoop) {
        heldOutputs -= 1
        end(.journal, on: loop)
    }
}
