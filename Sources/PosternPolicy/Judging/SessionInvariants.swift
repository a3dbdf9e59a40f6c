internal import PosternSQL

/// What holds in every mode, `observe` and `unrestricted` included (contract, section 4).
struct SessionInvariants: Sendable {
    let login: Identifier
    /// `standard_conforming_strings` may be changed by a role without rules alone: for it no text is judged.
    let isUnrestricted: Bool

    /// What of them a statement would break; nil as a rule.
    func violation(in facts: StatementFacts) -> DenialCause? {
        for change in facts.settings {
            if let cause = violation(by: change) { return cause }
        }
        if facts.roleChanges.contains(where: { $0.changesLogin && isOwn($0.target) }) { return .ownLogin }
        if facts.accesses.contains(where: Self.writesSettings) { return .settingsView }
        return nil
    }

    func violation(by change: SettingChange) -> DenialCause? {
        guard case .never(let invariant) = SessionSettings.standing(of: change) else { return nil }
        return invariant == .standardConformingStrings && isUnrestricted ? nil : .invariant(change, invariant)
    }

    private func isOwn(_ target: RoleChange.Target) -> Bool {
        switch target {
        case .own, .all: true
        case .named(let name): name == login
        }
    }

    /// A rule on the view `pg_settings` makes an UPDATE of it call `set_config`.
    private static func writesSettings(_ access: Access) -> Bool {
        guard access.statementClass == .write, let object = access.object, object.kind == .relation else {
            return false
        }
        return object.name.name == "pg_settings"
            && (object.name.schema ?? SystemSchemas.catalog) == SystemSchemas.catalog
    }
}
