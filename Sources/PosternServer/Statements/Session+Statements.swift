internal import PosternConfiguration
internal import PosternCore
internal import PosternJournal
internal import PosternNet
internal import PosternPolicy
internal import PosternSQL
internal import PosternSession

/// The session's statements: judged for the relay, recorded in the journal.
extension Session: StatementJudge {
    func judge(_ text: borrowing Span<UInt8>, paths: SearchPaths, pathsVersion: Int) -> StatementText? {
        guard let bench = currentBench() else { return nil }
        let number = searchPaths(paths, version: pathsVersion)
        if let parsed = parsedText, parsed.bytes.count == text.count,
            text.withUnsafeBytes({ other in parsed.bytes.withUnsafeBytes { $0.elementsEqual(other) } })
        {
            return context.desk.judge(parsed.bytes, parsed.analyzed, bench, paths: paths, searchPaths: number)
        }
        return context.desk.judge(text, bench, paths: paths, searchPaths: number)
    }

    func judge(functionCall oid: UInt32) -> StatementText {
        guard let bench = currentBench() else { preconditionFailure("a session that relays was granted a role") }
        return bench.judge(functionCall: oid)
    }

    func stamp(paths: SearchPaths, pathsVersion: Int) -> JudgementStamp {
        var stamp = currentBench()?.stamp ?? JudgementStamp(policy: 0, catalogue: 0, searchPaths: 0)
        stamp.searchPaths = searchPaths(paths, version: pathsVersion)
        return stamp
    }

    func randomBits() -> (UInt64, UInt64) {
        var generator = SystemRandomNumberGenerator()
        return (generator.next(), generator.next())
    }

    /// The role as it judges now.
    private func currentBench() -> StatementDesk.Bench? {
        let epoch = context.services.catalogs.epoch
        if let bench, bench.stamp.policy == generation, epoch == catalogueEpoch { return bench }
        guard let grant else { return nil }
        let catalogue = context.catalogue(of: grant.database)
        catalogueEpoch = epoch
        let bench = context.desk.bench(grant, policy: generation, catalogue: catalogue)
        self.bench = bench
        return bench
    }

    /// The paths' number, looked up once for each version.
    private func searchPaths(_ paths: SearchPaths, version: Int) -> Int {
        if let known = pathsNumber, known.version == version { return known.number }
        let number = context.desk.number(of: paths)
        pathsNumber = (version, number)
        return number
    }

    // MARK: Large texts

    /// Has a text parsed on the parser's own threads; the job waits, the loop does not.
    func parseElsewhere(_ bytes: [UInt8], on loop: isolated EventLoop) {
        guard !isParsing else { return }
        isParsing = true
        let parsers = context.services.parsers
        later(on: loop) {
            await parsers.run { StatementDesk.analyze(bytes) } ?? .failure(.tooComplex)
        } then: { session, analyzed, loop in
            session.parsed(bytes, analyzed, on: loop)
        }
    }

    private func parsed(_ bytes: [UInt8], _ analyzed: Result<AnalyzedText, AnalysisError>, on loop: isolated EventLoop)
    {
        isParsing = false
        guard phase == .relaying else { return }
        parsedText = ParsedText(bytes: bytes, analyzed: analyzed)
        resumeJob(on: loop)
        parsedText = nil
    }

    // MARK: Records

    /// What became of the relay's records.
    enum Recording {
        case nothingDecided
        /// What goes up has to wait for a decision.
        case decided
        /// A decision cannot be recorded: what it is about must not go up.
        case impossible
    }

    /// Hands what the relay wants written to the journal.
    func writeRecords(on loop: isolated EventLoop) -> Recording {
        guard LoopJournal.recordsStatements else { return .nothingDecided }
        var recording = Recording.nothingDecided
        for record in relay.records {
            switch record {
            case .decision(let decision):
                guard let event = event(decision) else { return .impossible }
                context.journal.decide(event)
                recording = .decided
            case .outcome(let outcome):
                if recording == .decided || heldOutputs > 0 { context.journal.writeDecisions() }
                tally?.ended(outcome.result.rawValue, rows: outcome.rows)
                context.journal.defer(StatementOutcome(session: id, outcome), on: loop)
            case .transactionEnd(let number, let result):
                if recording == .decided || heldOutputs > 0 { context.journal.writeDecisions() }
                tally?.transactionEnded(result.rawValue)
                context.journal.defer(
                    TransactionEnd(session: id, transaction: number, result: TransactionEnd.Result(result)),
                    on: loop
                )
            }
        }
        return recording
    }

    /// Writes what the end of the session leaves open: the session's own end follows at once.
    func writeLastRecords() {
        for record in relay.records {
            switch record {
            case .decision(let decision): if let event = event(decision) { _ = context.journal.append(event) }
            case .outcome(let outcome): _ = context.journal.append(StatementOutcome(session: id, outcome))
            case .transactionEnd(let number, let result):
                _ = context.journal.append(
                    TransactionEnd(session: id, transaction: number, result: TransactionEnd.Result(result))
                )
            }
        }
    }

    /// A statement of the session's changed the catalogue.
    func catalogueChanged() {
        guard let grant else { return }
        context.services.catalogs.noteDDL(database: grant.database.name)
    }

    private func event(_ decision: DecisionRecord) -> StatementDecision? {
        let text = decision.text
        let members: EncodedMembers?
        if let denial = decision.override {
            members = bench?.members(of: text, at: decision.index, denial)
        } else {
            members = decision.index < text.fragments.count ? text.fragments[decision.index] : nil
        }
        // What cannot be recorded is not forwarded.
        guard let members else { return nil }
        tally?.decided(members.bytes, statement: decision.statement, isForwarded: decision.isForwarded)
        return StatementDecision(
            session: id,
            statement: decision.statement,
            transaction: decision.transaction,
            judged: members,
            forwarded: decision.isForwarded
        )
    }
}

/// A text that was parsed elsewhere, until the relay asks for it.
struct ParsedText {
    let bytes: [UInt8]
    let analyzed: Result<AnalyzedText, AnalysisError>
}

extension StatementOutcome {
    init(session: SessionID, _ outcome: OutcomeRecord) {
        let result: Result
        switch outcome.result {
        case .ok: result = .ok
        case .error: result = .error
        case .skipped: result = .skipped
        case .canceled: result = .canceled
        case .unknown: result = .unknown
        }
        self.init(
            session: session,
            statement: outcome.statement,
            result: result,
            tag: outcome.tag,
            rows: outcome.rows,
            bytes: outcome.bytes,
            sqlState: outcome.sqlState,
            duration: outcome.duration
        )
    }
}

extension TransactionEnd.Result {
    init(_ result: TransactionResult) {
        switch result {
        case .commit: self = .commit
        case .rollback: self = .rollback
        case .unknown: self = .unknown
        }
    }
}
