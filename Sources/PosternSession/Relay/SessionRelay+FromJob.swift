internal import DequeModule
package import PosternCore
internal import PosternPolicy
internal import PosternSQL
internal import PostgresWire

/// From the job to the server.
extension SessionRelay {
    /// What is to be done with one message.
    enum Verdict {
        case pass
        /// Something else goes up, or nothing does.
        case replaced
        case wait(Wait)
        case end(Ending)
    }

    /// Takes what the job sent.
    ///
    /// - Parameters:
    ///   - bytes: what was not consumed before, and what came since.
    ///   - now: when it is forwarded.
    package mutating func fromJob(
        _ bytes: borrowing Span<UInt8>,
        now: MonotonicTime,
        judge: some StatementJudge
    ) -> Step {
        output.clear()
        records.removeAll(keepingCapacity: true)
        var step = Step()
        while step.consumed < bytes.count {
            let start = step.consumed
            switch frontend.next(bytes, from: start) {
            case .message(let kind, let end):
                let cycles = cycle
                switch take(kind, bytes, start..<end, now, judge) {
                case .pass: output.pass(start..<end)
                case .replaced: break
                case .wait(let wait):
                    frontend.putBack()
                    step.wait = wait
                    return step
                case .end(let ending):
                    if ending == .terminated {
                        output.pass(start..<end)
                        step.consumed = end
                    }
                    step.ending = ending
                    return step
                }
                step.consumed = end
                if cycle != cycles { step.cyclesBegun += 1 }
            case .incomplete:
                return step
            case .violation(let reason):
                step.ending = .jobViolation(reason)
                return step
            case .tooLarge:
                step.ending = .tooLarge(limit: FrontendFrames.wholeMessageLimit)
                return step
            }
        }
        if isHolding { step.wait = .answers }
        return step
    }

    private mutating func take(
        _ kind: FrontendFrames.Kind,
        _ bytes: borrowing Span<UInt8>,
        _ range: Range<Int>,
        _ now: MonotonicTime,
        _ judge: some StatementJudge
    ) -> Verdict {
        if queue.count >= Self.pipelineLimit, kind != .data, kind != .terminate { return .wait(.answers) }
        switch kind {
        case .data: return data(bytes, range)
        case .terminate: return gateHolds(kind) ? .wait(.answers) : .end(.terminated)
        case .sync: return sync(now)
        case .copyEnd:
            // Where the server has said that it reads copy data nothing is left to be told apart.
            if !isCopyingIn, !queue.isEmpty { push(Operation(.copyEnd, nextSequence(), at: now)) }
            isCopyingIn = false
            // The server ignored the Flush that went with the statement; its answer is waited for.
            guard queue.contains(where: { $0.gate == .execute }) else { return .pass }
            output.pass(range)
            output.put(WireWriter.message(type: UInt8(ascii: "H")) { _ in })
            return .replaced
        case .flush: return .pass
        case .query, .parse, .functionCall, .bind, .execute, .describe, .close:
            // The server throws it away unread, so it need not go there: nothing passes undecided.
            if isSkipping {
                discardsBody = frontend.bodyRemaining > 0
                return .replaced
            }
            if gateHolds(kind) { return .wait(.answers) }
        }
        switch kind {
        case .query: return query(bytes, range, now, judge)
        case .parse: return parse(bytes, range, now, judge)
        case .functionCall: return functionCall(bytes, range, now, judge)
        case .bind: return bind(bytes, range, now, judge)
        case .execute: return execute(bytes, range, now, judge)
        case .describe:
            push(Operation(.describe, nextSequence(), at: now))
            return .pass
        case .close: return close(bytes, range, now)
        case .data, .terminate, .sync, .copyEnd, .flush: return .pass
        }
    }

