internal import ArgumentParser
internal import Glibc
internal import PosternConfiguration
internal import PosternPolicy
internal import PosternSQL

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Work on policies: look for mistakes, run their tests, explain a decision.",
        discussion: """
            These commands decide what the gateway decides, from the same files, and need no gateway, no database and no \
            network. They read the nearest postern.yaml upwards, because issuers, databases and search paths stand there.

            Example: postern policy test policies/
            """,
        subcommands: [PolicyLintCommand.self, PolicyTestCommand.self, PolicyExplainCommand.self]
    )
}

/// What lint and test are given.
struct PolicyOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The configuration file; by default the nearest postern.yaml upwards.", valueName: "file"),
        completion: .file()
    )
    var config: String?

    @Argument(
        help: ArgumentHelp(
            "Policy files, *_test.yaml files, or folders of both; by default the folder that postern.yaml names.",
            valueName: "path"
        ),
        completion: .file()
    )
    var paths: [String] = []

    /// Exits with 2 where something that was named cannot be read.
    func checkReadable() throws {
        for path in paths + (config.map { [$0] } ?? []) where access(path, R_OK) != 0 {
            Output.error("cannot read `\(path)`: \(String(cString: strerror(errno)))")
            throw ExitCode.unusable
        }
    }
}

extension PolicyWorkspace {
    /// What the tests are run against; only on a thread whose stack holds the parser.
    var testSubject: PolicyTestRunner.Subject {
        PolicyTestRunner.Subject(
            roles: roles,
            trust: trust(ofIssuer:),
            database: judgedDatabase(of:),
            analyze: { text in Result { () throws(AnalysisError) in try SQLAnalyzer.analyze(text) } }
        )
    }
}
