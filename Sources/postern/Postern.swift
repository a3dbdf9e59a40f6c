internal import ArgumentParser
internal import PosternJobCommands
internal import PosternNet
internal import PosternSQL

struct Postern: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postern",
        abstract: "An identity-aware gateway between CI jobs and PostgreSQL.",
        discussion: """
            Results go to stdout, everything else to stderr. The exit code is 0 for success, 1 when the answer is no, and 2 \
            for mistakes in the command line or the configuration.

            Examples:
              postern demo
              postern check --config /etc/postern/postern.yaml
              postern serve --config /etc/postern/postern.yaml
            """,
        version: Version.text,
        subcommands: [
            ServeCommand.self, CheckCommand.self, PolicyCommand.self, AuditCommand.self, IssuerCommand.self,
            ExecCommand.self, ConnectCommand.self, GuardCommand.self, LintDeployCommand.self, DemoCommand.self,
        ]
    )
}

@main
enum Main {
    static func main() async {
        do {
            // The parser and what reads its trees go as deep as a text is nested.
            try ThreadStack.setDefault(bytes: SQLAnalyzer.stackSize)
            var command = try Postern.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            ProcessEnd.exit(ExitCode.success.rawValue)
        } catch {
            ProcessEnd.exit(finish(error).rawValue)
        }
    }

    /// Says what is to be said of an error in the words of section 2 of the contract, and gives the exit code.
    private static func finish(_ error: any Error) -> ExitCode {
        if let code = error as? ExitCode { return code }
        let code = Postern.exitCode(for: error)
        guard code != .success else {
            Output.result(Postern.fullMessage(for: error) + "\n")
            return code
        }
        let isUsage = code == .validationFailure
        let message = Postern.message(for: error)
        if isUsage, JobMain.isAddressed { return JobMain.unusable(message) }
        Output.error(
            message.prefix(1).lowercased() + message.dropFirst(),
            hint: isUsage ? "`postern help` lists the commands" : nil
        )
        return isUsage ? .unusable : .no
    }
}
