package import PosternSQL

/// Decides what a role may run in a database: its rules are made ready once, for every text of every session.
package struct RoleJudge: Sendable {
    package let role: Role
    package let database: JudgedDatabase
    let judge: StatementJudge

    /// - Parameter catalog: what the database held when it was last read; nil without a `catalog_login`. With it
    ///   functions in the notation of columns are seen, and unknown names are told as such.
    package init(role: Role, database: JudgedDatabase, catalog: CatalogSnapshot?) {
        self.role = role
        self.database = database
        judge = StatementJudge(role: role, database: database, catalog: catalog)
    }

    /// Decides a text.
    ///
    /// - Parameters:
    ///   - text: as the parser read it.
    ///   - byteCount: the length of the text, without what ends the message.
    ///   - paths: what unqualified names stand for in this session.
    package func judge(
        _ text: Result<AnalyzedText, AnalysisError>,
        byteCount: Int,
        paths: SearchPaths
    ) -> JudgedText {
        if let cause = sizeCause(byteCount) { return refused(cause, isUnparsed: false) }
        switch text {
        case .failure(let error): return judge(error)
        case .success(let text): return judge(text, paths)
        }
    }

    /// Why a text of this length is denied in every mode, before anybody parses it; nil as a rule.
    package func sizeDenial(byteCount: Int) -> Denial? {
        sizeCause(byteCount)?.denial(role: role)
    }

    func sizeCause(_ byteCount: Int) -> DenialCause? {
        byteCount > role.limits.statementSize ? .tooLarge(limit: role.limits.statementSize) : nil
    }

    private func judge(_ text: AnalyzedText, _ paths: SearchPaths) -> JudgedText {
        let judged = text.statements.map { judge.judge($0, paths) }
        let others = text.otherReading?.map { judge.judge($0, paths) } ?? []
        var other = others.first { $0.cause != nil }
        if let invariant = others.first(where: \.isInvariant) { other = invariant }
        let otherDenial = other?.cause.map { DenialCause.otherReading($0).denial(role: role) }
        let statements = judged.map {
            JudgedText.Statement(facts: $0.facts, decision: decision(of: $0, otherReading: otherDenial))
        }
        var invariant: Denial?
        for (index, one) in judged.enumerated() where one.isInvariant && invariant == nil {
            invariant = statements[index].decision.denial
        }
        if invariant == nil, other?.isInvariant == true { invariant = otherDenial }
        let first = statements.lazy.compactMap(\.decision.denial).first ?? otherDenial
        return verdict(statements: statements, invariant: invariant, byRules: first)
    }

    private func judge(_ error: AnalysisError) -> JudgedText {
        let cause = DenialCause.notUnderstood(error)
        switch error {
        case .notText:
            // The server reads statements as UTF-8 in every mode.
            return refused(cause, isUnparsed: true)
        case .syntax where role.unparsed == .allow:
            return JudgedText(statements: [], denial: nil, wouldDeny: nil, isUnparsed: true)
        case .syntax, .tooComplex, .unclassified:
            let denial = judge.rules == nil ? nil : cause.denial(role: role)
            return JudgedText(
                statements: [],
                denial: role.mode == .enforce ? denial : nil,
                wouldDeny: role.mode == .observe ? denial : nil,
                isUnparsed: true
            )
        }
    }

    private func verdict(statements: [JudgedText.Statement], invariant: Denial?, byRules: Denial?) -> JudgedText {
        let denial = role.mode == .enforce ? byRules : invariant
        return JudgedText(
            statements: statements,
            denial: denial,
            wouldDeny: role.mode == .observe && denial == nil ? byRules : nil,
            isUnparsed: false
        )
    }

    private func refused(_ cause: DenialCause, isUnparsed: Bool) -> JudgedText {
        JudgedText(statements: [], denial: cause.denial(role: role), wouldDeny: nil, isUnparsed: isUnparsed)
    }

    /// - Parameter otherReading: why the text's other reading is denied: then no statement of it runs.
    func decision(of judged: JudgedStatement, otherReading: Denial?) -> Decision {
        let accesses = (judged.accesses + judged.settings.compactMap(\.access)).map(\.decision)
        guard let denial = judged.cause?.denial(role: role) ?? otherReading else {
            return Decision(verdict: .allow, rule: judged.firstAllow, denial: nil, accesses: accesses)
        }
        return Decision(verdict: .deny, rule: judged.cause?.rule, denial: denial, accesses: accesses)
    }
}

extension JudgedStatement {
    /// The rule that allowed the first access that one had to allow.
    var firstAllow: RuleReference? {
        for judged in accesses + settings.compactMap(\.access) {
            if case .allowed(let rule) = judged.decisive.finding { return rule.reference }
        }
        return nil
    }
}

extension DenialCause {
    /// The rule whose deny it is.
    var rule: RuleReference? {
        guard case .deniedByRule(let rule, _, _, _) = self else { return nil }
        return rule
    }
}
