package import PosternPolicy

/// Looks over compose files, pipelines and their scripts for what loses data or gives credentials away.
package enum DeployLinter {
    /// A file that cannot be read as what it is.
    package static let loadRule = "load/file"
    /// A comment that suppresses what is not there, or does not say why.
    package static let suppressionRule = "load/suppression"

    /// Every rule, by category.
    package static let rules: [DeployRule] =
        DeployRule.dataMounts + DeployRule.dataCoverage + DeployRule.volumes + DeployRule.drone
        + DeployRule.destruction + DeployRule.recreation + DeployRule.images + DeployRule.secretsInFiles
        + DeployRule.pullRequests + DeployRule.access + DeployRule.postern

    package static let tool = LintTool(name: "postern lint-deploy", rules: rules.map(\.text))

    private struct Place: Hashable {
        let rule: String
        let location: SourceLocation
    }

    /// - Returns: the findings of all rules, by file, line and column, without those that comments suppress.
    package static func findings(in subject: DeploySubject) -> [LintFinding] {
        // What several jobs or services inherit is one mistake.
        var seen: Set<Place> = []
        let found = rules.flatMap { $0.findings(in: subject) }.filter {
            seen.insert(Place(rule: $0.rule, location: $0.location)).inserted
        }
        let byFile = Dictionary(grouping: found, by: \.location.file)
        let ids = Set(rules.map(\.id))
        var findings: [LintFinding] = []
        for file in subject.files {
            var suppressions = Suppressions(file, rules: ids)
            findings += file.isContext ? [] : file.problems
            findings += (byFile[file.path] ?? []).filter { !suppressions.covers($0) }.map { hidden($0, in: file) }
            // Only a file that was looked at as a whole shows what its comments are good for.
            if !file.isContext, file.problems.isEmpty { findings += suppressions.problems + suppressions.unused }
        }
        return Linter.sorted(findings)
    }

    /// The finding, without its line where that may hold a secret.
    private static func hidden(_ finding: LintFinding, in file: DeployFile) -> LintFinding {
        let row = finding.location.line - 1
        guard !finding.hidesSource, file.lines.indices.contains(row), SecretLine.holds(file.lines[row]) else {
            return finding
        }
        return LintFinding(
            rule: finding.rule,
            severity: finding.severity,
            location: finding.location,
            message: finding.message,
            hint: finding.hint,
            hidesSource: true
        )
    }
}
