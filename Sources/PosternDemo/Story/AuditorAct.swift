internal import PosternNet

/// The end of the story: somebody who was not there asks the journal what happened, and whether it is whole.
struct AuditorAct: Sendable {
    private static let limit = Duration.seconds(20)
    private static let indent = 6

    let stage: DemoStage
    let pool: BlockingPool
    let terminal: Terminal

    /// What ran, as whom, and whether it was what was reviewed.
    ///
    /// - Parameters:
    ///   - number: of the act.
    ///   - transcript: what the job was told whose statement was denied: it names the session.
    func ask(number: Int, after transcript: String) async throws {
        guard let session = Self.session(in: transcript) else {
            throw DemoError("the denied job was not told its session:\n\(transcript)")
        }
        terminal.heading("\(number). An auditor asks")
        terminal.say(
            "Who wanted to drop a table, from which run, and what came of it? And is the migration that ran the one that "
                + "was reviewed? The files answer; it takes neither the gateway nor PostgreSQL."
        )
        terminal.emptyLine()
        try await show(["audit", "list", "--tag", "DROP *", DemoSite.journalName])
        try await show(
            ["audit", "show", session, DemoSite.journalName],
            cutTo: [
                .init(from: "  repository  ", through: "  run "), .init(from: "#3 ", through: "rolled back"),
            ]
        )
        try await show(
            ["audit", "match", DemoJob.migrationName, DemoSite.journalName],
            cutTo: [.init(from: "yes: ", through: DemoNames.run)]
        )
    }

    /// That the journal is whole, and that one byte is enough for it not to be.
    func doubt(number: Int) async throws {
        terminal.heading("\(number). An auditor doubts")
        terminal.say(
            "Each record ends with its hash and holds the hash of the one before, and ten seconds after a new one at the "
                + "latest a checkpoint is signed. The public key was copied when the gateway started: whoever changes "
                + "the journal does not change that too."
        )
        terminal.emptyLine()
        let verify = ["audit", "verify", "--public-key", DemoSite.publicKeyName]
        try await show(verify + [DemoSite.journalName])
        let (stage, copy) = (stage, DemoSite.changedJournalName)
        let changed = try await pool.run {
            try ChangedJournal(of: stage.site.journalFolder, in: "\(stage.site.folder)/\(copy)")
        }
        terminal.emptyLine()
        terminal.say(
            "Now somebody wants another run to be blamed. In `\(copy)`, a copy, line \(changed.line) of \(changed.file) is "
                + "changed by one byte: record \(changed.seq), where a session starts, names run \(changed.run.after), "
                + "no longer \(changed.run.before)."
        )
        terminal.emptyLine()
        try await show(verify + [copy], succeeds: false)
        terminal.emptyLine()
        terminal.say("Found, with its place; the command exits with 1.", style: .good)
    }

    // MARK: - Commands

    /// Runs a command of this same executable and shows both as a terminal has them.
    private func show(_ arguments: [String], cutTo parts: [Excerpt.Part] = [], succeeds: Bool = true) async throws {
        terminal.verbatim("$ postern " + arguments.map(Self.quoted).joined(separator: " "), style: .faint)
        let command = ProcessCommand(
            stage.executable,
            arguments,
            environment: ["COLUMNS": String(Terminal.width - Self.indent), "LC_ALL": "C.UTF-8"],
            directory: stage.site.folder
        )
        let finished = try await pool.run { try ChildProcess.run(command, atMost: Self.limit) }
        guard finished.exit == .code(succeeds ? 0 : 1) else {
            let name = arguments.prefix(2).joined(separator: " ")
            throw DemoError("`postern \(name)` \(finished.exit):\n\(finished.outputText)\(finished.errorText)")
        }
        let lines = Excerpt.cut(finished.outputText, to: parts)
        for line in lines { terminal.quote(line, indent: Self.indent, style: succeeds ? nil : .bad) }
    }

    private static func quoted(_ word: String) -> String {
        word.contains { " *".contains($0) } ? "'\(word)'" : word
    }

    /// The id in `… (session 538t28eor9tep3hk)`.
    private static func session(in text: String) -> String? {
        guard let begin = text.firstRange(of: "(session ")?.upperBound else { return nil }
        let id = text[begin...].prefix { $0 != ")" }
        return id.isEmpty ? nil : String(id)
    }
}
