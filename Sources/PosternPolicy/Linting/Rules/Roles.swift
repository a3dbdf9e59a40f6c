internal import PosternSQL

/// Rules about roles as a whole, and beside each other.
extension LintRule {
    static let roles = [sharedLogin, roleOverlap, unrestricted, unparsed, missingStatementLimit, description]

    static let sharedLogin = LintRule(
        "roles/shared-login",
        .warning,
        "Roles of different rights use one login",
        reason: """
            Inside PostgreSQL the login is all that tells roles apart: it needs the rights of both, so behind the gateway \
            nothing keeps the lesser role from the greater one's tables, and the server's own log cannot say which it was.
            """
    ) { subject in
        var complaints: [Complaint] = []
        for (index, role) in subject.roles.enumerated() {
            let first = subject.roles[..<index].first {
                $0.login == role.login && $0.database == role.database && !$0.hasSameRights(as: role)
            }
            guard let first, role.sharedLogin else { continue }
            complaints.append(
                Complaint(
                    role.location,
                    "roles `\(first.name)` and `\(role.name)` may do different things with the same login `\(role.login)`",
                    hint: "give each a login with the rights that it needs"
                )
            )
        }
        return complaints
    }

    static let roleOverlap = LintRule(
        "roles/overlap",
        .warning,
        "The same jobs may be two roles of one database",
        reason: """
            The job names its role. Whoever may be the lesser one may be the greater one as well, so the lesser one's rules \
            protect nothing.
            """
    ) { subject in
        var complaints: [Complaint] = []
        for (index, role) in subject.roles.enumerated() {
            for other in subject.roles[..<index] where other.database == role.database && !other.hasSameRights(as: role)
            {
                // One that asks for a certificate is told apart by it.
                func overlap(_ one: WhoEntry, _ another: WhoEntry) -> Bool {
                    one.covers(another) && one.asksForSameCertificate(as: another)
                }
                guard
                    let entry = role.who.first(where: { own in other.who.contains { overlap($0, own) } })
                        ?? role.who.first(where: { own in other.who.contains { overlap(own, $0) } })
                else { continue }
                complaints.append(
                    Complaint(
                        entry.location,
                        "jobs that may be `\(role.name)` may be `\(other.name)` too, and choose by name",
                        hint: "tell them apart by a claim: another environment, event or workflow"
                    )
                )
                break
            }
        }
        return complaints
    }

    static let unrestricted = LintRule(
        "roles/unrestricted",
        .warning,
        "Jobs of any branch or trigger may run any statement",
        reason: "With `rules: unrestricted` only the login's own rights decide. Then at least `who` should be narrow."
    ) { subject in
        subject.roles.flatMap { role -> [Complaint] in
            guard role.isUnrestricted else { return [] }
            return role.who.compactMap { entry in
                let view = EntryView(role: role, entry: entry, issuer: subject.issuer(named: entry.issuer))
                let narrows = entry.claims.contains { claim in
                    switch view.meaning(of: claim) {
                    case .ref, .environment, .workflow, .trigger, .subject: true
                    case .identifier, .name, .person, .run, .detail, nil: false
                    }
                }
                guard !narrows || entry.takesUntrusted else { return nil }
                return Complaint(
                    entry.location,
                    "role `\(role.name)` is unrestricted, and this entry names no ref, event, environment or workflow",
                    hint: "write rules, or add what the jobs have in common"
                )
            }
        }
    }

    static let unparsed = ofRoles(
        "roles/unparsed",
        .warning,
        "Statements that Postern does not understand are forwarded",
        reason:
            "What the parser does not understand no rule is compared with: whoever finds such a text has no rules at all."
    ) { role in
        guard role.unparsed == .allow, !role.isUnrestricted else { return [] }
        return [
            Complaint(
                role.location,
                "role `\(role.name)` says `unparsed: allow`",
                hint: "leave it out, and look in the journal for what is refused"
            )
        ]
    }

    static let missingStatementLimit = ofRoles(
        "limits/statement",
        .warning,
        "Nothing ends a statement that runs for ever",
        reason:
            "A forgotten lock or a join without a condition holds the database until somebody notices. A job that is killed does not end it."
    ) { role in
        guard role.limits.statement == nil else { return [] }
        return [
            Complaint(
                role.location,
                "role `\(role.name)` has no `limits.statement`",
                hint: "add `limits: {statement: 15m}`, or what the longest statement needs"
            )
        ]
    }

    static let description = ofRoles(
        "style/description",
        .warning,
        "A role does not say what it is for",
        reason: "Whoever reviews a change or reads the journal at night has only the role's name to go by."
    ) { role in
        guard role.description?.isEmpty ?? true else { return [] }
        return [
            Complaint(
                role.location,
                "role `\(role.name)` has no description",
                hint: "say in a line which jobs it is for and what they do"
            )
        ]
    }
}

extension Role {
    /// The same statements are decided alike, whatever the rules are called.
    fileprivate func hasSameRights(as other: Role) -> Bool {
        guard mode == other.mode, unparsed == other.unparsed, largeObjects == other.largeObjects,
            Set(functions) == Set(other.functions), isUnrestricted == other.isUnrestricted
        else { return false }
        return Set(ruleList.map(RuleMeaning.init)) == Set(other.ruleList.map(RuleMeaning.init))
    }
}

/// What of a rule decides.
private struct RuleMeaning: Hashable {
    private let effect: Rule.Effect
    private let subjects: Set<Rule.Subject>
    private let patterns: Set<String>?
    private let requiresWhere: Bool

    init(_ rule: Rule) {
        effect = rule.effect
        subjects = Set(rule.subjects)
        requiresWhere = rule.requiresWhere
        switch rule.scope {
        case .any: patterns = nil
        case .patterns(let all): patterns = Set(all.map(\.description))
        }
    }
}
