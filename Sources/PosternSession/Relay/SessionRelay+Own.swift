internal import DequeModule
internal import PosternCore
internal import PosternPolicy
internal import PosternSQL
internal import PostgresWire

/// Statements that the gateway answers itself: no statements of the job's, and recorded by their own events.
extension SessionRelay {
    // MARK: From the job

    /// - Returns: nil for a text that is the job's own.
    mutating func ownQuery(
        _ text: borrowing Span<UInt8>,
        _ now: MonotonicTime,
        _ judge: some StatementJudge
    ) -> Verdict? {
        let reading = OwnStatementReader.read(text)
        var operation = Operation(.query, nextSequence(), at: now)
        switch reading {
        case .none: return nil
        case .refused(let denial): refuseQuery(&operation, denial, judge)
        case .statement(let own):
            if let denial = overNotes(own) {
                refuseQuery(&operation, denial, judge)
            } else {
                operation.own = own
                output.put(FrontendMessage.query(own.replacement))
            }
        }
        push(operation)
        endCycle()
        return .replaced
    }

    private mutating func refuseQuery(_ operation: inout Operation, _ denial: Denial, _ judge: some StatementJudge) {
        let poison = Poison(bits: judge.randomBits(), words: .denial(denial))
        operation.poison = poison
        output.put(poison.query(rule: nil, session: session))
    }

    /// - Returns: nil for a text that is the job's own.
    mutating func ownParse(
        _ name: Identifier,
        _ text: borrowing Span<UInt8>,
        _ now: MonotonicTime,
        _ judge: some StatementJudge
    ) -> Verdict? {
        var operation = Operation(.parse, nextSequence(), at: now)
        switch OwnStatementReader.read(text) {
        case .none: return nil
        case .refused(let denial):
            let poison = Poison(bits: judge.randomBits(), words: .denial(denial))
            operation.poison = poison
            push(operation)
            output.put(poison.parse(name: name.text.utf8, rule: nil, session: session))
            isSkipping = true
            return .replaced
        case .statement(let own):
            let stamp = judge.stamp(paths: paths, pathsVersion: pathsVersion)
            pend(&operation, .statement, name, StatementText(own, stamp: stamp))
            push(operation)
            output.put(
                WireWriter.message(type: UInt8(ascii: "P")) { writer in
                    writer.appendCString(name.text)
                    writer.appendCString(own.replacement)
                    writer.append([0, 0])
                }
            )
            return overTheLimit ?? .replaced
        }
    }

    mutating func ownBind(_ operation: Operation, _ text: StatementText, _ portal: Identifier) -> Verdict {
        var operation = operation
        pend(&operation, .portal, portal, text)
        push(operation)
        return overTheLimit ?? .pass
    }

    mutating func ownExecute(_ operation: Operation, _ own: OwnStatement, _ judge: some StatementJudge) -> Verdict {
        var operation = operation
        if let denial = overNotes(own) {
            operation.poison = Poison(bits: judge.randomBits(), words: .denial(denial))
            return replaceExecute(operation)
        }
        operation.own = own
        push(operation)
        return .pass
    }

    private mutating func pend(
        _ operation: inout Operation,
        _ space: NameTable.Space,
        _ name: Identifier,
        _ text: StatementText
    ) {
        let key = NameTable.Key(space: space, name: name)
        names.pend(
            key,
            NameTable.Meaning(
                text: text,
                index: 0,
                run: nil,
                sequence: operation.sequence,
                isConfirmed: false,
                endsWithTransaction: space == .portal
            )
        )
        operation.naming = key
    }

    /// Counts a note that is asked for.
    private mutating func overNotes(_ own: OwnStatement) -> Denial? {
        guard own.isNote else { return nil }
        notes += 1
        return notes > OwnStatement.notesLimit ? .tooManyNotes : nil
    }

    // MARK: From the server

    /// The replacement's row is there, or begins: the gateway's own stands in its place.
    mutating func ownRow(_ own: OwnStatement) -> Answer {
        output.put(own)
        swallowsRest = true
        return .swallow
    }

    mutating func ownCompleted(_ own: OwnStatement, _ now: MonotonicTime) -> Answer {
        swallowedSyncs = 0
        doubtfulSyncs = 0
        queue[0].own = nil
        switch executed(now) {
        case .pass: return own.tag.map { .replace(ResultMessage.commandComplete($0)) } ?? .pass
        case .swallow: return .swallow
        case .replace(let message): return .replace(message)
        case .end(let ending): return .end(ending)
        }
    }
}
