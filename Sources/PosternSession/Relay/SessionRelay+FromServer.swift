internal import DequeModule
package import PosternCore
internal import PosternPolicy
internal import PosternSQL
internal import PostgresWire

/// From the server to the job: answers find the operations that they answer.
extension SessionRelay {
    enum Answer {
        case pass
        /// It answers something that the job did not ask.
        case swallow
        case replace([UInt8])
        case end(Ending)
    }

    /// Takes what the server sent.
    ///
    /// - Parameters:
    ///   - bytes: what was not consumed before, and what came since.
    ///   - now: when it came.
    package mutating func fromServer(_ bytes: borrowing Span<UInt8>, now: MonotonicTime) -> Step {
        output.clear()
        records.removeAll(keepingCapacity: true)
        injection.removeAll(keepingCapacity: true)
        var step = Step()
        while step.consumed < bytes.count {
            let start = step.consumed
            // What is left of a message goes where its beginning went.
            let isRest = backend.bodyRemaining > 0
            switch backend.next(bytes, from: start) {
            case .message(let kind, let end):
                if !isRest { swallowsRest = isSwallowed(kind, bytes[start]) }
                let isSwallowed = swallowsRest
                switch answer(kind, bytes, start..<end, now) {
                case .pass:
                    if !isSwallowed { output.pass(start..<end) }
                    if kind == .readyForQuery { step.cyclesEnded += 1 }
                case .swallow: break
                case .replace(let message): output.put(message)
                case .end(let ending):
                    step.ending = ending
                    return step
                }
                step.consumed = end
            case .incomplete:
                if step.cyclesEnded > 0 { step.isIdle = isIdle }
                return step
            case .violation(let reason):
                step.ending = .serverViolation(reason)
                return step
            }
        }
        if step.cyclesEnded > 0 { step.isIdle = isIdle }
        return step
    }

    @inline(__always)
    private mutating func answer(
        _ kind: BackendFrames.Kind,
        _ bytes: borrowing Span<UInt8>,
        _ range: Range<Int>,
        _ now: MonotonicTime
    ) -> Answer {
        switch kind {
        case .row:
            if speaksPostern, let own = queue.first?.own { return ownRow(own) }
            count(range, rows: 1)
            return .pass
        case .copyData, .rest:
            count(range, rows: 0)
            return .pass
        case .commandComplete:
            return commandComplete(bytes, range.lowerBound + MessageHeader.size..<range.upperBound - 1, now)
        case .readyForQuery: return ready(bytes[range.upperBound - 1], now)
        case .emptyQueryResponse: return executed(now)
        case .portalSuspended: return suspended(now)
        case .errorResponse: return failed(bytes, range, now)
        case .parseComplete: return named(.parse, now)
        case .bindComplete: return named(.bind, now)
        case .closeComplete: return closed(now)
        case .noData: return described(now)
        case .rowDescription: return queue.first?.kind == .describe ? described(now) : .pass
        case .copyInResponse: return copyIn(now)
        case .parameterStatus:
            if let ending = forbidden(bytes, range.lowerBound + MessageHeader.size..<range.upperBound) {
                return .end(ending)
            }
            guard !gate.heldCompletion.isEmpty else { return .pass }
            gate.heldSettings += bytes.copy(range)
            return .swallow
        case .parameterDescription, .other: return .pass
        }
    }

    @inline(__always)
    private func count(_ range: Range<Int>, rows: UInt64) {
        guard let run = queue.first?.run else { return }
        run.rows &+= rows
        run.bytes &+= UInt64(range.count)
    }

    // MARK: The queue
    //
    // What comes while nothing is under way answers nothing, and passes. What comes out of turn ends the session: from
    // there on no answer could be told from another.

    /// Takes the operation that was answered off the queue.
    @discardableResult
    mutating func pop(_ now: MonotonicTime) -> Operation? {
        let operation = queue.popFirst()
        while queue.first?.kind == .copyEnd { queue.removeFirst() }
        headSince = now
        return operation
    }

    private func unexpected(_ what: StaticString) -> Answer {
        .end(.serverViolation("unexpected \(what)"))
    }

    private mutating func named(_ kind: Operation.Kind, _ now: MonotonicTime) -> Answer {
        guard let head = queue.first else { return .pass }
        guard head.kind == kind else { return unexpected("ParseComplete or BindComplete") }
        doubtfulSyncs = 0
        if let key = head.naming {
            for run in names.confirm(key, sequence: head.sequence) { abandon(run, now) }
        }
        pop(now)
        return head.gate == .begin ? .swallow : .pass
    }

