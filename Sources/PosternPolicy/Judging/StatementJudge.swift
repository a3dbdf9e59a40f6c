internal import PosternSQL

/// Decides statements by a role's rules.
final class StatementJudge: Sendable {
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
            return JudgedStatement(
                facts: facts,
                accesses: accesses,
                settings: facts.settings.map { JudgedSetting($0) },
                cause: broken,
                isInvariant: broken != nil
            )
        }
        var accesses = facts.accesses.map { rules.judge($0, in: facts, paths) }
        for access in names.functionsCalledAsColumns(facts, paths) {
            accesses.append(rules.judge(access, in: facts, paths))
        }
        if let access = Self.missingTarget(facts) { accesses.append(rules.judge(access, in: facts, paths)) }
        let settings = facts.settings.map { judge($0, facts, rules, paths) }
        return JudgedStatement(
            facts: facts,
            accesses: accesses,
            settings: settings,
            cause: broken ?? Self.cause(in: accesses, by: rules) ?? settings.lazy.compactMap(\.cause).first,
            isInvariant: broken != nil
        )
    }

    /// The first deny among the accesses, else the first that no rule allows.
    private static func cause(in accesses: [JudgedAccess], by rules: AccessJudge) -> DenialCause? {
        let blocked = accesses.filter { !$0.isAllowed }
        return (blocked.first(where: \.isDenied) ?? blocked.first).flatMap { cause(of: $0, by: rules) }
    }

    private static func cause(of judged: JudgedAccess, by rules: AccessJudge) -> DenialCause? {
        let access = judged.resolved.access
        let (finding, candidate) = judged.decisive
        switch finding {
        case .denied(let rule):
            return .deniedByRule(rule.reference, message: rule.rule.message, access, candidate)
        case .refused(let refusal):
            let hint = refusal == .noRule ? rules.hint(for: judged, candidate) : nil
            return .refused(refusal, access, candidate, hint: hint)
        case .allowed, .always:
            return nil
        }
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

    private func judge(
        _ change: SettingChange,
        _ facts: StatementFacts,
        _ rules: AccessJudge,
        _ paths: SearchPaths
    ) -> JudgedSetting {
        switch SessionSettings.standing(of: change) {
        case .free, .never:
            return JudgedSetting(change)
        case .searchPath:
            return JudgedSetting(change, cause: pathCause(change, paths))
        case .ownTag(let tag):
            if facts.accesses.contains(where: { $0.tag == tag && $0.part == .target }) { return JudgedSetting(change) }
            let judged = rules.judge(change, tag: tag)
            return JudgedSetting(change, access: judged, cause: Self.cause(of: judged, by: rules))
        case .restricted(let reason):
            // What is stored is decided by the statement that stores it.
            guard change.route != .stored else { return JudgedSetting(change) }
            let judged = rules.judge(change, tag: .set)
            guard case .refused = judged.decisive.finding else {
                return JudgedSetting(change, access: judged, cause: Self.cause(of: judged, by: rules))
            }
            return JudgedSetting(change, access: judged, cause: .setting(change, reason: reason))
        }
    }

    private func pathCause(_ change: SettingChange, _ paths: SearchPaths) -> DenialCause? {
        switch (change.route, change.value) {
        case (.reset, _), (_, .default):
            return nil
        case (.set, _), (.setConfig, _), (.stored, _):
            let path = SearchPaths.path(setBy: change)
            if let path, paths.permits(path, role) { return nil }
            return .searchPath(change, path: path, permitted: [paths.own] + role.searchPaths + [[]])
        }
    }
}
