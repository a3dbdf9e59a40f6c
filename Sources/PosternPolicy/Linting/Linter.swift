/// Looks over policies for what is allowed and yet most likely a mistake.
package enum Linter {
    /// Every rule, by category.
    package static let rules: [LintRule] =
        LintRule.identityBinding + LintRule.identityClaims + LintRule.identityTriggers + LintRule.identityPlatforms
        + LintRule.tokenUse + LintRule.issuerSettings + LintRule.roles + LintRule.ruleReach + LintRule.rulePower
        + LintRule.builtinObjects + LintRule.testing

    package static let tool = LintTool(name: "postern policy lint", rules: rules.map(\.text))

    /// - Returns: the findings of all rules, by file, line and column.
    package static func findings(in subject: LintSubject) -> [LintFinding] {
        sorted(rules.flatMap { $0.findings(in: subject) })
    }

    /// By file, line and column.
    package static func sorted(_ findings: [LintFinding]) -> [LintFinding] {
        findings.sorted { left, right in
            if left.location.file != right.location.file { return left.location.file < right.location.file }
            return (left.location.line, left.location.column, left.rule)
                < (right.location.line, right.location.column, right.rule)
        }
    }
}
