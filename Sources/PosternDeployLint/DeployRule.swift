package import PosternPolicy

/// One rule of the linter of deployments. `docs/lint-deploy/<category>-<name>.md` is its page.
package struct DeployRule: Sendable {
    /// What a rule has to say, without what is the same for all of its findings.
    struct Complaint {
        let location: SourceLocation
        let message: String
        let hint: String?
        /// The line holds a secret, which no report shows.
        let hidesSource: Bool

        init(_ location: SourceLocation, _ message: String, hint: String? = nil, hidesSource: Bool = false) {
            self.location = location
            self.message = message
            self.hint = hint
            self.hidesSource = hidesSource
        }
    }

    package let text: LintRuleText
    private let check: @Sendable (DeploySubject) -> [Complaint]

    init(
        _ id: String,
        _ severity: LintSeverity,
        _ title: String,
        reason: String,
        check: @escaping @Sendable (DeploySubject) -> [Complaint]
    ) {
        text = LintRuleText(id: id, severity: severity, title: title, reason: reason, folder: "docs/lint-deploy")
        self.check = check
    }

    /// A rule about single files of some kinds.
    static func ofFiles(
        _ id: String,
        _ severity: LintSeverity,
        _ title: String,
        reason: String,
        kinds: Set<DeployFileKind>,
        check: @escaping @Sendable (DeployFile, DeploySubject) -> [Complaint]
    ) -> DeployRule {
        DeployRule(id, severity, title, reason: reason) { subject in
            subject.own.filter { kinds.contains($0.kind) }.flatMap { check($0, subject) }
        }
    }

    /// A rule about single services, of compose files and of pipelines.
    static func ofServices(
        _ id: String,
        _ severity: LintSeverity,
        _ title: String,
        reason: String,
        check: @escaping @Sendable (DeployService) -> [Complaint]
    ) -> DeployRule {
        DeployRule(id, severity, title, reason: reason) { $0.own.flatMap(\.content.services).flatMap(check) }
    }

    /// A rule about databases whose data is meant to stay.
    static func ofDatabases(
        _ id: String,
        _ severity: LintSeverity,
        _ title: String,
        reason: String,
        check: @escaping @Sendable (DeployService) -> [Complaint]
    ) -> DeployRule {
        ofServices(id, severity, title, reason: reason) { $0.isThrowaway ? [] : check($0) }
    }

    /// A rule about single jobs.
    static func ofJobs(
        _ id: String,
        _ severity: LintSeverity,
        _ title: String,
        reason: String,
        check: @escaping @Sendable (DeployJob, DeploySubject) -> [Complaint]
    ) -> DeployRule {
        DeployRule(id, severity, title, reason: reason) { subject in
            subject.own.flatMap(\.content.jobs).flatMap { check($0, subject) }
        }
    }

    /// A rule about single commands of jobs and scripts.
    static func ofCommands(
        _ id: String,
        _ severity: LintSeverity,
        _ title: String,
        reason: String,
        check: @escaping @Sendable (ShellCommand, DeployJob, DeploySubject) -> (message: String, hint: String)?
    ) -> DeployRule {
        ofJobs(id, severity, title, reason: reason) { job, subject in
            job.commands.compactMap { script, command in
                check(command, job, subject).map {
                    Complaint(script.location(of: command), $0.message, hint: $0.hint)
                }
            }
        }
    }

    package var id: String { text.id }

    func findings(in subject: DeploySubject) -> [LintFinding] {
        check(subject).map {
            LintFinding(
                rule: text.id,
                severity: text.severity,
                location: $0.location,
                message: $0.message,
                hint: $0.hint,
                hidesSource: $0.hidesSource
            )
        }
    }
}
