internal import ArgumentParser
internal import PosternConfiguration
internal import PosternDeployLint
internal import PosternPolicy

struct LintDeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint-deploy",
        abstract: "Look through compose files and pipelines for what loses data or gives credentials away.",
        discussion: """
            It reads compose files, pipelines of Drone, GitHub, GitLab and Woodpecker, and the shell scripts beside them. \
            What a file is, its name and content say. Folders are searched, links in them are not followed. Every finding has \
            a place and the id of a rule, as data/relative-bind; docs/lint-deploy has a page for each, with an example. \
            Name a compose file together with the pipeline that uses it: some rules need both.

            What is meant as it is a comment says, with the reason, at the end of the line or on the line before:
              # postern-lint: ignore data/created-bind the host's disk is checked at boot

            Exits 0 when there is nothing of the fail level or worse, 1 when there is, 2 when files cannot be read \
            or there is nothing to look at.

            Examples:
              postern lint-deploy .
              postern lint-deploy docker-compose.yaml .drone.yml
              postern lint-deploy --kind compose --fail-level warning production.yaml
              postern lint-deploy --format sarif . > postern.sarif
            """
    )

    @Argument(help: ArgumentHelp("Files, or folders to search.", valueName: "path"), completion: .file())
    var paths: [String]

    @Option(name: .long, help: "What the named files are: compose, drone, github, gitlab, woodpecker or shell.")
    var kind: DeployFileKind?

    @OptionGroup var output: LintOutput

    func run() async throws {
        let search = DeployFileSearch(paths: paths, kind: kind)
        for failure in search.failures { Output.error("\(failure.message) `\(failure.path)`", hint: failure.hint) }
        guard search.failures.isEmpty else { throw ExitCode.unusable }
        // A misspelt folder in a pipeline must not pass for a sound one.
        guard !search.files.isEmpty else {
            Output.error(
                "there is no compose file, pipeline or script",
                hint: "`--kind` says what a file is that is named"
            )
            throw ExitCode.unusable
        }
        let findings = DeployLinter.findings(in: DeploySubject(search.files))
        let count = search.files.count { !$0.isContext }
        let pretty =
            DiagnosticRenderer.pretty(findings.map(\.diagnostic))
            + LintCounts(findings).summary(of: LintCounts.text(count, "file"))
        try output.finish(findings, of: DeployLinter.tool, pretty: pretty)
    }
}

extension DeployFileKind: ExpressibleByArgument {}
