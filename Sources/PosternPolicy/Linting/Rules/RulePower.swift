internal import PosternSQL

/// Rules about statements that do more than they seem to.
extension LintRule {
    static let rulePower = [opaqueCode, serverAccess, identityChange, anyObject, requireWhere, denyMessage]

    static let opaqueCode = power(
        .opaqueCode,
        "statements/opaque-code",
        "A role may run or leave code that no rule sees",
        reason: """
            The statements inside DO, functions, triggers and extensions are PostgreSQL's to run: no rule is compared with \
            them, and what a trigger does later runs with the rights of whoever sets it off.
            """,
        message: "runs or leaves code whose statements no rule sees",
        hint: "let a role of its own do it, from a reviewed branch, and keep the login's rights small"
    )

    static let serverAccess = power(
        .server,
        "statements/server-access",
        "A role may reach beyond its database",
        reason: """
            Files and programs of the server, its settings, other servers and whole databases: none of them is an object \
            that a migration or a report needs.
            """,
        message: "reaches the server, its files, or other servers",
        hint: "leave that to administrators"
    )

    static let identityChange = power(
        .identity,
        "statements/identity-change",
        "A role may become, make or change PostgreSQL roles",
        reason: """
            A job that takes on another role, or gives itself one, acts with rights that the policy does not show. What \
            the login is a member of decides then.
            """,
        message: "gives the job rights that the policy does not show",
        hint: "give the role a login with the rights that it needs"
    )

    private static func power(
        _ power: TagPower,
        _ id: String,
        _ title: String,
        reason: String,
        message: String,
        hint: String
    ) -> LintRule {
        ofRules(id, .warning, title, reason: reason) { role, rule in
            guard rule.effect == .allow else { return [] }
            return rule.subjects.compactMap { subject in
                let isMeant =
                    switch subject {
                    case .tag(let tag): power.tags.contains(tag)
                    case .statementClass(let own): own == .role && power == .identity
                    }
                guard isMeant else { return nil }
                return Complaint(
                    rule.location,
                    "rule `\(rule.id)` of role `\(role.name)` allows \(subject.spelling), which \(message)",
                    hint: hint
                )
            }
        }
    }

    static let anyObject = ofRules(
        "statements/any-object",
        .warning,
        "A rule lets a role change every object there is",
        reason:
            "`on: any` also covers the tables that are made tomorrow, and those of other services in the same database."
    ) { role, rule in
        guard rule.effect == .allow, rule.scope == .any else { return [] }
        // For these there may be no object to name, and other rules speak of them.
        let spoken = TagPower.allCases.reduce(into: Set<CommandTag>()) { $0.formUnion($1.tags) }
        let subject = rule.subjects.first { subject in
            if case .tag(let tag) = subject, spoken.contains(tag) { return false }
            return subject.statementClass.changes
        }
        guard let subject else { return [] }
        return [
            Complaint(
                rule.location,
                "rule `\(rule.id)` of role `\(role.name)` allows \(subject.spelling) on every object",
                hint: "name the schemas or tables, as in `on: [\"public.*\"]`"
            )
        ]
    }

    static let requireWhere = ofRules(
        "statements/require-where",
        .warning,
        "A rule lets UPDATE or DELETE change every row of a table",
        reason: "A forgotten WHERE empties the table, and nothing tells it from what was meant until it has committed."
    ) { role, rule in
        guard rule.effect == .allow, !rule.requiresWhere else { return [] }
        let isDenied = { (tag: CommandTag) in
            role.ruleList.contains { deny in
                rule.scope.parts.allSatisfy { RuleCover.denies(deny, .tag(tag), on: $0) }
            }
        }
        let open = [CommandTag.update, .delete].filter { tag in
            let allows = rule.subjects.contains { $0 == .tag(tag) || $0 == .statementClass(.write) }
            return allows && !isDenied(tag)
        }
        guard !open.isEmpty else { return [] }
        return [
            Complaint(
                rule.location,
                "rule `\(rule.id)` of role `\(role.name)` allows \(open.map(\.rawValue).joined(separator: " and ")) "
                    + "without a WHERE",
                hint: "add `require_where: true`"
            )
        ]
    }

    static let denyMessage = ofRules(
        "style/deny-message",
        .warning,
        "A deny does not say what to do instead",
        reason: "The message is the hint of the error that the job gets. Without one its author asks you."
    ) { _, rule in
        guard rule.effect == .deny, rule.message?.isEmpty ?? true else { return [] }
        return [
            Complaint(
                rule.location,
                "rule `\(rule.id)` denies without a message",
                hint: "add `message:` with what to do instead"
            )
        ]
    }
}
