internal import ArgumentParser
internal import Glibc
internal import PosternJobCommands

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
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch {
            let code = PosternJob.exitCode(for: error)
            guard code != .success else {
                print(PosternJob.fullMessage(for: error))
                exit(0)
            }
            exit(JobMain.unusable(PosternJob.message(for: error)).rawValue)
        }
    }
}
