/// How bad a finding is: `--fail-level` is one of these.
package enum LintSeverity: String, Hashable, Sendable, CaseIterable {
    /// Somebody gets in who should not, data is lost, or the file says what it cannot mean.
    case error
    /// It may be meant so; somebody should look.
    case warning
}

/// What a rule of a linter found, and where.
package struct LintFinding: Hashable, Sendable {
    /// `category/name`.
    package let rule: String
    package let severity: LintSeverity
    package let location: SourceLocation
    /// Lower case, no full stop.
    package let message: String
    /// What to do about it.
    package let hint: String?
    /// The line holds a secret, which no report shows.
    package let hidesSource: Bool

    package init(
        rule: String,
        severity: LintSeverity,
        location: SourceLocation,
        message: String,
        hint: String? = nil,
        hidesSource: Bool = false
    ) {
        self.rule = rule
        self.severity = severity
        self.location = location
        self.message = message
        self.hint = hint
        self.hidesSource = hidesSource
    }
}
