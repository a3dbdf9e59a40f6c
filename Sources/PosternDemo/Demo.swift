internal import Glibc
internal import PosternCore
internal import PosternNet
internal import PosternServer
internal import PosternTLS

/// The main job from one command: PostgreSQL, an issuer and the gateway on this machine, example jobs, and the journal
/// of what they did.
package struct Demo: Sendable {
    package struct Options: Sendable {
        /// Stays until it is told to stop, for the reader's own psql.
        package var keeps: Bool
        /// The `postern` that is run as the gateway.
        package var executable: String

        package init(keeps: Bool, executable: String = "/proc/self/exe") {
            self.keeps = keeps
            self.executable = executable
        }
    }

    private static let jobLimit = Duration.seconds(20)
    private static let journalLimit = Duration.seconds(5)

    private let options: Options
    private let terminal: Terminal
    // The demo's own thread for what blocks: programs that run, files.
    private let pool = BlockingPool(label: "postern.demo", threads: 2)

    package init(_ options: Options, terminal: Terminal = .standardOutput()) {
        self.options = options
        self.terminal = terminal
    }

    /// Tells the story; returns when it is over and nothing is left running.
    ///
    /// - Throws: `DemoError` when something is missing, or when a job got what it must not get.
    package func run() async throws {
        let cleanup = Cleanup()
        let signals = cleanup.onSignals(exitCode: options.keeps ? 0 : nil)
        do {
            try await tell(cleanup)
        } catch {
            // After a signal everything fails; the signal's handler is undoing things and ends the process.
            if cleanup.hasBegun { await Self.suspendForEver() }
            await undo(cleanup)
            throw error
        }
        await undo(cleanup)
        terminal.heading("That was all")
        terminal.say("Nothing is left running. `postern demo --keep` leaves everything up for your own psql.")
        withExtendedLifetime(signals) {}
    }

    private func undo(_ cleanup: Cleanup) async {
        // Only an overloaded pool refuses, and this one has nothing else to do.
        try? await pool.run { cleanup.run() }
    }

    private static func suspendForEver() async -> Never {
        while true { try? await Task.sleep(for: .seconds(3600)) }
    }

    // MARK: - The story

    private func tell(_ cleanup: Cleanup) async throws {
        terminal.heading("Postern: a CI job reaches PostgreSQL with the identity that its CI system vouches for")
        let stage = try await DemoStage.build(cleanup, pool, executable: options.executable, terminal)
        showPolicy()
        let jobs = try DemoJob.all(issuer: stage.issuer, forger: stage.forger, now: .now)
        var shown: [String] = []
        var denied = ""
        for (number, job) in jobs.enumerated() {
            // Said once: a reader looks for the difference between two commands that are the same.
            let command = stage.shownCommand(job)
            let text = try await perform(job, number: number + 1, command: command == shown ? [] : command, on: stage)
            if case .denied = job.expectation { denied = text }
            shown = command
        }
        try await DroneAct(stage: stage, pool: pool, terminal: terminal).tell(number: jobs.count + 1)
        try await showAuditor(jobs, denied: denied, stage)
        if options.keeps { try await keep(stage) }
    }

    private func showPolicy() {
        terminal.emptyLine()
        terminal.say("What the role may do stands in \(DemoSite.policyName):")
        terminal.emptyLine()
        for (index, line) in DemoSite.policy.split(separator: "\n").enumerated() {
            let number = String(index + 1)
            terminal.verbatim(String(repeating: " ", count: 2 - number.count) + number + "  " + line)
        }
    }

    /// - Returns: what the job's psql printed.
    private func perform(
        _ job: DemoJob,
        number: Int,
        command: [String],
        on stage: DemoStage
    ) async throws -> String {
        terminal.heading("\(number). \(job.title)")
        terminal.say(job.story)
        terminal.emptyLine()
        for line in command { terminal.verbatim(line, style: .faint) }
        let result = try await pool.run { try stage.run(job, atMost: Self.jobLimit) }
        quote(result)
        terminal.emptyLine()
        let hasError = result.text.contains("ERROR:")
        switch (job.expectation, result.exit.succeeded) {
        case (.works, true) where !hasError:
            terminal.say(
                "Postern checked the token, found that the job may be `\(DemoNames.role)`, and logged in with a "
                    + "password that the job never saw. It held each statement against the rules before PostgreSQL "
                    + "got it.",
                style: .good
            )
        case (.denied(let statement), true) where hasError:
            try await explain(statement, stage)
        case (.refused, false) where result.text.contains("FATAL"):
            try await showReason(result.text, number, stage)
        case (.works, _), (.denied, _), (.refused, false):
            throw DemoError("job \(number) ended in another way than it should:\n\(stage.gateway.logTail)")
        case (.refused, true):
            throw DemoError("job \(number) got in, and must not")
        }
        return result.text
    }

    /// What psql printed, its errors in their colour.
    private func quote(_ transcript: DemoStage.Transcript) {
        for line in trimmed(transcript.text).split(separator: "\n", omittingEmptySubsequences: false) {
            let isError = ["psql:", "DETAIL:", "HINT:"].contains { line.hasPrefix($0) } || !transcript.exit.succeeded
            terminal.quote(String(line), style: isError ? .bad : nil)
        }
    }

    private func explain(_ statement: String, _ stage: DemoStage) async throws {
        terminal.say(
            "PostgreSQL never saw the denied statement, and holds the transaction for failed all the same, as after "
                + "an error of its own: COMMIT rolls back, and all order lines are still there. The error says which "
                + "rule of which file it was. `postern policy explain` tells an administrator the rest:",
            style: .good
        )
        terminal.emptyLine()
        let story = PolicyStory(folder: stage.site.folder)
        terminal.quote(trimmed(try await story.explain(statement, role: DemoNames.role)))
    }

    private func showReason(_ text: String, _ number: Int, _ stage: DemoStage) async throws {
        terminal.say("Refused, as it must be. The job does not learn why. The journal knows:", style: .good)
        let journal = await self.journal(of: stage) { $0.refusal(namedIn: text) != nil }
        guard let refusal = journal.refusal(namedIn: text) else {
            throw DemoError("the journal has no record of the refusal of job \(number)")
        }
        terminal.say(refusal, indent: 6)
    }

    private func showAuditor(_ jobs: [DemoJob], denied transcript: String, _ stage: DemoStage) async throws {
        // One more is Drone's.
        let sessions = jobs.count(where: \.getsIn) + 1
        let journal = await journal(of: stage) { $0.count("session.end") >= sessions }
        guard journal.count("session.end") >= sessions else {
            throw DemoError("the journal lacks the end of a session")
        }
        let act = AuditorAct(stage: stage, pool: pool, terminal: terminal)
        try await act.ask(number: jobs.count + 2, after: transcript)
        try await act.doubt(number: jobs.count + 3)
    }

    /// The journal as soon as it has what is waited for: a job's last record is written a moment after psql ended.
    private func journal(of stage: DemoStage, until isComplete: (JournalStory) -> Bool) async -> JournalStory {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.journalLimit
        var journal = JournalStory(folder: stage.site.journalFolder)
        while !isComplete(journal), clock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
            journal = JournalStory(folder: stage.site.journalFolder)
        }
        return journal
    }

    private func keep(_ stage: DemoStage) async throws {
        let token = try DemoJob.all(issuer: stage.issuer, forger: stage.forger, now: .now)[0].token
        terminal.heading("It stays up until Ctrl-C. In another terminal:")
        terminal.emptyLine()
        // The one place where a token is shown: it is the demo's own, valid for an hour, and the reader asked for it.
        terminal.verbatim("export PGPASSWORD=\(token.reveal())")
        terminal.verbatim("psql \"\(stage.fullConnection)\"")
        terminal.emptyLine()
        terminal.say("The journal has what you do there:")
        terminal.emptyLine()
        for line in stage.auditCommands { terminal.verbatim(line) }
        terminal.emptyLine()
        terminal.say("Configuration, policy and journal are in \(stage.site.folder).")
        let process = stage.gateway.process
        while true {
            let exit = try await pool.run { try process.wait(atMost: .seconds(3600)) }
            if let exit { throw DemoError("the gateway \(exit):\n\(stage.gateway.logTail)") }
        }
    }

    private func trimmed(_ text: String) -> String {
        var text = Substring(text)
        while text.last == "\n" { text.removeLast() }
        return String(text)
    }
}
