internal import PosternSQL

/// Rules about rules that decide nothing.
extension LintRule {
    static let ruleReach = [deadAllow, deadPart, redundantRule, needlessTag]

    static let deadAllow = ofRules(
        "statements/dead-allow",
        .warning,
        "An allow that a deny covers as a whole",
        reason: "A deny that matches wins, wherever it stands. Whoever wrote the allow meant something to be allowed."
    ) { role, rule in
        guard rule.effect == .allow, !rule.subjects.isEmpty else { return [] }
        let parts = AllowParts(rule, in: role)
        guard parts.isDead, let deny = parts.denies.first else { return [] }
        return [
            Complaint(
                rule.location,
                "rule `\(rule.id)` allows nothing: `\(deny.id)` at line \(deny.location.line) denies all of it",
                hint: "remove one of them, or narrow the deny"
            )
        ]
    }

    static let deadPart = ofRules(
        "statements/dead-part",
        .warning,
        "A word or a pattern of an allow that a deny covers",
        reason: "The allow says more than it does. A reader who sees only this rule believes that the statement runs."
    ) { role, rule in
        guard rule.effect == .allow else { return [] }
        let parts = AllowParts(rule, in: role)
        guard !parts.isDead else { return [] }
        let words = parts.deadSubjects.map { subject, deny in
            Complaint(
                rule.location,
                "rule `\(rule.id)` does not allow \(subject.spelling): `\(deny.id)` at line \(deny.location.line) denies it",
                hint: "take \(subject.spelling) out, or narrow the deny"
            )
        }
        let patterns = parts.deadPatterns.map { pattern, deny in
            Complaint(
                pattern.location,
                "rule `\(rule.id)` allows nothing on `\(pattern)`: `\(deny.id)` at line \(deny.location.line) denies it",
                hint: "take the pattern out, or narrow the deny"
            )
        }
        return words + patterns
    }

    static let redundantRule = ofRules(
        "statements/redundant-rule",
        .warning,
        "A rule that other rules of the same role make superfluous",
        reason: "Removing or narrowing it changes nothing, which surprises whoever does it to take a right away."
    ) { role, rule in
        let rules = role.ruleList
        guard let index = rules.firstIndex(of: rule), !rule.subjects.isEmpty else { return [] }
        let cover = rules.indices.first { other in
            guard other != index, rules[other].makesSuperfluous(rule) else { return false }
            // Of two that say the same, the later one is superfluous.
            return other < index || !rule.makesSuperfluous(rules[other])
        }
        guard let cover else { return [] }
        let other = rules[cover]
        return [
            Complaint(
                rule.location,
                "rule `\(rule.id)` adds nothing to `\(other.id)` at line \(other.location.line)",
                hint: "remove it, or narrow the other"
            )
        ]
    }

    static let needlessTag = ofRules(
        "statements/needless-tag",
        .warning,
        "An allow names statements that need no rule",
        reason: """
            Transaction control, SHOW, RESET and their like always run, and EXPLAIN, PREPARE and DECLARE are decided by the \
            statement inside. An allow that names them says nothing; a deny does.
            """
    ) { _, rule in
        guard rule.effect == .allow else { return [] }
        return rule.subjects.compactMap { subject in
            guard case .tag(let tag) = subject, let standing = tag.standing else { return nil }
            return Complaint(
                rule.location,
                "rule `\(rule.id)` allows \(tag.rawValue), which needs no rule: \(standing)",
                hint: "remove the word"
            )
        }
    }
}

/// Which subjects and patterns of an allow the role's denies take away.
private struct AllowParts {
    private(set) var deadSubjects: [(subject: Rule.Subject, deny: Rule)] = []
    private(set) var deadPatterns: [(pattern: ObjectPattern, deny: Rule)] = []
    private(set) var isDead = true
    private(set) var denies: [Rule] = []

    init(_ rule: Rule, in role: Role) {
        let candidates = role.ruleList.filter { $0.effect == .deny }
        let patterns = rule.scope.parts
        var denied = [[Rule?]]()
        for subject in rule.subjects {
            denied.append(patterns.map { pattern in candidates.first { RuleCover.denies($0, subject, on: pattern) } })
        }
        denies = denied.joined().compactMap(\.self)
        isDead = denied.joined().allSatisfy { $0 != nil }
        for (index, subject) in rule.subjects.enumerated() {
            if let deny = denied[index].first ?? nil, denied[index].allSatisfy({ $0 != nil }) {
                deadSubjects.append((subject, deny))
            }
        }
        for (index, pattern) in patterns.enumerated() {
            let column = denied.map { $0[index] }
            if let pattern, let deny = column.first ?? nil, column.allSatisfy({ $0 != nil }) {
                deadPatterns.append((pattern, deny))
            }
        }
    }
}

extension Rule {
    /// Without `other` every statement would be decided as it is.
    fileprivate func makesSuperfluous(_ other: Rule) -> Bool {
        guard effect == other.effect else { return false }
        return other.subjects.allSatisfy { subject in
            other.scope.parts.allSatisfy { pattern in
                switch effect {
                case .allow: RuleCover.allows(self, subject, on: pattern, requiresWhere: other.requiresWhere)
                // A deny with a message of its own teaches something else.
                case .deny: other.message == nil && RuleCover.denies(self, subject, on: pattern)
                }
            }
        }
    }
}
