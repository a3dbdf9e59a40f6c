internal import ArgumentParser
internal import PosternCore
internal import PosternJournal

struct AuditShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one session: who, from which run, what ran, what was denied and by which rule.",
        discussion: """
            The session's id stands in every refusal that a job reads, in the journal, and upstream in application_name. Of a \
            refused session the reason is shown, and the claim that failed. On a terminal the text goes through $PAGER, by \
            default `less -FRX`.

            Exits 0, or 1 when no journal knows the session, 2 when a journal cannot be read.

            Example: postern audit show 538t28eor9tep3hk /var/lib/postern/journal
            """
    )

    /// A pipe has no width; wide enough for most statements.
    private static let pipeWidth = 120

    @Argument(help: "The session's id.")
    var session: String

    @OptionGroup var journals: JournalArguments
    @OptionGroup var index: AuditIndexOptions

    @Flag(name: .long, help: "Print to the terminal directly.")
    var noPager = false

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard !journals.directories.isEmpty else { throw ValidationError("name a journal's folder") }
    }

    func run() throws {
        let notes = AuditReading.notes()
        let journals = try AuditReading.journals(journals.directories, usesIndex: !index.noIndex, notes: notes)
        guard let trail = SessionTrail(session: session, in: journals) else {
            try AuditReading.requireWhole(notes)
            Output.error("no journal here knows the session `\(TerminalText.escaped(session))`")
            throw ExitCode.no
        }
        if json {
            SessionJSON.tell(trail, write: Output.result)
            return try AuditReading.requireWhole(notes)
        }
        let pager = noPager || !AuditTerminal.isTerminal ? nil : Pager()
        SessionNarrator(width: AuditTerminal.width ?? Self.pipeWidth).tell(trail) { text in
            if let pager { pager.write(text) } else { Output.result(text) }
        }
        pager?.finish()
        try AuditReading.requireWhole(notes)
    }
}