    private mutating func closed(_ now: MonotonicTime) -> Answer {
        guard let head = queue.first else { return .pass }
        guard head.kind == .close else { return unexpected("CloseComplete") }
        if let key = head.naming {
            for run in names.remove(key, before: head.sequence) { abandon(run, now) }
        }
        pop(now)
        return .pass
    }

    private mutating func described(_ now: MonotonicTime) -> Answer {
        guard let head = queue.first else { return .pass }
        guard head.kind == .describe else { return unexpected("NoData") }
        pop(now)
        return .pass
    }

    /// The portal is gone: what it did until then was its outcome.
    mutating func abandon(_ run: StatementRun, _ now: MonotonicTime) {
        finish(run, run.hasRun ? .ok : .skipped, now: now)
    }

    // MARK: The ends of statements

    private mutating func commandComplete(
        _ bytes: borrowing Span<UInt8>,
        _ range: Range<Int>,
        _ now: MonotonicTime
    ) -> Answer {
        if speaksPostern, let own = queue.first?.own { return ownCompleted(own, now) }
        totals.statements &+= 1
        let tag = bytes.extracting(range)
        let rows = tag.rowCount
        totals.rows &+= rows ?? 0
        guard let head = queue.first else { return .pass }
        guard head.kind == .execute || head.kind == .query else { return unexpected("CommandComplete") }
        isCopyingIn = false
        swallowedSyncs = 0
        doubtfulSyncs = 0
        switch head.gate {
        case .begin:
            pop(now)
            return .swallow
        case .rollback: return .swallow
        case .commit: return committed(head, now)
        case .none, .execute, .blockQuery, .query: break
        }
        if let run = head.run, head.gate != .none {
            let message = bytes.copy(range.lowerBound - MessageHeader.size..<range.upperBound + 1)
            guard countedCompleted(run, rows: rows ?? 0, message, now) else { return .swallow }
        }
        if let run = head.run {
            run.hasRun = true
            if head.kind == .query, run.text.judged.isUnparsed {
                // As many statements as the server makes of it: their outcome is told by ReadyForQuery.
                run.countedRows &+= rows ?? 0
            } else {
                // The tag of a portal that was suspended counts its last rows only.
                finish(run, .ok, tag: tag.words, rows: max(rows ?? 0, run.rows), now: now)
            }
            applyNames(of: run, now)
            if let end = transactions.completed(run, tag: tag) {
                records.append(end)
                gate.transactionEnded()
            }
        }
        return executed(now)
    }

    /// The gate's own COMMIT went through: the statement before it is told of now.
    private mutating func committed(_ head: Operation, _ now: MonotonicTime) -> Answer {
        let message = gate.heldCompletion
        let settings = gate.heldSettings
        gate.heldCompletion = []
        gate.heldSettings = []
        guard let run = head.run else { return .swallow }
        let tag = message.dropFirst(MessageHeader.size).dropLast()
        let text = Array(tag)
        run.hasRun = true
        finish(run, .ok, tag: text.span.words, rows: text.span.rowCount ?? run.rows, now: now)
        applyNames(of: run, now)
        transactions.ran(run)
        return .replace(message + settings)
    }

    /// The operation at the head, or the statement of a Query that ran, is over.
    mutating func executed(_ now: MonotonicTime) -> Answer {
        guard let head = queue.first else { return .pass }
        isCopyingIn = false
        if let run = head.run, head.kind == .execute || !run.text.judged.isUnparsed { finish(run, .ok, now: now) }
        switch head.kind {
        case .execute: pop(now)
        case .query:
            headSince = now
            // A text that was not understood is one statement to the gateway, whatever the server makes of it.
            queue[0].runNext()
        case .parse, .bind, .describe, .close, .functionCall, .sync, .copyEnd:
            return unexpected("end of a statement")
        }
        return .pass
    }

    private mutating func suspended(_ now: MonotonicTime) -> Answer {
        guard let head = queue.first else { return .pass }
        guard head.kind == .execute else { return unexpected("PortalSuspended") }
        if let run = head.run {
            run.hasRun = true
            transactions.ran(run)
            // An Execute of a cursor stands for itself.
            if run.isFetch { finish(run, .ok, now: now) }
        }
        pop(now)
        return .pass
    }

