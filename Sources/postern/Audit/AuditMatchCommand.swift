internal import ArgumentParser
internal import PosternCore
internal import PosternJournal

struct AuditMatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "match",
        abstract: "Prove whether exactly this script ran, and by which run.",
        discussion: """
            The script is split into statements as the gateway does it, and a session is looked for in which these \
            statements, byte for byte from their first word to their last, ran in this order, with nothing between them but \
            BEGIN, COMMIT and SAVEPOINT, all without an error and committed. It takes `text.key` of each journal, which the \
            gateway made beside it. Backslash commands and variables of psql are no SQL, and psql before 15 leaves comments \
            out of statements.

            Exits 0 when a session ran exactly the script, 1 when none did or only a part, and says which statement is \
            missing; 2 when the script or a journal cannot be read.

            Example: postern audit match migrations/0042.sql /var/lib/postern/journal
            """
    )

    @Argument(help: "The script; - reads it from standard input.", completion: .file())
    var file: String

    @OptionGroup var journals: JournalArguments
    @OptionGroup var index: AuditIndexOptions

    @Option(
        name: .long,
        help: ArgumentHelp("The key of all these journals' texts, where it lies elsewhere.", valueName: "file"),
        completion: .file()
    )
    var textKey: String?

    @Flag(name: .long, help: "Other statements may stand between those of the script.")
    var allowOthers = false

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard !journals.directories.isEmpty else { throw ValidationError("name a journal's folder") }
    }

    func run() throws {
        let script = try Script.read(file)
        // First: a folder that is not there is said to be so, and not to lack its key.
        let notes = AuditReading.notes()
        let journals = try AuditReading.journals(self.journals.directories, usesIndex: !index.noIndex, notes: notes)
        let codes = try self.codes(of: script)
        let search = ScriptSearch(journals)
        let matches = search.find({ codes[$0] ?? [] }, mayHaveOthers: allowOthers)
        if search.isCut {
            Output.diagnostics("postern: note: more sessions than were looked into ran some of these statements\n")
        }
        let report = MatchReport(script: script, matches: matches, mayHaveOthers: allowOthers)
        Output.result(json ? report.json + "\n" : report.text(width: AuditTerminal.width ?? 120))
        guard !report.isProven else { return }
        try AuditReading.requireWhole(notes)
        throw ExitCode.no
    }

    /// By the journal's folder.
    private func codes(of script: Script) throws -> [String: [String]] {
        var codes: [String: [String]] = [:]
        do throws(JournalError) {
            for directory in journals.directories {
                let key: TextKey
                if let textKey { key = try TextKey(file: textKey) } else { key = try TextKey(directory: directory) }
                codes[directory] = script.statements.map { key.code(of: script.bytes[$0.range]) }
            }
        } catch {
            Output.error(
                TerminalText.escaped(error.description),
                hint: error.hint ?? "`text.key` lies beside the journal; --text-key names another place"
            )
            throw ExitCode.unusable
        }
        return codes
    }
}
