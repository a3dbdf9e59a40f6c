internal import PosternSQL

/// A statement with everything that was found in it.
struct JudgedStatement: Sendable {
    let facts: StatementFacts
    /// In the order of the text, those that only names imply after them.
    let accesses: [JudgedAccess]
    /// What the rules, or what holds in every mode, deny it for: the first of it.
    let cause: DenialCause?
    /// `cause` holds in every mode.
    let isInvariant: Bool
}

/// Decides statements by a role's rules.
struct StatementJudge: Sendable {
    let role: Role
    let invariants: SessionInvariants
    /// nil for a role without rules.
    let rules: AccessJudge?
    let names: NameResolution

    init(role: Role, database: JudgedDatabase, catalog: CatalogSnapshot?) {
        self.role = role
        switch role.rules {
        case .unrestricted:
            rules = nil
            names = NameResolution(database: database, table: RuleTable([]), catalog: catalog)
        case .rules(let list):
            let judge = AccessJudge(rules: list, functions: role.functions, database: database, catalog: catalog)
            rules = judge
            names = judge.names
        }
        invariants = SessionInvariants(login: database.login, isUnrestricted: rules == nil)
    }

    func judge(_ facts: StatementFacts, _ paths: SearchPaths) -> JudgedStatement {
        let broken = invariants.violation(in: facts)
        guard let rules else {
            let accesses = facts.accesses.map {
                JudgedAccess(resolved: names.resolve($0, in: facts, paths), findings: [.always("unrestricted")])
            }
            return JudgedStatement(facts: facts, accesses: accesses, cause: broken, isInvariant: broken != nil)
        }
        var accesses = facts.accesses.map { rules.judge($0, in: facts, paths) }
        for access in names.functionsCalledAsColumns(facts, paths) {
            accesses.append(rules.judge(access, in: facts, paths))
        }
        if let access = Self.missingTarget(facts) { accesses.append(rules.judge(access, in: facts, paths)) }
        var settingCause: DenialCause?
        for change in facts.settings {
            switch judge(change, facts, rules, paths) {
            case .allowed: break
            case .asAccess(let judged): accesses.append(judged)
            case .denied(let cause): if settingCause == nil { settingCause = cause }
            }
        }
        return JudgedStatement(
            facts: facts,
            accesses: accesses,
            cause: broken ?? Self.cause(in: accesses, by: rules) ?? settingCause,
            isInvariant: broken != nil
        )
    }

    /// The first deny among the accesses, else the first that no rule allows.
    private static func cause(in accesses: [JudgedAccess], by rules: AccessJudge) -> DenialCause? {
        var refused: DenialCause?
        for judged in accesses where !judged.isAllowed {
            let access = judged.resolved.access
            let (finding, candidate) = judged.decisive
            switch finding {
            case .denied(let rule):
                return .deniedByRule(rule.reference, message: rule.rule.message, access, candidate)
            case .refused(let refusal):
                if refused == nil {
                    let hint = refusal == .noRule ? rules.hint(for: judged, candidate) : nil
                    refused = .refused(refusal, access, candidate, hint: hint)
                }
            case .allowed, .always:
                break
            }
        }
        return refused
    }

    /// A statement that has to be named, and whose accesses do not show it: nothing runs because an access is
    /// missing.
    private static func missingTarget(_ facts: StatementFacts) -> Access? {
        guard facts.tag.isOnlyByName,
            !facts.accesses.contains(where: { $0.tag == facts.tag && $0.part == .target })
        else { return nil }
        return Access(facts.statementClass, facts.tag, nil)
    }

    // MARK: Settings

    enum SettingFinding {
        case allowed
        /// A rule decides, as it does for an access.
        case asAccess(JudgedAccess)
        case denied(DenialCause)
    }

    func judge(
        _ change: SettingChange,
        _ facts: StatementFacts,
        _ rules: AccessJudge,
        _ paths: SearchPaths
    ) -> SettingFinding {
        switch SessionSettings.standing(of: change) {
        case .free, .never:
            return .allowed
        case .searchPath:
            return judgePath(change, paths)
        case .ownTag(let tag):
            let isDecided = facts.accesses.contains { $0.tag == tag && $0.part == .target }
            return isDecided ? .allowed : .asAccess(rules.judge(change, tag: tag))
        case .restricted(let reason):
            // What is stored is decided by the statement that stores it.
            guard change.route != .stored else { return .allowed }
            let judged = rules.judge(change, tag: .set)
            guard case .refused = judged.decisive.finding else { return .asAccess(judged) }
            return .denied(.setting(change, reason: reason))
        }
    }

    private func judgePath(_ change: SettingChange, _ paths: SearchPaths) -> SettingFinding {
        switch (change.route, change.value) {
        case (.reset, _), (_, .default):
            return .allowed
        case (.set, _), (.setConfig, _), (.stored, _):
            let path = SearchPaths.path(setBy: change)
            if let path, paths.permits(path, role) { return .allowed }
            return .denied(.searchPath(change, path: path, permitted: [paths.own] + role.searchPaths + [[]]))
        }
    }
}
