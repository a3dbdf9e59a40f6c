internal import ArgumentParser
internal import PosternJobCommands
internal import PosternNet

struct PosternJob: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postern-job",
        abstract: "The CI side of Postern alone: `exec`, `connect` and `guard`.",
        version: JobVersion.text,
        subcommands: [ExecCommand.self, ConnectCommand.self, GuardCommand.self]
    )
}

@main
enum Main {
    static func main() {
        do {
            var command = try PosternJob.parseAsRoot()
            try command.run()
            ProcessEnd.exit(ExitCode.success.rawValue)
        } catch let code as ExitCode {
            ProcessEnd.exit(code.rawValue)
        } catch {
            let code = PosternJob.exitCode(for: error)
            guard code != .success else {
                print(PosternJob.fullMessage(for: error))
                ProcessEnd.exit(ExitCode.success.rawValue)
            }
            ProcessEnd.exit(JobMain.unusable(PosternJob.message(for: error)).rawValue)
        }
    }
}
