internal import PosternNet

/// A CI system without tokens of its own: the issuer gives them to its builds, and not to all of them.
struct DroneAct: Sendable {
    private static let limit = Duration.seconds(20)
    private static let indent = 6
    private static let advice = "this build has no token: migrate from a push or a tag"

    let stage: DemoStage
    let pool: BlockingPool
    let terminal: Terminal

    /// A push and a pull request run the same pipeline.
    func tell(number: Int) async throws {
        terminal.heading("\(number). Drone, which has no tokens")
        terminal.say(
            "Before each pipeline Drone's runner asks `postern issuer serve` for further variables, in a request that it "
                + "signs. A push to the main branch gets a token, encrypted on its way, and what psql needs to find the "
                + "gateway. Its step:"
        )
        terminal.emptyLine()
        for line in Self.script.split(separator: "\n") { terminal.verbatim(String(line), style: .faint) }
        try Files.writePrivate(Self.migration, to: "\(stage.site.folder)/\(DroneNames.scriptName)")
        let push = try await run(.push)
        guard push.exit.succeeded, push.text.contains("ALTER TABLE") else {
            throw DemoError("the push build's migration did not run:\n\(push.text)")
        }
        quote(push.text, style: nil)
        terminal.emptyLine()
        terminal.say("The same pipeline for the pull request of a fork. It may hold any code, and gets no token:")
        terminal.emptyLine()
        let pull = try await run(.pullRequest)
        guard !pull.exit.succeeded, pull.text.contains(Self.advice) else {
            throw DemoError("the pull request got a token, or was not told why it has none:\n\(pull.text)")
        }
        quote(pull.text, style: .bad)
        terminal.emptyLine()
        terminal.say("Both are in the issuer's journal:", style: .good)
        terminal.emptyLine()
        try await showJournal()
    }

    private static let script = """
        $ export PGPASSWORD="${POSTERN_ID_TOKEN:?\(advice)}"
        $ psql -v ON_ERROR_STOP=1 -a -f \(DroneNames.scriptName)
        """

    private static let migration = "alter table orders add column note text;\n"

    private func run(_ build: DroneRunner.Build) async throws -> DemoStage.Transcript {
        let variables = try await stage.drone.runner.variables(of: build)
        let script = Self.script.replacing("$ ", with: "")
        return try await pool.run { try stage.runStep(script, variables: variables, atMost: Self.limit) }
    }

    private func quote(_ text: String, style: Terminal.Style?) {
        for line in text.split(separator: "\n") { terminal.quote(String(line), indent: Self.indent, style: style) }
    }

    private func showJournal() async throws {
        let arguments = ["audit", "list", "--tokens", DroneNames.journalName]
        terminal.verbatim("$ postern " + arguments.joined(separator: " "), style: .faint)
        let command = ProcessCommand(
            stage.executable,
            arguments,
            environment: ["COLUMNS": String(Terminal.width - Self.indent), "LC_ALL": "C.UTF-8"],
            directory: stage.site.folder
        )
        let finished = try await pool.run { try ChildProcess.run(command, atMost: Self.limit) }
        guard finished.exit.succeeded, finished.outputText.contains("a build of a fork") else {
            throw DemoError("the issuer's journal does not tell of the two builds:\n\(finished.errorText)")
        }
        quote(finished.outputText, style: nil)
    }
}
