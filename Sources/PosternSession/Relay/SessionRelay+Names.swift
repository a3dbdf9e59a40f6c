internal import DequeModule
internal import PosternCore
internal import PosternPolicy
internal import PosternSQL
internal import PostgresWire

/// Bind, Execute and Close: messages about names.
extension SessionRelay {
    mutating func bind(
        _ bytes: borrowing Span<UInt8>,
        _ range: Range<Int>,
        _ now: MonotonicTime,
        _ judge: some StatementJudge
    ) -> Verdict {
        let body = range.lowerBound + MessageHeader.size..<range.upperBound
        guard let portalEnd = bytes.terminator(from: body.lowerBound, to: body.upperBound),
            let nameEnd = bytes.terminator(from: portalEnd + 1, to: body.upperBound),
            let portal = bytes.name(body.lowerBound..<portalEnd),
            let name = bytes.name(portalEnd + 1..<nameEnd)
        else { return .end(.jobViolation("invalid name")) }
        var operation = Operation(.bind, nextSequence(), at: now)
        guard let meaning = names.meanings(of: NameTable.Key(space: .statement, name: name)).last else {
            // Nothing but Parse makes the unnamed statement: what the gateway has not seen is not there.
            guard rules.isEnforced, !name.text.isEmpty else {
                push(operation)
                return .pass
            }
            return replaceBind(&operation, portal, .name(name.text), judge)
        }
        if isUncertain(.statement, name) { return .wait(.answers) }
        if meaning.text.own != nil { return ownBind(operation, meaning.text, portal) }
        if gateHolds(.bind, meaning) { return .wait(.answers) }
        let text: StatementText
        switch renew(meaning.text, judge) {
        case .success(let renewed): text = renewed
        case .failure(let wait): return .wait(wait.wait)
        }
        if gate.isDoomed, let denial = text.facts(at: meaning.index).flatMap({ doom([$0]) }) {
            deny(text, at: meaning.index, override: denial)
            return replaceBind(&operation, portal, .denial(denial), judge)
        }
        if let denial = denial(of: text, at: meaning.index) {
            deny(text, at: meaning.index, override: nil)
            return replaceBind(&operation, portal, .denial(denial), judge)
        }
        switch checkNames(text, only: meaning.index, judge) {
        case .allowed: break
        case .wait(let wait): return .wait(wait)
        case .denied(let denial, _):
            deny(text, at: meaning.index, override: denial)
            return replaceBind(&operation, portal, .denial(denial), judge)
        }
        if text.recordCount > 0 { operation.run = begin(text, meaning.index, now) }
        let key = NameTable.Key(space: .portal, name: portal)
        names.pend(
            key,
            NameTable.Meaning(
                text: text,
                index: meaning.index,
                run: operation.run,
                sequence: operation.sequence,
                isConfirmed: false,
                endsWithTransaction: true
            )
        )
        operation.naming = key
        push(operation)
        return overTheLimit ?? .pass
    }

    mutating func replaceBind(
        _ operation: inout Operation,
        _ portal: Identifier,
        _ words: Poison.Words,
        _ judge: some StatementJudge
    ) -> Verdict {
        let poison = Poison(bits: judge.randomBits(), words: words)
        operation.poison = poison
        push(operation)
        output.put(poison.bind(portal: portal.text.utf8))
        isSkipping = true
        discardsBody = frontend.bodyRemaining > 0
        return .replaced
    }

    mutating func execute(
        _ bytes: borrowing Span<UInt8>,
        _ range: Range<Int>,
        _ now: MonotonicTime,
        _ judge: some StatementJudge
    ) -> Verdict {
        let body = range.lowerBound + MessageHeader.size..<range.upperBound
        guard let end = bytes.terminator(from: body.lowerBound, to: body.upperBound), end + 5 == body.upperBound,
            let name = bytes.name(body.lowerBound..<end)
        else { return .end(.jobViolation("invalid message format")) }
        var operation = Operation(.execute, nextSequence(), at: now)
        guard let meaning = names.meanings(of: NameTable.Key(space: .portal, name: name)).last else {
            guard rules.isEnforced, !name.text.isEmpty else {
                push(operation)
                return .pass
            }
            operation.poison = Poison(bits: judge.randomBits(), words: .name(name.text))
            return replaceExecute(operation)
        }
        if isUncertain(.portal, name) { return .wait(.answers) }
        if let own = meaning.text.own { return ownExecute(operation, own, judge) }
        // Utility statements look their names up when they run, not when they are bound.
        if meaning.run?.hasRun != true {
            switch checkAgain(meaning, judge) {
            case .allowed: break
            case .wait(let wait): return .wait(wait)
            case .denied(let denial, _):
                deny(meaning.text, at: meaning.index, override: denial)
                operation.poison = Poison(bits: judge.randomBits(), words: .denial(denial))
                return replaceExecute(operation)
            }
        }
        if gateHolds(.execute, meaning) { return .wait(.answers) }
        if let run = meaning.run {
            operation.run = run
            pendNames(of: run)
        } else if !meaning.endsWithTransaction {
            operation.run = begin(meaning.text, meaning.index, now, isFetch: true)
        }
        guard isCounted(meaning.text, at: meaning.index, isBound: true) else {
            push(operation)
            return overTheLimit ?? .pass
        }
        spareBits = judge.randomBits()
        let asksForAll = (end + 1..<end + 5).allSatisfy { bytes[$0] == 0 }
        guard asksForAll else {
            operation.poison = Poison(bits: judge.randomBits(), words: .denial(.partialExecute(rules.role)))
            return replaceExecute(operation)
        }
        operation.gate = .execute
        push(operation)
        output.pass(range)
        output.put(WireWriter.message(type: UInt8(ascii: "H")) { _ in })
        return overTheLimit ?? .replaced
    }

    mutating func replaceExecute(_ operation: Operation) -> Verdict {
        push(operation)
        if let poison = operation.poison { output.put(poison.execute()) }
        isSkipping = true
        return .replaced
    }

    mutating func close(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>, _ now: MonotonicTime) -> Verdict {
        let body = range.lowerBound + MessageHeader.size..<range.upperBound
        guard body.count >= 2, let end = bytes.terminator(from: body.lowerBound + 1, to: body.upperBound),
            let name = bytes.name(body.lowerBound + 1..<end)
        else { return .end(.jobViolation("invalid message format")) }
        var operation = Operation(.close, nextSequence(), at: now)
        switch bytes[body.lowerBound] {
        case UInt8(ascii: "S"): operation.naming = NameTable.Key(space: .statement, name: name)
        case UInt8(ascii: "P"): operation.naming = NameTable.Key(space: .portal, name: name)
        default: break
        }
        push(operation)
        return .pass
    }

    /// The session holds more names, or more text behind them, than it may.
    var overTheLimit: Verdict? {
        names.count > rules.names
            || names.heldBytes + names.count * NameTable.smallText > Self.heldTextLimit
            ? .end(.tooManyNames(limit: rules.names)) : nil
    }
}
