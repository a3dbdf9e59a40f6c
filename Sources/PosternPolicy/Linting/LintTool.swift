/// A linter as its reports present it: `postern policy lint` or `postern lint-deploy`.
package struct LintTool: Sendable {
    /// The command.
    package let name: String
    package let rules: [LintRuleText]

    package init(name: String, rules: [LintRuleText]) {
        self.name = name
        self.rules = rules
    }
}

/// What people read of a rule.
package struct LintRuleText: Hashable, Sendable {
    /// `category/name`: stable, people write it into their notes.
    package let id: String
    package let severity: LintSeverity
    /// A sentence without a full stop: what is wrong.
    package let title: String
    /// Why it matters, in a sentence or two.
    package let reason: String
    /// Where the linter's pages are, relative to the repository's root.
    private let folder: String

    package init(id: String, severity: LintSeverity, title: String, reason: String, folder: String) {
        self.id = id
        self.severity = severity
        self.title = title
        self.reason = reason
        self.folder = folder
    }

    package var category: String { String(id.prefix { $0 != "/" }) }
    package var name: String { String(id.drop { $0 != "/" }.dropFirst()) }
    /// Relative to the repository's root.
    package var page: String { "\(folder)/\(category)-\(name).md" }
}
