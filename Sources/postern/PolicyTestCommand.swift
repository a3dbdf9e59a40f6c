internal import ArgumentParser
internal import PosternConfiguration
internal import PosternCore
internal import PosternNet
internal import PosternPolicy

struct PolicyTestCommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case pretty
        case json
        case junit
    }

    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run the tests beside the policies.",
        discussion: """
            Tests stand in files whose names end in _test.yaml: claims, a role, a statement, and what must become of it. \
            A failure tells what was decided instead, and what each rule said.

            Exits 0 when all pass, 1 when one fails or too few rules are covered, 2 when there are no tests or files \
            cannot be read.

            Examples:
              postern policy test policies/
              postern policy test --run 'pull request' policies/
              postern policy test --coverage --fail-under 90 policies/
            """
    )

    @OptionGroup var options: PolicyOptions

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("Run only the tests whose names the regular expression is found in.", valueName: "regex")
    )
    var namePattern: String?

    @Flag(name: .long, help: "Tell which rules decided no test.")
    var coverage = false

    @Option(
        name: .long,
        help: ArgumentHelp("The least share of rules, in percent, that tests must cover.", valueName: "percent")
    )
    var failUnder: Int?

    @Option(name: .long, help: "pretty for people, json for programs, junit for CI systems.")
    var format = Format.pretty

    func validate() throws {
        if let failUnder, !(0...100).contains(failUnder) {
            throw ValidationError("--fail-under must be between 0 and 100")
        }
    }

    func run() async throws {
        try options.checkReadable()
        let (workspace, diagnostics) = PolicyWorkspace.load(config: options.config, paths: options.paths)
        Output.diagnostics(DiagnosticRenderer.pretty(diagnostics))
        guard let workspace else {
            Output.error("the policies cannot be loaded", hint: "mend what is said above")
            throw ExitCode.unusable
        }
        let tests = try chosen(of: workspace.tests)
        guard !tests.isEmpty else {
            Output.error(
                workspace.tests.isEmpty ? "there are no tests" : "no test has a name that `--run` is found in",
                hint: workspace.tests.isEmpty ? "tests stand in files whose names end in `_test.yaml`" : nil
            )
            throw ExitCode.unusable
        }
        let report = try PolicyThread.run {
            var runner = PolicyTestRunner(workspace.testSubject) {
                .nanoseconds(Int64(clamping: MonotonicTime.now.nanoseconds))
            }
            return runner.run(tests)
        }
        let coverage = self.coverage || failUnder != nil ? PolicyCoverage(of: report, roles: workspace.roles) : nil
        switch format {
        case .pretty: Output.result(PrettyTestReport.text(report, coverage: coverage))
        case .json: Output.result(JSONTestReport.json(report, coverage: coverage).text + "\n")
        case .junit: Output.result(JUnitReport.text(report))
        }
        if let failUnder, let coverage, coverage.percent < Double(failUnder) {
            Output.error(
                "tests cover \(coverage.percentInWords)% of the rules, and --fail-under asks for \(failUnder)%"
            )
            throw ExitCode.no
        }
        if !report.isGood { throw ExitCode.no }
    }

    private func chosen(of tests: [PolicyTest]) throws -> [PolicyTest] {
        guard let namePattern else { return tests }
        guard let pattern = try? Regex(namePattern) else {
            Output.error("`\(namePattern)` is not a regular expression")
            throw ExitCode.unusable
        }
        return tests.filter { $0.name.firstMatch(of: pattern) != nil }
    }
}
