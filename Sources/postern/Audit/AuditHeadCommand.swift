internal import ArgumentParser
internal import PosternCore
internal import PosternJournal

struct AuditHeadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "head",
        abstract: "Print what to keep elsewhere: where each chain stands.",
        discussion: """
            Prints CHAIN:SEQ:HASH of each chain's last signed checkpoint, a line each: what `postern audit verify \
            --expect` takes. Kept where nobody who can write the journal can reach it, it finds the cut end of a chain \
            that is open, and a journal that was replaced whole.

            The journals are checked first. Exits 1 when a chain is broken, and prints the others' lines.

            Example: postern audit head /var/lib/postern/journal >> /mnt/elsewhere/heads
            """
    )

    @OptionGroup var keys: PublicKeyOptions

    @Flag(name: .long, help: "Print one JSON object instead of lines.")
    var json = false

    @OptionGroup var journals: JournalArguments

    func run() async throws {
        let reports = try JournalVerifier.reports(on: journals.directories, keys: keys)
        let heads = reports.flatMap { report in report.chains.filter(\.isIntact).compactMap { Head(report, $0) } }
        if json {
            let object: JSONObject = ["heads": .array(heads.map(\.json))]
            Output.result(JSONValue.object(object).text + "\n")
        } else {
            Output.result(heads.map { $0.position.text + "\n" }.joined())
        }
        let broken = reports.filter { !$0.isIntact }.map { "`\($0.directory)`" }
        guard broken.isEmpty else {
            Output.error("\(broken.joined(separator: ", ")): broken", hint: "`postern audit verify` says where")
            throw ExitCode.no
        }
    }

    private struct Head {
        let directory: String
        let name: String
        let position: RecordPosition
        let time: String

        init?(_ journal: JournalReport, _ chain: ChainReport) {
            guard let position = chain.lastCheckpoint, let time = chain.lastCheckpointTime else { return nil }
            directory = journal.directory
            name = chain.name
            self.position = position
            self.time = time
        }

        var json: JSONValue {
            let object: JSONObject = [
                "directory": .string(directory), "name": .string(name),
                "chain": .string(position.chain.description), "seq": .number(JSONNumber(position.seq)),
                "hash": .string(position.hash.description), "time": .string(time), "expect": .string(position.text),
            ]
            return .object(object)
        }
    }
}
