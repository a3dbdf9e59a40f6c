internal import DequeModule
internal import PosternCore
internal import PosternPolicy
internal import PosternSQL
internal import PostgresWire

/// `limits.rows_changed` at work.
extension SessionRelay {
    /// Nothing more is taken from the job until the server has answered.
    package var isHolding: Bool {
        rules.rowsChanged != nil && !isCopyingIn && queue.contains { $0.gate.holdsEverything }
    }

    /// Whether a message must wait for counted statements that are under way.
    ///
    /// - Parameter meaning: what it runs, where it is Bind or Execute.
    func gateHolds(_ kind: FrontendFrames.Kind, _ meaning: NameTable.Meaning? = nil) -> Bool {
        guard rules.rowsChanged != nil else { return false }
        if queue.contains(where: { $0.gate.holdsEverything }) { return kind != .data && kind != .copyEnd }
        guard queue.contains(where: { $0.gate == .execute }) else { return false }
        switch kind {
        case .query, .functionCall, .sync: return true
        case .bind, .execute:
            return meaning.flatMap { $0.text.facts(at: $0.index) }?.controlsTransaction ?? false
        case .parse, .describe, .close, .flush, .copyEnd, .terminate, .data: return false
        }
    }

    /// A statement whose rows count, when it runs.
    ///
    /// - Parameter isBound: a portal runs it: of a name that PREPARE made that is the statement inside.
    func isCounted(_ text: StatementText, at index: Int, isBound: Bool = false) -> Bool {
        guard rules.rowsChanged != nil, let facts = text.facts(at: index) else { return false }
        if facts.shape.countsRows, isBound || !facts.shape.isDeferred { return true }
        return facts.effects.contains { effect in
            guard case .execute(let name) = effect, !facts.shape.explainsByRunning else { return false }
            return names.meanings(of: NameTable.Key(space: .statement, name: name)).contains { meaning in
                meaning.text.facts(at: meaning.index)?.shape.countsRows ?? false
            }
        }
    }

    /// Why the gate lets a text not pass at all.
    func gateDenial(_ text: StatementText) -> Denial? {
        guard let limit = rules.rowsChanged else { return nil }
        let statements = text.judged.statements
        if let denial = doom(statements.map(\.facts)) { return denial }
        if text.judged.isUnparsed { return .uncountable("a text that the gateway does not understand", rules.role) }
        var prepared: Set<Identifier> = []
        var counts = false
        for (index, statement) in statements.enumerated() {
            let facts = statement.facts
            if let what = uncountable(facts) { return .uncountable(what, rules.role) }
            if isCounted(text, at: index) { counts = true }
            for effect in facts.effects {
                if case .prepare(let name) = effect, facts.shape.countsRows { prepared.insert(name) }
                guard case .execute(let name) = effect, prepared.contains(name) else { continue }
                if facts.shape.explainsByRunning { return .uncountable(Self.explained, rules.role) }
                counts = true
            }
        }
        guard statements.count > 1, counts else { return nil }
        return Denial(
            sqlState: "53400",
            reason: "rows changed",
            message: "a text of several statements may not change rows in this role",
            detail: "role \(rules.role): limits.rows_changed is \(limit), and one statement is counted after the other",
            hint: "send the statements one by one"
        )
    }

    /// Once the limit is exceeded nothing may run but the transaction's end.
    func doom(_ statements: [StatementFacts]) -> Denial? {
        guard let limit = rules.rowsChanged, gate.isDoomed, !statements.isEmpty,
            !statements.allSatisfy(\.endsTransaction)
        else { return nil }
        return gate.doomed(limit: limit, role: rules.role)
    }

    private static let explained = "EXPLAIN ANALYZE of a change"

    /// What changes rows that no tag of the server's counts; nil for everything else.
    private func uncountable(_ facts: StatementFacts) -> String? {
        if [.do, .call, .truncateTable].contains(facts.tag) { return facts.tag.rawValue }
        if facts.shape.changesRowsInside {
            return facts.shape.explainsByRunning ? Self.explained : "a change of rows inside WITH"
        }
        if facts.effects.contains(.commitPrepared) { return "COMMIT PREPARED" }
        guard facts.shape.explainsByRunning else { return nil }
        let runsChange = facts.effects.contains { effect in
            guard case .execute(let name) = effect else { return false }
            return names.meanings(of: NameTable.Key(space: .statement, name: name)).contains { meaning in
                meaning.text.facts(at: meaning.index)?.shape.countsRows ?? false
            }
        }
        return runsChange ? Self.explained : nil
    }

    /// Puts a counted Query on its way.
    mutating func sendCounted(_ operation: inout Operation, _ range: Range<Int>, _ now: MonotonicTime) {
        switch transactionStatus {
        case .failed:
            output.pass(range)
        case .inTransaction:
            operation.gate = .blockQuery
            output.pass(range)
        case .idle:
            // By Execute without Sync: should BEGIN fail, the server throws away the Query behind it.
            for kind: Operation.Kind in [.parse, .bind, .execute] {
                var begin = Operation(kind, nextSequence(), at: now)
                begin.gate = .begin
                push(begin)
            }
            output.put(Self.beginning)
            operation.gate = .query
            output.pass(range)
        }
    }