    private mutating func data(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Verdict {
        if discardsBody {
            discardsBody = frontend.bodyRemaining > 0
            return .replaced
        }
        // Copy data belongs to the statement that reads it, if the server has said that it does.
        if isCopyingIn, let run = queue.first?.run { run.bytes &+= UInt64(range.count) }
        guard frontend.bodyRemaining == 0, !deferredInjection.isEmpty else { return .pass }
        output.pass(range)
        output.put(deferredInjection)
        deferredInjection = []
        return .replaced
    }

    private mutating func sync(_ now: MonotonicTime) -> Verdict {
        // Swallowed by a server that reads copy data.
        if isCopyingIn {
            swallowedSyncs += 1
            return .pass
        }
        if gateHolds(.sync) { return .wait(.answers) }
        isSkipping = false
        push(Operation(.sync, nextSequence(), at: now))
        endCycle()
        return .pass
    }

    mutating func endCycle() {
        transactions.cycleForwarded()
        cycle += 1
    }

    // MARK: Texts

    private mutating func query(
        _ bytes: borrowing Span<UInt8>,
        _ range: Range<Int>,
        _ now: MonotonicTime,
        _ judge: some StatementJudge
    ) -> Verdict {
        let body = range.lowerBound + MessageHeader.size..<range.upperBound
        guard let end = bytes.terminator(from: body.lowerBound, to: body.upperBound), end == body.upperBound - 1 else {
            return .end(.jobViolation("invalid string in message"))
        }
        let span = body.lowerBound..<end
        if speaksPostern, let verdict = ownQuery(bytes.extracting(span), now, judge) { return verdict }
        guard let text = judge.judge(bytes.extracting(span), paths: paths, pathsVersion: pathsVersion) else {
            return .wait(.judgement(bytes.copy(of: span)))
        }
        var operation = Operation(.query, nextSequence(), at: now)
        switch check(text, judge) {
        case .wait(let wait): return .wait(wait)
        case .denied(let denial, let rule):
            let poison = Poison(bits: judge.randomBits(), words: .denial(denial))
            deny(text, override: text.judged.denial == nil ? denial : nil)
            operation.poison = poison
            push(operation)
            endCycle()
            output.put(poison.query(rule: rule, session: session))
            return .replaced
        case .allowed: break
        }
        let isCounted = text.judged.statements.count == 1 && isCounted(text, at: 0)
        if isCounted, !queue.isEmpty {
            // Whether a block is open is known when everything is answered.
            if !queue.contains(where: \.endsCycle) { output.put(WireWriter.message(type: UInt8(ascii: "H")) { _ in }) }
            return .wait(.answers)
        }
        var following: [StatementRun] = []
        for index in 0..<text.recordCount {
            let run = begin(text, index, now)
            if operation.run == nil { operation.run = run } else { following.append(run) }
            pendNames(of: run)
        }
        operation.following = following.reversed()
        operation.sequence = nextSequence()
        defer { endCycle() }
        guard isCounted else {
            push(operation)
            return overTheLimit ?? .pass
        }
        spareBits = judge.randomBits()
        sendCounted(&operation, range, now)
        push(operation)
        return overTheLimit ?? .replaced
    }

    private mutating func parse(
        _ bytes: borrowing Span<UInt8>,
        _ range: Range<Int>,
        _ now: MonotonicTime,
        _ judge: some StatementJudge
    ) -> Verdict {
        let body = range.lowerBound + MessageHeader.size..<range.upperBound
        guard let nameEnd = bytes.terminator(from: body.lowerBound, to: body.upperBound),
            let textEnd = bytes.terminator(from: nameEnd + 1, to: body.upperBound)
        else { return .end(.jobViolation("invalid string in message")) }
        guard let name = bytes.name(body.lowerBound..<nameEnd) else { return .end(.jobViolation("invalid name")) }
        let span = nameEnd + 1..<textEnd
        if speaksPostern, let verdict = ownParse(name, bytes.extracting(span), now, judge) { return verdict }
        guard let text = judge.judge(bytes.extracting(span), paths: paths, pathsVersion: pathsVersion) else {
            return .wait(.judgement(bytes.copy(of: span)))
        }
        var operation = Operation(.parse, nextSequence(), at: now)
        switch check(text, judge) {
        case .wait(let wait): return .wait(wait)
        case .denied(let denial, let rule):
            let poison = Poison(bits: judge.randomBits(), words: .denial(denial))
            deny(text, override: text.judged.denial == nil ? denial : nil)
            operation.poison = poison
            push(operation)
            output.put(poison.parse(name: name.text.utf8, rule: rule, session: session))
            isSkipping = true
            return .replaced
        case .allowed: break
        }
        let key = NameTable.Key(space: .statement, name: name)
        names.pend(
            key,
            NameTable.Meaning(
                text: text,
                index: 0,
                run: nil,
                sequence: operation.sequence,
                isConfirmed: false,
                endsWithTransaction: false
            )
        )
        operation.naming = key
        push(operation)
        return overTheLimit ?? .pass
    }

    private mutating func functionCall(
        _ bytes: borrowing Span<UInt8>,
        _ range: Range<Int>,
        _ now: MonotonicTime,
        _ judge: some StatementJudge
    ) -> Verdict {
        let body = range.lowerBound + MessageHeader.size
        guard range.upperBound - body >= 4 else { return .end(.jobViolation("invalid message format")) }
        let oid = (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[body + $1]) }
        let text = judge.judge(functionCall: oid)
        var operation = Operation(.functionCall, nextSequence(), at: now)
        defer { endCycle() }
        if let denial = text.judged.denial {
            let poison = Poison(functionBits: judge.randomBits().0, words: .denial(denial))
            deny(text, override: nil)
            operation.poison = poison
            push(operation)
            output.put(poison.functionCall())
            return .replaced
        }
        operation.run = begin(text, 0, now)
        push(operation)
        return .pass
    }
}

extension Span where Element == UInt8 {
    /// Where the next NUL is.
    @inline(__always)
    func terminator(from start: Int, to end: Int) -> Int? {
        var index = start
        while index < end {
            if self[index] == 0 { return index }
            index += 1
        }
        return nil
    }

    func copy(of range: Range<Int>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            for index in range { buffer.initializeElement(at: index - range.lowerBound, to: self[index]) }
            count = range.count
        }
    }

    /// A statement's or portal's name; nil when it is too long or not UTF-8.
    func name(_ range: Range<Int>) -> Identifier? {
        guard range.count <= FrontendFrames.nameLimit else { return nil }
        if range.isEmpty { return "" }
        if let word = asciiWord(range) { return Identifier(word) }
        return String(validating: copy(of: range), as: UTF8.self).map { Identifier($0) }
    }

    /// A text that fits into a `String` itself, without memory of its own: what drivers call their statements.
    private func asciiWord(_ range: Range<Int>) -> String? {
        guard range.count <= 15 else { return nil }
        for index in range where self[index] >= 0x80 { return nil }
        return String(unsafeUninitializedCapacity: range.count) { text in
            for index in range { text[index - range.lowerBound] = self[index] }
            return range.count
        }
    }
}