    private mutating func ready(_ status: UInt8, _ now: MonotonicTime) -> Answer {
        guard let status = TransactionStatus(rawValue: status) else {
            return .end(.serverViolation("unknown transaction status"))
        }
        isCopyingIn = false
        if queue.first.map({ doubtfulSyncs > 0 && !$0.awaitsReady }) ?? true {
            answeredAside(status, now)
            return .pass
        }
        while let head = queue.first, !head.endsCycle {
            if let key = head.naming, head.kind != .close { names.cancel(key, sequence: head.sequence) }
            if let run = head.run {
                cancelNames(of: run)
                finish(run, .unknown, now: now)
            }
            queue.removeFirst()
        }
        guard let head = pop(now) else {
            answeredAside(status, now)
            return .pass
        }
        if !gateReady(head, status, now) { return .swallow }
        gate.isSwallowing = false
        transactionStatus = status
        // A Query ends the unnamed statement, a FunctionCall does not.
        if head.kind == .query {
            names.remove(NameTable.Key(space: .statement, name: ""), before: head.sequence)
        }
        if head.kind != .sync {
            if let run = head.run {
                if !head.hasFailed, head.kind == .functionCall { transactions.ran(run) }
                finish(run, head.hasFailed ? .skipped : .ok, rows: max(run.rows, run.countedRows), now: now)
            }
            for run in head.following.reversed() {
                cancelNames(of: run)
                finish(run, .skipped, now: now)
            }
        }
        if status == .idle {
            gate.transactionEnded()
            for run in names.endTransaction(before: head.sequence) { abandon(run, now) }
        }
        if let end = transactions.ready(status, isLast: queue.isEmpty) { records.append(end) }
        return .pass
    }

    /// ReadyForQuery that answers nothing in the queue: the Sync of a copy that failed, as a rule. The server throws
    /// nothing away any more.
    private mutating func answeredAside(_ status: TransactionStatus, _ now: MonotonicTime) {
        if doubtfulSyncs > 0 { doubtfulSyncs -= 1 }
        if queue.isEmpty { isSkipping = false }
        transactionStatus = status
        if status == .idle {
            gate.transactionEnded()
            for run in names.endTransaction(before: queue.first?.sequence ?? .max) { abandon(run, now) }
        }
        if let end = transactions.ready(status, isLast: queue.isEmpty) { records.append(end) }
    }

    // MARK: Copy

    /// Syncs and Flushes that the job sent before the end of its copy data are swallowed by the server.
    private mutating func copyIn(_ now: MonotonicTime) -> Answer {
        guard let head = queue.first else { return .pass }
        guard head.kind == .execute || head.kind == .query else { return unexpected("CopyInResponse") }
        if let end = queue.firstIndex(where: { $0.kind == .copyEnd }) {
            for index in (1..<end).reversed() where queue[index].kind == .sync {
                queue.remove(at: index)
                swallowedSyncs += 1
            }
            queue.remove(at: queue.firstIndex { $0.kind == .copyEnd } ?? 0)
        } else {
            isCopyingIn = true
            let count = queue.count
            queue.removeAll { $0.kind == .sync }
            swallowedSyncs += count - queue.count
        }
        return .pass
    }

    // MARK: Settings

    /// The settings that decide how text is read must stay as they were agreed at the start.
    private func forbidden(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Ending? {
        // Few settings are reported, and seldom: to copy costs nothing.
        let parts = bytes.copy(range).split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
        // Without its end it is no setting to anybody.
        guard parts.count >= 2 else { return nil }
        let name = String(decoding: parts[0], as: UTF8.self)
        let value = String(decoding: parts[1].prefix(64), as: UTF8.self)
        switch name {
        case "client_encoding":
            return value == "UTF8" ? nil : .forbiddenSetting(name: name, value: value)
        case "standard_conforming_strings":
            return value == "on" || rules.isUnrestricted ? nil : .forbiddenSetting(name: name, value: value)
        default: return nil
        }
    }
}

extension Span where Element == UInt8 {
    func copy(_ range: Range<Int>) -> [UInt8] { range.map { self[$0] } }

    /// A command tag without its counts.
    fileprivate var words: String {
        // What nearly all are, without a copy.
        if count > 7, self[6] == 0x20, self[0] == UInt8(ascii: "S"), extracting(0..<6).equals("SELECT") {
            return "SELECT"
        }
        var end = Swift.min(count, 64)
        while end > 0, (0x30...0x39).contains(self[end - 1]) || self[end - 1] == 0x20 { end -= 1 }
        return String(decoding: copy(0..<end), as: UTF8.self)
    }

    /// The number at the end of a command tag: `INSERT 0 5`, `SELECT 3`; nil when there is none.
    fileprivate var rowCount: UInt64? {
        var index = count - 1
        var place: UInt64 = 1
        var total: UInt64 = 0
        while index >= 0, (0x30...0x39).contains(self[index]), place <= 1_000_000_000_000_000_000 {
            total &+= UInt64(self[index] - 0x30) &* place
            place &*= 10
            index -= 1
        }
        return index >= 0 && index < count - 1 && self[index] == 0x20 ? total : nil
    }
}
