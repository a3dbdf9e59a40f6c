internal import ArgumentParser
internal import PosternConfiguration
internal import PosternCore
internal import PosternPolicy

struct PolicyLintCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Look for what is allowed and yet most likely a mistake.",
        discussion: """
            Every finding has a place and the id of a rule, as identity/loose-glob; docs/lint has a page for each, with an \
            example. Where a folder is given, its tests are run as well, to see which rules and patterns none of them \
            touches; whether they pass is the business of `postern policy test`.

            Exits 0 when there is nothing of the fail level or worse, 1 when there is, 2 when files cannot be read \
            or hold no roles.

            Examples:
              postern policy lint policies/
              postern policy lint --fail-level warning --format github policies/
              postern policy lint --format sarif policies/ > postern.sarif
            """
    )

    @OptionGroup var options: PolicyOptions

    @OptionGroup var output: LintOutput

    func run() async throws {
        try options.checkReadable()
        let (config, paths) = (options.config, options.paths)
        let lint = try PolicyThread.run { PolicyLint(config: config, paths: paths) }
        // A misspelt folder in a pipeline must not pass for sound policies.
        if lint.isEmpty {
            Output.error("there are no roles", hint: "policies stand in files whose names end in `.yaml`")
            throw ExitCode.unusable
        }
        try output.finish(lint.findings, of: Linter.tool, pretty: lint.prettyText)
    }
}

/// One run of the linter over files.
private struct PolicyLint: Sendable {
    let findings: [LintFinding]
    let prettyText: String
    /// The files could be loaded, and have no roles.
    let isEmpty: Bool

    init(config: String?, paths: [String]) {
        let (workspace, diagnostics) = PolicyWorkspace.load(config: config, paths: paths)
        let found = workspace.map { Linter.findings(in: $0.lintSubject(paths: paths)) } ?? []
        isEmpty = workspace?.roles.isEmpty ?? false
        findings = diagnostics.map { LintFinding($0, config: config) } + found
        prettyText =
            DiagnosticRenderer.pretty(
                diagnostics.map { $0.named(Self.loadRule($0, config: config)) } + found.map(\.diagnostic)
            )
            + Self.summary(findings, roles: workspace?.roles.count)
    }

    /// The id of what the loader reports.
    static func loadRule(_ diagnostic: Diagnostic, config: String?) -> String {
        if diagnostic.file.hasSuffix("_test.yaml") { return "load/test" }
        // What is said of a folder is that it has no configuration.
        let isConfiguration = diagnostic.file == config || diagnostic.file.split(separator: "/").last == "postern.yaml"
        if isConfiguration || !diagnostic.file.hasSuffix(".yaml") {
            return "load/configuration"
        }
        return "load/policy"
    }

    private static func summary(_ findings: [LintFinding], roles: Int?) -> String {
        let counts = LintCounts(findings)
        guard let roles else { return "\(counts.errors): the policies cannot be loaded\n" }
        return counts.summary(of: LintCounts.text(roles, "role"))
    }
}

extension PolicyWorkspace {
    /// Tests count when a folder, or a file of tests, is among what was named: a policy file alone says nothing of them.
    fileprivate func lintSubject(paths: [String]) -> LintSubject {
        var evidence: TestEvidence?
        if paths.isEmpty || paths.contains(where: { !$0.hasSuffix(".yaml") }) || !tests.isEmpty {
            var runner = PolicyTestRunner(testSubject) { .zero }
            evidence = runner.run(tests).evidence
        }
        return LintSubject(
            issuers: configuration?.issuers.map(LintSubject.Issuer.init) ?? [],
            roles: roles,
            tests: evidence
        )
    }
}

extension LintSubject.Issuer {
    fileprivate init(_ issuer: IssuerConfiguration) {
        self.init(
            name: issuer.name,
            profile: issuer.profile,
            url: issuer.issuer,
            audience: issuer.audience,
            maximumTokenAge: issuer.maximumTokenAge,
            maximumTokenLifetime: issuer.maximumTokenLifetime,
            trust: issuer.trust,
            location: issuer.location
        )
    }
}

extension LintFinding {
    /// What the loader reports; about a file as a whole it stands at its beginning.
    fileprivate init(_ diagnostic: Diagnostic, config: String?) {
        self.init(
            rule: PolicyLint.loadRule(diagnostic, config: config),
            severity: LintSeverity(diagnostic.severity),
            location: SourceLocation(
                file: diagnostic.file,
                line: diagnostic.line ?? 1,
                column: diagnostic.column ?? 1
            ),
            message: diagnostic.message,
            hint: diagnostic.hint
        )
    }
}

extension Diagnostic {
    fileprivate func named(_ rule: String) -> Diagnostic {
        guard let line, let column else { return Diagnostic(severity, file: file, "\(message) [\(rule)]", hint: hint) }
        let location = SourceLocation(file: file, line: line, column: column)
        return Diagnostic(severity, at: location, "\(message) [\(rule)]", hint: hint, hidesSource: hidesSource)
    }
}
