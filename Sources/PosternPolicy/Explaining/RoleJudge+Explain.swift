package import PosternSQL

extension RoleJudge {
    /// Decides a text as ``judge(_:byteCount:paths:)`` does, and tells why.
    package func explain(
        _ text: Result<AnalyzedText, AnalysisError>,
        byteCount: Int,
        paths: SearchPaths
    ) -> Explanation {
        let judged = self.judge(text, byteCount: byteCount, paths: paths)
        var others: [Explanation.Statement] = []
        // A text that is too large was not looked at, nor is it here.
        if case .success(let text) = text, sizeCause(byteCount) == nil {
            others = text.otherReading?.map { explain(judge.judge($0, paths)) } ?? []
        }
        return Explanation(
            role: role.name,
            mode: role.mode,
            isUnrestricted: judge.rules == nil,
            judged: judged,
            statements: judged.statements.map { explain(judge.judge($0.facts, paths), $0.decision) },
            otherReading: others
        )
    }

    private func explain(_ statement: JudgedStatement, _ decision: Decision? = nil) -> Explanation.Statement {
        Explanation.Statement(
            tag: statement.facts.tag,
            statementClass: statement.facts.statementClass,
            decision: decision ?? self.decision(of: statement, otherReading: nil),
            accesses: statement.accesses.map(explain),
            settings: statement.settings.map(explain)
        )
    }

    private func explain(_ judged: JudgedAccess) -> Explanation.Access {
        let candidates = judged.findings.enumerated().map { index, finding in
            let name = index < judged.resolved.candidates.count ? judged.resolved.candidates[index] : nil
            return Explanation.Candidate(
                name: name,
                finding: self.finding(finding),
                trials: trials(judged, finding, name)
            )
        }
        return Explanation.Access(
            access: judged.resolved.access,
            isAllowed: judged.isAllowed,
            candidates: candidates
        )
    }

    private func explain(_ setting: JudgedSetting) -> Explanation.Setting {
        let cause = judge.invariants.violation(by: setting.change) ?? setting.cause
        return Explanation.Setting(
            change: setting.change,
            isAllowed: cause == nil,
            reason: cause?.explanation ?? (setting.access == nil ? "every role may set it so" : "a rule allows it"),
            access: setting.access.map(explain)
        )
    }

    private func finding(_ finding: AccessFinding) -> Explanation.Finding {
        switch finding {
        case .allowed(let rule): .allowedByRule(rule.reference)
        case .always(let reason): .allowedAlways(reason)
        case .denied(let rule): .deniedByRule(rule.reference)
        case .refused(let refusal): .notAllowed(refusal.explanation)
        }
    }

    private func trials(
        _ judged: JudgedAccess,
        _ finding: AccessFinding,
        _ candidate: ObjectName?
    ) -> [Explanation.Trial] {
        guard let rules = judge.rules else { return [] }
        if case .refused(.obstacle) = finding { return [] }
        let access = judged.resolved.access
        return rules.table.rules.map { rule in
            let mismatch = rules.mismatch(rule, access, candidate, needsTag: judged.needsTag)
            return Explanation.Trial(
                rule: rule.reference,
                effect: rule.rule.effect,
                mismatch: mismatch,
                reason: mismatch.map { $0.words(rule.rule, access, candidate) } ?? ""
            )
        }
    }
}

extension RuleMismatch {
    /// Completes the sentence "the rule does not match: …".
    fileprivate func words(_ rule: Rule, _ access: Access, _ candidate: ObjectName?) -> String {
        let object =
            candidate.map { Words.object(access.object?.kind ?? .relation, $0) } ?? "an access without an object"
        let subject = "`\(access.statementClass.rawValue)`"
        return switch self {
        case .subject:
            access.part == .target
                ? "it names neither the class \(subject) nor the tag `\(access.tag.rawValue)`"
                : "it does not name the class \(subject)"
        case .onlyByTag:
            "it names the class \(subject), and `\(access.tag.rawValue)` has to be named by its tag"
        case .otherRelation:
            "the tag `\(access.tag.rawValue)` covers the statement's target only; here it needs the class \(subject)"
        case .withoutObject:
            "its `on` names objects, and the access has none"
        case .object:
            "its `on` does not cover \(object)"
        case .systemSchema:
            "`*` in its `on` never reaches \(object)"
        case .condition:
            "`require_where`: WHERE names no column of \(object)"
        }
    }
}

extension AccessRefusal {
    fileprivate var explanation: String {
        switch self {
        case .noRule: "no rule allows it"
        case .readOnlyCatalog: "the catalogue is never written"
        case .literalNeeded(let hazard): "it \(hazard): only a literal `on` allows it"
        case .unlistedFunction(let hazard): "it \(hazard): only its name in `functions` allows it"
        case .obstacle(.otherDatabase): "the name is of another database"
        case .obstacle(.emptyPath): "the search path is empty, and the name has no schema"
        case .obstacle(.temporaryName(let rule?)):
            "rule \(rule.id) uses the name, and a temporary relation would hide it"
        case .obstacle(.temporaryName(nil)): "the catalogue has the name, and a temporary relation would hide it"
        }
    }
}
