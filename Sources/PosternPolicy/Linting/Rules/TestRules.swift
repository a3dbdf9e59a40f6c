internal import PosternSQL

/// Rules about what the tests leave open.
extension LintRule {
    static let testing = [untestedRole, untestedRule, onlyAllows, unmatchedPattern]

    static let untestedRole = ofTestedRoles(
        "testing/untested-role",
        "A role without a test",
        reason: "Only a test shows that the jobs that are meant get in, that others do not, and that it stays so."
    ) { role, cases in
        guard cases.isEmpty else { return [] }
        return [
            Complaint(
                role.location,
                "role `\(role.name)` has no test",
                hint: "write one into a `*_test.yaml` beside the policy"
            )
        ]
    }

    static let untestedRule = ofTestedRoles(
        "testing/untested-rule",
        "A rule that decides no test",
        reason: "Nobody would notice if the rule went away, or if another one already did its work."
    ) { role, cases in
        guard !cases.isEmpty else { return [] }
        return role.ruleList.filter { rule in !cases.contains { $0.rules.contains(rule.id) } }.map { rule in
            Complaint(
                rule.location,
                "rule `\(rule.id)` of role `\(role.name)` decides no test",
                hint: "add a test with a statement that it \(rule.effect == .allow ? "allows" : "denies")"
            )
        }
    }

    static let onlyAllows = ofTestedRoles(
        "testing/only-allows",
        "No test of a role expects a refusal",
        reason: "Tests that only show what works also pass for a policy that allows everything."
    ) { role, cases in
        guard !cases.isEmpty, !cases.contains(where: \.expectsNo) else { return [] }
        return [
            Complaint(
                role.location,
                "no test of role `\(role.name)` expects `deny` or `refused`",
                hint: "add a test with a statement, or a job, that must not get through"
            )
        ]
    }

    static let unmatchedPattern = ofTestedRoles(
        "testing/unmatched-pattern",
        "A pattern of `on` that matches nothing in the tests",
        reason: "A slip in a table's name is a rule that never matches, or, in a deny, one that does not protect."
    ) { role, cases in
        let objects = cases.reduce(into: Set<ObjectReference>()) { $0.formUnion($1.objects) }
        guard !objects.isEmpty else { return [] }
        return role.ruleList.flatMap { rule -> [Complaint] in
            guard case .patterns(let patterns) = rule.scope else { return [] }
            // A rule that decides no test has a rule of its own.
            guard cases.contains(where: { $0.rules.contains(rule.id) }) else { return [] }
            return patterns.filter { pattern in !objects.contains { pattern.couldMean($0) } }.map { pattern in
                Complaint(
                    pattern.location,
                    "`\(pattern)` in rule `\(rule.id)` matches nothing that the tests touch",
                    hint: "add a test that does, or look at the spelling"
                )
            }
        }
    }

    /// A rule about roles and the tests of each; it is silent where no tests were run.
    private static func ofTestedRoles(
        _ id: String,
        _ title: String,
        reason: String,
        check: @escaping @Sendable (Role, [TestEvidence.Case]) -> [Complaint]
    ) -> LintRule {
        LintRule(id, .warning, title, reason: reason) { subject in
            guard let tests = subject.tests else { return [] }
            return subject.roles.flatMap { check($0, tests.cases(of: $0)) }
        }
    }
}

extension ObjectPattern {
    /// A pattern without a prefix speaks of relations, types and what else lives in a schema, of functions too where
    /// a statement has nothing else.
    fileprivate func couldMean(_ object: ObjectReference) -> Bool {
        let kinds: Set<ObjectKind> = kind == .relation ? [.relation, .type, .schemaObject, .function] : [kind]
        guard kinds.contains(object.kind), name.matches(object.name.name) else { return false }
        switch (schema, object.name.schema) {
        case (let own?, let schema?): return own.matches(schema)
        case (nil, _), (_, nil): return true
        }
    }
}
