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

    package let text: LintRuleText
    private let check: @Sendable (LintSubject) -> [Complaint]

    init(
        _ id: String,
        _ severity: LintSeverity,
        _ title: String,
        reason: String,
        check: @escaping @Sendable (LintSubject) -> [Complaint]
    ) {
        text = LintRuleText(id: id, severity: severity, title: title, reason: reason, folder: "docs/lint")
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

    package var id: String { text.id }
    package var severity: LintSeverity { text.severity }
    package var title: String { text.title }
    package var reason: String { text.reason }
    package var category: String { text.category }
    package var name: String { text.name }
    package var page: String { text.page }

    func findings(in subject: LintSubject) -> [LintFinding] {
        check(subject).map {
            LintFinding(rule: id, severity: severity, location: $0.location, message: $0.message, hint: $0.hint)
        }
    }
}
