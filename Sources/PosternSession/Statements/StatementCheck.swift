internal import DequeModule
internal import PosternCore
internal import PosternPolicy
internal import PosternSQL

/// Whether a text may go up now.
enum StatementCheck {
    case allowed
    /// With the id of the rule that denied it.
    case denied(Denial, rule: String?)
    case wait(SessionRelay.Wait)
}

/// A judgement must be waited for.
struct PendingJudgement: Error {
    let wait: SessionRelay.Wait
}

extension SessionRelay {
    // MARK: Deciding

    /// The text's own judgement, then the names that it uses.
    func check(_ text: StatementText, _ judge: some StatementJudge) -> StatementCheck {
        if let denial = text.judged.denial {
            let denied = text.judged.statements.first { $0.decision.verdict == .deny }
            return .denied(denial, rule: denied?.decision.rule?.id)
        }
        if let denial = gateDenial(text) { return .denied(denial, rule: nil) }
        return checkNames(text, only: nil, judge)
    }

    /// What was prepared or declared before was decided then; it is decided again if the rules have changed since, and
    /// a name that the gateway has not seen being made is refused as if it were not there.
    func checkNames(_ text: StatementText, only index: Int?, _ judge: some StatementJudge) -> StatementCheck {
        guard rules.isEnforced, text.usesNames else { return .allowed }
        var made: Set<NameTable.Key> = []
        for (position, statement) in text.judged.statements.enumerated() {
            if let index, index != position { continue }
            for effect in statement.facts.effects {
                let key: NameTable.Key
                switch effect {
                case .prepare(let name):
                    made.insert(NameTable.Key(space: .statement, name: name))
                    continue
                case .declareCursor(let name):
                    made.insert(NameTable.Key(space: .portal, name: name))
                    continue
                case .execute(let name): key = NameTable.Key(space: .statement, name: name)
                case .fetch(let cursor): key = NameTable.Key(space: .portal, name: cursor)
                case .begin, .commit, .rollback, .savepoint, .release, .rollbackToSavepoint, .prepareTransaction,
                    .commitPrepared, .rollbackPrepared, .deallocate, .closeCursor, .discardAll, .discardPlans,
                    .discardTemporary:
                    continue
                }
                if made.contains(key) { continue }
                switch checkName(key, judge) {
                case .allowed: continue
                case .denied(let denial, let rule): return .denied(denial, rule: rule)
                case .wait(let wait): return .wait(wait)
                }
            }
        }
        return .allowed
    }

    /// A portal is about to run: whether it may under the rules, the catalogue and the search paths of now.
    func checkAgain(_ meaning: NameTable.Meaning, _ judge: some StatementJudge) -> StatementCheck {
        switch renew(meaning.text, judge) {
        case .failure(let pending): return .wait(pending.wait)
        case .success(let text):
            if let denial = denial(of: text, at: meaning.index) { return .denied(denial, rule: nil) }
            return checkNames(text, only: meaning.index, judge)
        }
    }

    private func checkName(_ key: NameTable.Key, _ judge: some StatementJudge) -> StatementCheck {
        guard let meaning = names.meanings(of: key).last else { return .denied(.unknown(key), rule: nil) }
        if isUncertain(key.space, key.name) { return .wait(.answers) }
        switch renew(meaning.text, judge) {
        case .failure(let pending): return .wait(pending.wait)
        case .success(let text):
            guard let denial = denial(of: text, at: meaning.index) else { return .allowed }
            let rule =
                meaning.index < text.judged.statements.count
                ? text.judged.statements[meaning.index].decision.rule?.id : nil
            return .denied(denial, rule: rule)
        }
    }

    /// Two texts may stand behind the name, and the server's answers in earlier cycles will tell which.
    func isUncertain(_ space: NameTable.Space, _ name: Identifier) -> Bool {
        let meanings = names.meanings(of: NameTable.Key(space: space, name: name))
        guard meanings.count > 1, let last = meanings.last, !last.isConfirmed else { return false }
        // In the cycle at hand an error would skip what comes next; earlier ones end by themselves.
        return lastCycleEnd > last.sequence
    }

    /// The text under the rules, the catalogue and the search paths of now.
    func renew(_ text: StatementText, _ judge: some StatementJudge) -> Result<StatementText, PendingJudgement> {
        guard text.own == nil, text.stamp != judge.stamp(paths: paths, pathsVersion: pathsVersion) else {
            return .success(text)
        }
        let bytes = text.bytes
        guard let renewed = judge.judge(bytes.span, paths: paths, pathsVersion: pathsVersion) else {
            return .failure(PendingJudgement(wait: .judgement(text.bytes)))
        }
        return .success(renewed)
    }

    /// Why one statement of the text must not run.
    func denial(of text: StatementText, at index: Int) -> Denial? {
        guard rules.isEnforced, index < text.judged.statements.count else { return text.judged.denial }
        return text.judged.statements[index].decision.denial
    }

    // MARK: Recording

