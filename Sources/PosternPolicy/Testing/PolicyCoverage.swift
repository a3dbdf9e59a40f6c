/// How many of the roles' rules some test has seen decide.
package struct PolicyCoverage: Hashable, Sendable {
    package struct RoleRule: Hashable, Sendable {
        package let role: String
        package let rule: RuleReference
    }

    package let covered: Int
    package let total: Int
    /// In the order of roles and rules.
    package let uncovered: [RoleRule]

    package init(of report: PolicyTestReport, roles: [Role]) {
        var seen: Set<RoleRule> = []
        for result in report.results {
            for rule in result.rules { seen.insert(RoleRule(role: result.test.role, rule: rule)) }
        }
        let all = roles.flatMap { role in
            role.ruleList.map {
                RoleRule(role: role.name, rule: RuleReference(id: $0.id, location: $0.location))
            }
        }
        uncovered = all.filter { !seen.contains($0) }
        total = all.count
        covered = all.count - uncovered.count
    }

    /// Of 100; policies without rules are covered.
    package var percent: Double { total == 0 ? 100 : Double(covered) * 100 / Double(total) }
}
