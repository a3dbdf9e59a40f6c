/// One rule of the linter. `docs/lint/<category>-<name>.md` is its page.
package struct LintRule: Sendable {
    /// What a rule has to say, without what is the same for all of its findings.
    struct Complaint: Sendable {
        let location: SourceLocation
        let message: String
        let hint: String?

        init(_ location: SourceLocation, _ message: String, hint: String? = nil) {
            self.location = location
            self.message = message
            self.hint = hint
        }
    }

    /// `category/name`: stable, people write it into their notes.
    package let id: String
    package let severity: LintSeverity
    /// A sentence without a full stop: what is wrong.
    package let title: String
    /// Why it matters, in a sentence or two.
    package let reason: String
    private let check: @Sendable (LintSubject) -> [Complaint]

    init(
        _ id: String,
        _ severity: LintSeverity,
        _ title: String,
        reason: String,
        check: @escaping @Sendable (LintSubject) -> [Complaint]
    ) {
        self.id = id
        self.severity = severity
        self.title = title
        self.reason = reason
        self.check = check
    }

    /// A rule about single entries of `who`.
    static func ofEntries(
        _ id: String,
        _ severity: LintSeverity,
        _ title: String,
        reason: String,
        check: @escaping @Sendable (EntryView) -> [Complaint]
    ) -> LintRule {
        LintRule(id, severity, title, reason: reason) { subject in
            subject.roles.flatMap { role in
                role.who.flatMap { check(EntryView(role: role, entry: $0, issuer: subject.issuer(named: $0.issuer))) }
            }
        }
    }

    /// A rule about single roles.
    static func ofRoles(
        _ id: String,
        _ severity: LintSeverity,
        _ title: String,
        reason: String,
        check: @escaping @Sendable (Role) -> [Complaint]
    ) -> LintRule {
        LintRule(id, severity, title, reason: reason) { $0.roles.flatMap(check) }
    }

    /// A rule about single rules of roles.
    static func ofRules(
        _ id: String,
        _ severity: LintSeverity,
        _ title: String,
        reason: String,
        check: @escaping @Sendable (Role, Rule) -> [Complaint]
    ) -> LintRule {
        ofRoles(id, severity, title, reason: reason) { role in role.ruleList.flatMap { check(role, $0) } }
    }

    package var category: String { String(id.prefix { $0 != "/" }) }
    package var name: String { String(id.drop { $0 != "/" }.dropFirst()) }
    /// Relative to the repository's root.
    package var page: String { "docs/lint/\(category)-\(name).md" }

    func findings(in subject: LintSubject) -> [LintFinding] {
        check(subject).map {
            LintFinding(rule: id, severity: severity, location: $0.location, message: $0.message, hint: $0.hint)
        }
    }
}