    /// Records a text that is not forwarded.
    ///
    /// - Parameters:
    ///   - index: the statement that was denied; nil for all of the text's.
    ///   - override: a denial that is not the text's own.
    mutating func deny(_ text: StatementText, at index: Int? = nil, override: Denial?) {
        totals.denied &+= 1
        for position in 0..<max(1, text.recordCount) where index == nil || index == position {
            statements += 1
            records.append(
                .decision(
                    DecisionRecord(
                        statement: statements,
                        transaction: transactions.current,
                        text: text,
                        index: position,
                        isForwarded: false,
                        override: override
                    )
                )
            )
        }
    }

    /// Records a statement that is forwarded.
    mutating func begin(
        _ text: StatementText,
        _ index: Int,
        _ now: MonotonicTime,
        isFetch: Bool = false
    ) -> StatementRun {
        statements += 1
        let isPlain = text.isPlain(at: index)
        let facts = isPlain ? nil : text.facts(at: index)
        let run = StatementRun(
            number: statements,
            transaction: transactions.forward(facts),
            text: text,
            index: index,
            cycle: cycle,
            forwarded: now,
            isFetch: isFetch
        )
        records.append(
            .decision(
                DecisionRecord(
                    statement: run.number,
                    transaction: run.transaction,
                    text: text,
                    index: index,
                    isForwarded: true,
                    override: nil
                )
            )
        )
        // From now on names may be resolved by the new path, whether or not the server takes it.
        for setting in facts?.settings ?? [] {
            guard let path = SearchPaths.path(setBy: setting) else { continue }
            // A role whose rules are enforced may set those that it lists; others may set what they like.
            if rules.isEnforced || paths.schemas.count + path.count <= Self.schemaLimit { paths.add(path) }
        }
        return run
    }

    // MARK: Names that statements make and end

    /// The statement is about to run: the names that it makes may stand for it from now on.
    mutating func pendNames(of run: StatementRun) {
        guard !run.isPlain, let facts = run.facts, run.nameSequence == 0, !facts.effects.isEmpty else { return }
        run.nameSequence = nextSequence()
        for case let (key?, _) in facts.effects.map(Self.naming) {
            names.pend(
                key,
                NameTable.Meaning(
                    text: run.text,
                    index: run.index,
                    run: nil,
                    sequence: run.nameSequence,
                    isConfirmed: false,
                    endsWithTransaction: false
                )
            )
        }
    }

    /// The server has run the statement.
    mutating func applyNames(of run: StatementRun, _ now: MonotonicTime) {
        guard !run.isPlain, let facts = run.facts else { return }
        if facts.shape.changesCatalog { changedCatalogue = true }
        var gone: [StatementRun] = []
        for effect in facts.effects {
            switch effect {
            case .prepare, .declareCursor:
                if let key = Self.naming(effect).key { gone += names.confirm(key, sequence: run.nameSequence) }
            case .deallocate(let name?):
                names.remove(NameTable.Key(space: .statement, name: name), before: run.nameSequence)
            case .deallocate(nil): names.removeStatements(before: run.nameSequence)
            case .closeCursor(let name?):
                gone += names.remove(NameTable.Key(space: .portal, name: name), before: run.nameSequence)
            case .closeCursor(nil): gone += names.removePortals(before: run.nameSequence)
            case .discardAll:
                names.removeStatements(before: run.nameSequence)
                gone += names.removePortals(before: run.nameSequence)
            case .begin, .commit, .rollback, .savepoint, .release, .rollbackToSavepoint, .prepareTransaction,
                .commitPrepared, .rollbackPrepared, .execute, .fetch, .discardPlans, .discardTemporary:
                break
            }
        }
        for portal in gone { abandon(portal, now) }
    }

    /// The server refused the statement or threw it away.
    mutating func cancelNames(of run: StatementRun) {
        guard run.nameSequence > 0 else { return }
        for case let (key?, _) in (run.facts?.effects ?? []).map(Self.naming) {
            names.cancel(key, sequence: run.nameSequence)
        }
    }

    private static func naming(_ effect: SessionEffect) -> (key: NameTable.Key?, effect: SessionEffect) {
        switch effect {
        case .prepare(let name): (NameTable.Key(space: .statement, name: name), effect)
        case .declareCursor(let name): (NameTable.Key(space: .portal, name: name), effect)
        case .begin, .commit, .rollback, .savepoint, .release, .rollbackToSavepoint, .prepareTransaction,
            .commitPrepared, .rollbackPrepared, .execute, .deallocate, .fetch, .closeCursor, .discardAll,
            .discardPlans, .discardTemporary:
            (nil, effect)
        }
    }
}

extension Denial {
    /// The name is not there, as far as the gateway has seen: what the server would say of it.
    static func unknown(_ key: NameTable.Key) -> Denial {
        switch key.space {
        case .statement:
            Denial(
                sqlState: "26000",
                reason: "unknown name",
                message: "prepared statement \"\(key.name)\" does not exist",
                hint: "the gateway has not seen it being prepared in this session"
            )
        case .portal:
            Denial(
                sqlState: "34000",
                reason: "unknown name",
                message: "cursor \"\(key.name)\" does not exist",
                hint: "the gateway has not seen it being declared in this session"
            )
        }
    }
}
