internal import ArgumentParser
internal import PosternDemo

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show the main job: a private PostgreSQL, the gateway, jobs that may and may not, and an auditor.",
        discussion: """
            A migration runs, one that goes too far is denied, and tokens that are not good are refused. A build of Drone gets \
            its token from `postern issuer serve`, a pull request gets none. At the end an auditor asks what ran, and finds one \
            changed byte.

            Everything is on 127.0.0.1 and in a temporary folder, and gone at the end. It needs the PostgreSQL server \
            programs and takes some seconds.

            Example:
              postern demo --keep    stays up and prints the lines to paste into psql
            """
    )

    @Flag(name: .long, help: "Leave everything running until Ctrl-C, and print how to connect.")
    var keep = false

    func run() async throws {
        do {
            try await Demo(.init(keeps: keep)).run()
        } catch let error as DemoError {
            Output.error(error.description, hint: error.hint)
            throw ExitCode.no
        }
    }
}
