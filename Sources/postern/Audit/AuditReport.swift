internal import PosternCore
internal import PosternJournal

/// What `audit verify` says about journals.
struct AuditReport {
    let journals: [JournalReport]
    /// Expected records whose chains are in none of the folders.
    let absent: [RecordPosition]

    /// - Parameter journals: at least one, all of them asked for the same records.
    init(journals: [JournalReport]) {
        self.journals = journals
        absent = (journals.first?.absent ?? []).filter { record in journals.allSatisfy { $0.absent.contains(record) } }
    }

    var isIntact: Bool { absent.isEmpty && journals.allSatisfy(\.isIntact) }
    private var isSelfAttested: Bool { journals.contains(where: \.isSelfAttested) }
    private var chains: [ChainReport] { journals.flatMap(\.chains) }
    private var problemCount: Int {
        journals.reduce(0) { $0 + $1.problems.count } + chains.reduce(0) { $0 + $1.problemCount } + absent.count
    }

    // MARK: For people

    var text: String {
        var lines: [String] = []
        for journal in journals {
            lines.append(journal.directory)
            let width = journal.chains.map(\.shownName.count).max() ?? 0
            for chain in journal.chains {
                let name = chain.shownName + String(repeating: " ", count: width - chain.shownName.count)
                lines.append("  \(name)  \(chain.isIntact ? "whole " : "BROKEN")  \(Self.words(chain))")
                lines += chain.problems.map { "    \($0)" }
                let unlisted = chain.problemCount - chain.problems.count
                if unlisted > 0 { lines.append("    and \(Self.count(unlisted, "more problem"))") }
            }
            lines += journal.problems.map { "  \($0)" }
        }
        lines += absent.map { "no chain here is \($0.chain): record \($0.seq) was expected of it" }
        if isSelfAttested {
            lines.append(
                "self-attested: the key lies beside the journal, and whoever replaces one can replace the other; "
                    + "--public-key takes one that was kept elsewhere"
            )
        }
        let whole = chains.count(where: \.isIntact)
        let records = chains.reduce(0) { $0 + $1.records }
        lines.append(
            isIntact
                ? "ok: \(Self.count(records, "record")) in \(Self.count(chains.count, "chain")), all of them whole"
                : "broken: \(Self.count(problemCount, "problem")), \(whole) of \(Self.count(chains.count, "chain")) whole"
        )
        return lines.joined(separator: "\n") + "\n"
    }

    private static func words(_ chain: ChainReport) -> String {
        var words = ["\(count(chain.records, "record")) in \(count(chain.files, "file"))"]
        if let removed = chain.removed {
            words.append("those up to \(removed.seq) removed by retention")
        }
        switch chain.end {
        case .closed: words.append("closed")
        case .open:
            words.append(
                chain.uncovered == 0
                    ? "open, all of it signed" : "open, the last \(chain.uncovered) covered by no checkpoint yet"
            )
        case .unknown: words.append("its end cannot be told")
        }
        if chain.tornBytes > 0 { words.append("\(count(chain.tornBytes, "byte")) of half a record at the end") }
        return words.joined(separator: ", ")
    }

    private static func count(_ number: some BinaryInteger, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    // MARK: For programs

    var json: JSONValue {
        let object: JSONObject = [
            "ok": .bool(isIntact), "self_attested": .bool(isSelfAttested), "problem_count": Self.number(problemCount),
            "absent": .array(absent.map { .string($0.text) }), "journals": .array(journals.map(Self.json)),
        ]
        return .object(object)
    }

    private static func json(_ journal: JournalReport) -> JSONValue {
        let object: JSONObject = [
            "directory": .string(journal.directory), "ok": .bool(journal.isIntact),
            "problems": .array(journal.problems.map(json)), "chains": .array(journal.chains.map(json)),
        ]
        return .object(object)
    }

    private static func json(_ chain: ChainReport) -> JSONValue {
        let object: JSONObject = [
            "name": .string(chain.name), "chain": text(chain.chain?.description), "ok": .bool(chain.isIntact),
            "end": .string("\(chain.end)"), "files": number(chain.files), "records": number(chain.records),
            "first_seq": chain.firstSeq.map(number) ?? .null, "removed": json(chain.removed, nil),
            "last": json(chain.head, chain.lastTime),
            "checkpoint": json(chain.lastCheckpoint, chain.lastCheckpointTime),
            "uncovered": number(chain.uncovered), "torn_bytes": number(chain.tornBytes),
            "problem_count": number(chain.problemCount), "problems": .array(chain.problems.map(json)),
        ]
        return .object(object)
    }

    private static func json(_ problem: JournalProblem) -> JSONValue {
        let object: JSONObject = [
            "kind": .string(problem.kind.rawValue), "file": .string(problem.location.file),
            "line": problem.location.line.map(number) ?? .null, "seq": problem.seq.map(number) ?? .null,
            "text": .string(problem.text),
        ]
        return .object(object)
    }

    private static func json(_ position: RecordPosition?, _ time: String?) -> JSONValue {
        guard let position else { return .null }
        var object: JSONObject = ["seq": number(position.seq), "hash": .string(position.hash.description)]
        if let time { object.append("time", .string(time)) }
        return .object(object)
    }

    private static func number(_ value: some BinaryInteger) -> JSONValue { .number(JSONNumber(value)) }
    private static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
}