    /// Parse, Bind and Execute of BEGIN, unnamed.
    private static let beginning: [UInt8] = {
        var writer = WireWriter()
        writer.appendMessage(type: UInt8(ascii: "P")) { writer in
            writer.append([0])
            writer.appendCString("BEGIN")
            writer.append([0, 0])
        }
        writer.appendMessage(type: UInt8(ascii: "B")) { $0.append([0, 0, 0, 0, 0, 0, 0, 0]) }
        writer.appendMessage(type: UInt8(ascii: "E")) { $0.append([0, 0, 0, 0, 0]) }
        return writer.bytes
    }()

    /// BEGIN failed, and its error is the job's: the server waits for a Sync, whose answer is the job's too.
    mutating func beginFailed(_ now: MonotonicTime) {
        isSkipping = false
        push(Operation(.sync, nextSequence(), at: now))
        inject(WireWriter.message(type: UInt8(ascii: "S")) { _ in })
    }

    /// Sends something to the server of the gateway's own accord, at the next boundary between messages.
    private mutating func inject(_ message: [UInt8]) {
        if isMidMessage { deferredInjection += message } else { injection += message }
    }

    // MARK: Answers

    /// A message whose answer is not for the job.
    func isSwallowed(_ kind: BackendFrames.Kind, _ type: UInt8) -> Bool {
        guard gate.isSwallowing else { return false }
        switch kind {
        case .errorResponse, .parameterStatus, .readyForQuery: return false
        case .other: return type != UInt8(ascii: "N") && type != UInt8(ascii: "A")
        case .commandComplete, .emptyQueryResponse, .portalSuspended, .parseComplete, .bindComplete, .closeComplete,
            .parameterDescription, .rowDescription, .noData, .copyInResponse, .row, .copyData, .rest:
            return true
        }
    }

    /// A counted statement was completed.
    ///
    /// - Returns: whether its CommandComplete goes to the job now.
    mutating func countedCompleted(_ run: StatementRun, rows: UInt64, _ message: [UInt8], _ now: MonotonicTime) -> Bool
    {
        guard let limit = rules.rowsChanged, let head = queue.first else { return true }
        switch head.gate {
        case .none, .begin, .commit, .rollback: return true
        case .execute:
            guard gate.count(rows, limit: limit) else { return true }
            let poison = Poison(bits: gateBits(), words: .denial(gate.denial(limit: limit, role: rules.role)))
            fail(run, rows, now)
            gate.isSwallowing = true
            queue.removeFirst()
            var operation = Operation(.parse, nextSequence(), at: now)
            operation.poison = poison
            push(operation)
            inject(poison.parse(name: [], rule: nil, session: session))
            return false
        case .blockQuery:
            guard gate.count(rows, limit: limit) else { return true }
            fail(run, rows, now)
            queue[0].hasFailed = true
            return false
        case .query:
            if gate.count(rows, limit: limit) {
                fail(run, rows, now)
                queue[0].hasFailed = true
                output.put(RowGate.severe(gate.denial(limit: limit, role: rules.role), session: session.description))
            } else {
                gate.heldCompletion = message
            }
            return false
        }
    }

    private mutating func fail(_ run: StatementRun, _ rows: UInt64, _ now: MonotonicTime) {
        transactions.failed(run)
        finish(run, .error, rows: rows, sqlState: "53400", now: now)
    }

    /// ReadyForQuery for an operation of the gate's.
    ///
    /// - Returns: whether it goes to the job.
    mutating func gateReady(_ head: Operation, _ status: TransactionStatus, _ now: MonotonicTime) -> Bool {
        switch head.gate {
        case .none, .execute, .rollback: return true
        case .begin: return false
        case .blockQuery:
            guard head.hasFailed, status == .inTransaction, let limit = rules.rowsChanged else { return true }
            let poison = Poison(bits: gateBits(), words: .denial(gate.denial(limit: limit, role: rules.role)))
            inject(.blockQuery, poison.query(rule: nil, session: session), poison, now)
            return false
        case .query:
            // Where the server says that there is no block the statement itself has ended it.
            guard status != .idle else { return true }
            if head.hasFailed {
                inject(.rollback, FrontendMessage.query("ROLLBACK"), nil, now)
            } else {
                inject(.commit, FrontendMessage.query("COMMIT"), nil, now)
                queue[0].run = head.run
            }
            return false
        case .commit: return true
        }
    }

    private mutating func inject(_ part: RowGate.Part, _ message: [UInt8], _ poison: Poison?, _ now: MonotonicTime) {
        var operation = Operation(.query, nextSequence(), at: now)
        operation.gate = part
        operation.poison = poison
        queue.prepend(operation)
        headSince = now
        inject(message)
    }

    /// The nonce of a poison that nobody asked for: from the generator that the job's own are from.
    private mutating func gateBits() -> (UInt64, UInt64) {
        let bits = spareBits
        spareBits = (bits.0 &+ 0x9E37_79B9_7F4A_7C15, bits.1 &+ 1)
        return bits
    }
}
