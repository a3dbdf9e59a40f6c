internal import PosternCore

/// What was found, as a table for a terminal.
package struct RowTable {
    private var table: TextTable
    private let namesJournals: Bool
    private static let objectsShown = 3

    /// - Parameters:
    ///   - rows: all sessions, or all statements.
    ///   - namesJournals: whether each row says in which folder it was found.
    package init(_ rows: [JournalRow], namesJournals: Bool) {
        self.namesJournals = namesJournals
        if case .guardResult? = rows.first {
            table = TextTable(
                [
                    "TIME", "GUARD", "TABLES", "MAX LOSS", "EXIT", "ROLE", "REPOSITORY", "REF", "COMMIT", "RUN",
                    "SESSION", "JOURNAL",
                ]
                .map { .init(title: $0) }
            )
        } else if case .statement? = rows.first {
            table = TextTable(
                [
                    "TIME", "STATEMENT", "OBJECT", "DECISION", "OUTCOME", "ROLE", "REPOSITORY", "REF", "COMMIT", "RUN",
                    "SESSION",
                ]
                .map { .init(title: $0) } + [.init(title: "NO", isNumber: true), .init(title: "JOURNAL")]
            )
        } else {
            table = TextTable(
                ["TIME", "SESSION", "ROLE", "DATABASE", "REPOSITORY", "REF", "COMMIT", "RUN"].map { .init(title: $0) }
                    + [.init(title: "STATEMENTS", isNumber: true), .init(title: "DENIED", isNumber: true)]
                    + [.init(title: "END"), .init(title: "JOURNAL")]
            )
        }
        for row in rows {
            switch row {
            case .session(let session): add(session)
            case .statement(let statement): add(statement)
            case .guardResult(let result): add(result)
            }
        }
    }

    /// - Parameter width: columns of the terminal; nil for as many as it takes.
    package func text(width: Int?) -> String { table.text(width: width) }

    private mutating func add(_ row: SessionRow) {
        let start = Members(row.start.members)
        let isRefused = row.start.frame.event == "session.refused"
        let end = row.end.map { Members($0.members) }
        let ending =
            isRefused
            ? "refused at \(start.word("stage") ?? "?")" : end.map { $0.text("reason") ?? "?" } ?? "no end is recorded"
        table.add(
            [
                Self.time(row.start), start.word("session") ?? "?", start.word("role") ?? "",
                start.word("database") ?? "",
            ]
                + Self.run(start)
                + [
                    isRefused ? "" : String(row.statements), isRefused ? "" : String(row.denied), ending,
                    journal(row.journal),
                ]
        )
    }

    private mutating func add(_ row: StatementRow) {
        let decision = Members(row.decision.members)
        let start = row.start.map { Members($0.members) }
        let objects = Narration.objectNames(decision)
        let more = objects.count - Self.objectsShown
        table.add(
            [
                Self.time(row.decision), decision.text("tag") ?? "(not understood)",
                objects.prefix(Self.objectsShown).joined(separator: ", ") + (more > 0 ? " and \(more) more" : ""),
                Narration.shortVerdict(decision), row.outcomeText, start?.word("role") ?? "?",
            ] + (start.map(Self.run) ?? ["", "", "", ""])
                + [decision.word("session") ?? "?", decision.text("statement") ?? "", journal(row.journal)]
        )
    }

    /// What the job says of its tables, those that are not as they should be first.
    private mutating func add(_ row: GuardRow) {
        let result = Members(row.result.members)
        let claim = result.object("claimed_by_job")
        let start = row.start.map { Members($0.members) }
        let tables = claim.objects("tables")
        let wrong = tables.filter { !["kept", "new"].contains($0.raw("verdict")) }
        let shown = (wrong.isEmpty ? tables : wrong).map { table in
            "\(table.word("table") ?? "?") \(table.text("before") ?? "?") to \(table.text("after") ?? "?")"
        }
        let more = tables.count - min(shown.count, Self.objectsShown)
        table.add(
            [
                Self.time(row.result), claim.text("verdict") ?? "?",
                shown.prefix(Self.objectsShown).joined(separator: ", ") + (more > 0 ? " and \(more) more" : ""),
                claim.text("max_loss") ?? "", claim.text("exit") ?? "", start?.word("role") ?? "?",
            ] + (start.map(Self.run) ?? ["", "", "", ""]) + [result.word("session") ?? "?", journal(row.journal)]
        )
    }

    private func journal(_ path: String) -> String { namesJournals ? TerminalText.word(path) : "" }

    private static func run(_ start: Members) -> [String] {
        let run = start.object("run")
        return [run.word("repository") ?? "", run.word("ref") ?? "", run.short("sha") ?? "", run.word("id") ?? ""]
    }

    /// Seconds are enough to find a row again; its length is the frame's.
    private static func time(_ record: JournalRecord) -> String { record.frame.time.prefix(19) + "Z" }
}

extension StatementRow {
    /// What came of it: the result, the rows, and how its transaction ended.
    var outcomeText: String {
        let decision = Members(decision.members)
        guard let outcome = outcome.map({ Members($0.members) }) else {
            return decision.text("forwarded") == "false" ? "not forwarded" : "no outcome is recorded"
        }
        let result = outcome.text("result") ?? "?"
        let rows = outcome.integer("rows").map { "\($0) \($0 == 1 ? "row" : "rows")" }
        let ending = transaction.map { Narration.transactionWord(Members($0.members)) }
        return [result, outcome.word("sqlstate"), rows, ending].compactMap(\.self).joined(separator: ", ")
    }
}
