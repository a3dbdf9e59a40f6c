internal import DequeModule
internal import PosternCore
internal import PosternPolicy
internal import PostgresWire

/// What the server's errors do to the operations that wait.
extension SessionRelay {
    mutating func failed(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>, _ now: MonotonicTime) -> Answer {
        totals.errors &+= 1
        isCopyingIn = false
        doubtfulSyncs += swallowedSyncs
        swallowedSyncs = 0
        gate.isSwallowing = false
        gate.heldCompletion = []
        gate.heldSettings = []
        let fields = try? ErrorFields(body: bytes.copy(range.lowerBound + MessageHeader.size..<range.upperBound)[...])
        let state = fields?.sqlState?.rawValue
        if fields?.severity == .fatal || fields?.severity == .panic { fatalState = state ?? "" }
        guard let head = queue.first else {
            // Only FATAL errors come unasked.
            return .pass
        }
        var verdict = Answer.pass
        if let poison = head.poison, let fields, let words = poison.rewrite(fields, session: session) {
            verdict = .replace(words)
        } else if let cancellation, state == "57014", var fields {
            fields.set(.message, "\(cancellation) (session \(session))")
            verdict = .replace(BackendMessage.errorResponse(fields).encoded)
            self.cancellation = nil
        }
        if let run = head.run {
            cancelNames(of: run)
            finish(run, state == "57014" ? .canceled : .error, sqlState: state, now: now)
        }
        transactions.failed(head.run)
        if head.endsCycle {
            queue[0].hasFailed = true
        } else {
            skip(now)
            if head.gate == .begin { beginFailed(now) }
        }
        return verdict
    }

    /// Up to the next Sync the server throws everything away.
    mutating func skip(_ now: MonotonicTime) {
        while let operation = queue.first, operation.kind != .sync {
            if let key = operation.naming, operation.kind != .close {
                names.cancel(key, sequence: operation.sequence)
            }
            if let run = operation.run {
                cancelNames(of: run)
                finish(run, .skipped, now: now)
            }
            for run in operation.following.reversed() {
                cancelNames(of: run)
                finish(run, .skipped, now: now)
            }
            queue.removeFirst()
        }
        headSince = now
        if queue.isEmpty { isSkipping = true }
    }
}
