internal import ArgumentParser
internal import PosternCore
internal import PosternJournal

struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that journals are what was written.",
        discussion: """
            Finds records that were changed, removed, inserted or moved, files that were replaced, checkpoints that were \
            forged, and the cut end of a chain that was closed. --expect takes what `postern audit head` printed and \
            somebody kept elsewhere: it finds the cut end of a chain that is open, and a journal that was replaced whole.

            With --receipt it checks what a job's `SHOW postern.receipt` answered, or all receipts of a run, as `postern \
            exec --receipt` leaves them: with --public-key alone, against the journal that they speak of, or both.

            Exits 0 when all chains are whole, or the receipt holds, 1 when not, 2 when a journal or a key cannot be read.

            Examples:
              postern audit verify /var/lib/postern/journal
              postern audit verify --public-key checkpoint.pub --expect "$(cat head)" /var/lib/postern/journal
              postern audit verify --receipt receipt.json --public-key checkpoint.pub
            """
    )

    @OptionGroup var keys: PublicKeyOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A record that must be there, as `postern audit head` prints it.",
            valueName: "chain:seq:hash"
        )
    )
    var expect: [ExpectedRecord] = []

    @Flag(name: .long, help: "Print one JSON object instead of text.")
    var json = false

    @Option(name: .long, help: ArgumentHelp("Check this receipt of a session.", valueName: "file"), completion: .file())
    var receipt: String?

    @Argument(
        help: ArgumentHelp(
            "Journals' folders, as `audit.directory` names them; none are needed for a receipt with a public key.",
            valueName: "dir"
        )
    )
    var directories: [String] = []

    func validate() throws {
        if receipt == nil, directories.isEmpty { throw ValidationError("missing expected argument '<dir> ...'") }
        if receipt != nil, !expect.isEmpty {
            throw ValidationError("--expect is about journals, and --receipt about a receipt")
        }
    }

    func run() async throws {
        if let receipt {
            let code = ReceiptAudit.verify(path: receipt, keys: keys, directories: directories, asJSON: json)
            guard code == .success else { throw code }
            return
        }
        let report = AuditReport(
            journals: try JournalVerifier.reports(on: directories, keys: keys, expected: expect.map(\.position))
        )
        Output.result(json ? report.json.text + "\n" : report.text)
        if !report.isIntact { throw ExitCode.no }
    }
}

/// `CHAIN:SEQ:HASH`.
struct ExpectedRecord: ExpressibleByArgument {
    let position: RecordPosition

    init?(argument: String) {
        guard let position = RecordPosition(text: argument) else { return nil }
        self.position = position
    }
}
