/// How bad a finding is: `--fail-level` is one of these.
package enum LintSeverity: String, Hashable, Sendable, CaseIterable {
    /// The policy lets somebody in who should not be, or says what it cannot mean.
    case error
    /// It may be meant so; somebody should look.
    case warning
}

/// What a rule of the linter found, and where.
package struct LintFinding: Hashable, Sendable {
    /// `category/name`.
    package let rule: String
    package let severity: LintSeverity
    package let location: SourceLocation
    /// Lower case, no full stop.
    package let message: String
    /// What to do about it.
    package let hint: String?

    package init(
        rule: String,
        severity: LintSeverity,
        location: SourceLocation,
        message: String,
        hint: String? = nil
    ) {
        self.rule = rule
        self.severity = severity
        self.location = location
        self.message = message
        self.hint = hint
    }
}
