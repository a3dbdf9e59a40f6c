internal import ArgumentParser
internal import Glibc
internal import PosternCore
internal import PosternJournal

struct AuditListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Look for sessions or statements, newest first.",
        discussion: """
            Rows are sessions, refused ones among them, with the run that each speaks for. With --tag, --object, --decision \
            or --statements they are statements, with what was decided and what came of it. With --tokens they are the \
            tokens of `postern issuer serve`, issued and refused; with --guard what the guards of jobs found, in the jobs' \
            own words. Times are in UTC.

            An index is kept in `index` beside each journal, or in the user's cache where that cannot be written; what is \
            printed is read from the journal.

            Exits 0 when something was found, 1 when nothing was, 2 when a journal cannot be read.

            Examples:
              postern audit list --since 24h /var/lib/postern/journal
              postern audit list --tag 'ALTER *' --object orders /var/lib/postern/journal
              postern audit list --decision deny --repository 'acme/*' gw-1 gw-2
              postern audit list --tokens --repository acme/app /var/lib/postern-issuer/journal
              postern audit list --guard --since 7d /var/lib/postern/journal
            """
    )

    private static let maximumRows = 100_000

    @OptionGroup var journals: JournalArguments
    @OptionGroup var filters: AuditFilterOptions
    @OptionGroup var index: AuditIndexOptions

    @Flag(name: .long, help: "Rows are statements, whatever is looked for.")
    var statements = false

    @Flag(name: .long, help: "Rows are tokens of an issuer's journal, issued and refused.")
    var tokens = false

    @Flag(name: .customLong("guard"), help: "Rows are results of `postern guard`.")
    var guards = false

    @Option(name: .long, help: "The most rows that are printed.")
    var limit = 100

    @Flag(name: .long, help: "Print one JSON object a line.")
    var json = false

    func validate() throws {
        guard (1...Self.maximumRows).contains(limit) else {
            throw ValidationError("--limit must be 1 to \(Self.maximumRows)")
        }
        guard !journals.directories.isEmpty else { throw ValidationError("name a journal's folder") }
    }

    func run() throws {
        let filter = try filters.filter()
        if tokens { return try listTokens(filter) }
        let notes = AuditReading.notes()
        let journals = try AuditReading.journals(journals.directories, usesIndex: !index.noIndex, notes: notes)
        let wantsStatements = statements || filter.asksForStatements
        guard !guards || !wantsStatements else {
            throw ValidationError("--guard asks for what guards found, --statements and the like for statements")
        }
        let query = JournalQuery(
            journals,
            filter,
            wanted: guards ? .guardResults : wantsStatements ? .statements : .sessions
        )
        var rows: [JournalRow] = []
        var count = 0
        while count < limit, let row = query.next() {
            count += 1
            if json { Output.result(RowJSON.line(of: row)) } else { rows.append(row) }
        }
        if count == 0 {
            try AuditReading.requireWhole(notes)
            Output.diagnostics("postern: note: nothing was found\n")
            throw ExitCode.no
        }
        if !json {
            let table = RowTable(rows, namesJournals: journals.directories.count > 1)
            Output.result(table.text(width: AuditTerminal.width))
        }
        if count == limit, query.next() != nil {
            Output.diagnostics(
                """
                postern: note: there are more than \(limit) \(limit == 1 ? "row" : "rows"): --limit shows more, --until with \
                the second after the last one shows older ones

                """
            )
        }
        try AuditReading.requireWhole(notes)
    }
}

extension AuditListCommand {
    private func listTokens(_ filter: JournalFilter) throws {
        let found: (records: [JournalRecord], isCut: Bool)
        let notes = AuditReading.notes()
        do throws(JournalReadError) {
            found = try TokenSearch.find(filter, in: journals.directories, limit: limit, notes: notes)
        } catch {
            throw AuditReading.unusable(error)
        }
        guard !found.records.isEmpty else {
            try AuditReading.requireWhole(notes)
            Output.diagnostics("postern: note: nothing was found\n")
            throw ExitCode.no
        }
        if json {
            for record in found.records { Output.result(JSONValue.object(record.members).text + "\n") }
        } else {
            Output.result(TokenTable(found.records).text(width: AuditTerminal.width))
        }
        if found.isCut {
            Output.diagnostics("postern: note: there are more than \(limit) rows: --limit shows more\n")
        }
        try AuditReading.requireWhole(notes)
    }
}

/// Where results go.
enum AuditTerminal {
    /// What a person reads at least.
    private static let narrowest = 40

    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Columns to fit: `COLUMNS`, else the terminal's. nil in a pipe, where nothing is cut.
    static var width: Int? {
        if let columns = getenv("COLUMNS").flatMap({ Int(String(cString: $0)) }), columns > 0 {
            return max(narrowest, columns)
        }
        guard isTerminal else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return max(narrowest, Int(size.ws_col))
    }
}
