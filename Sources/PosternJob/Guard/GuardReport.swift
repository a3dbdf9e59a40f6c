internal import PosternCore

/// A guard's findings for people: a table for the job's log and for its summary page, and what the run exits with.
package struct GuardReport: Sendable {
    private static let titles = ["TABLE", "BEFORE", "AFTER", "CHANGE", "VERDICT"]
    private static let gap = "  "

    private let findings: GuardFindings

    package init(_ findings: GuardFindings) {
        self.findings = findings
    }

    /// Whether the run may be a success.
    package var isSafe: Bool { findings.outcome == .kept }
    package var isLoss: Bool { findings.outcome == .lost }

    // MARK: For the job's log

    /// Lines without the name of the program in front.
    package var lines: [String] {
        let rows = [Self.titles] + findings.tables.map(cells)
        let widths = Self.titles.indices.map { column in rows.reduce(0) { max($0, $1[column].count) } }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                // Numbers to the right, and nothing behind the last word.
                return switch column {
                case 0: cell + padding
                case 1...3: padding + cell
                default: cell
                }
            }
            return "guard: " + cells.joined(separator: Self.gap)
        }
    }

    /// One sentence for each table that is not as it should be; nil when nothing is wrong.
    package var trouble: JobTrouble? {
        let wrong = findings.tables.compactMap { table in
            sentence(table, findings.verdict(of: table))
        }
        guard !wrong.isEmpty else { return nil }
        let message: String =
            switch findings.outcome {
            case .lost: "data disappeared: "
            case .unknown, .kept: "the guard cannot say that nothing disappeared: "
            }
        let hint = isLoss ? "nothing is undone by this; `--max-loss` is \(findings.maxLoss)" : nil
        return JobTrouble(message + wrong.joined(separator: "; "), hint: hint)
    }

    private func sentence(_ table: GuardClaim.Table, _ verdict: GuardVerdict) -> String? {
        switch verdict {
        case .kept, .new: return nil
        case .lost:
            guard case .rows(let before) = table.before, case .rows(let after) = table.after else { return nil }
            return "`\(table.name)` lost \(before - after) of \(Self.rows(before))\(Self.share(before - after, before))"
        case .vanished:
            guard case .rows(let before) = table.before else { return nil }
            return "`\(table.name)` is gone with its \(Self.rows(before))"
        case .absent: return "`\(table.name)` was there neither before nor after: is the name right?"
        case .unknown: return "`\(table.name)` could not be counted"
        }
    }

    private func cells(_ table: GuardClaim.Table) -> [String] {
        [
            table.name.description, Self.text(table.before), Self.text(table.after), Self.change(table),
            findings.verdict(of: table).rawValue,
        ]
    }

    private static func text(_ count: GuardCount) -> String {
        switch count {
        case .rows(let rows): "\(rows)"
        case .missing: "-"
        case .unknown: "?"
        }
    }

    private static func change(_ table: GuardClaim.Table) -> String {
        switch (table.before, table.after) {
        case (.rows(let before), .rows(let after)):
            after < before
                ? "\(after - before)\(share(before - after, before))" : after > before ? "+\(after - before)" : "0"
        case (.rows(let before), .missing): "-\(before)\(share(before, before))"
        case (.missing, .rows(let after)): "+\(after)"
        case (.missing, .missing), (.unknown, _), (_, .unknown): ""
        }
    }

    /// ` (2.5%)`, rounded up, so that what is gone never looks like nothing.
    private static func share(_ loss: Int64, _ before: Int64) -> String {
        guard before > 0 else { return "" }
        let (quotient, remainder) = before.dividingFullWidth(loss.multipliedFullWidth(by: 1000))
        let tenths = quotient + (remainder > 0 ? 1 : 0)
        return tenths % 10 == 0 ? " (\(tenths / 10)%)" : " (\(tenths / 10).\(tenths % 10)%)"
    }

    private static func rows(_ count: Int64) -> String { "\(count) row\(count == 1 ? "" : "s")" }

    // MARK: For a job's summary page

    /// GitHub-flavoured Markdown.
    package var markdown: String {
        let word =
            switch findings.outcome {
            case .kept: "kept"
            case .lost: "data disappeared"
            case .unknown: "unknown"
            }
        var text = "### Postern guard: \(word)\n\n"
        text += "| table | before | after | change | verdict |\n|---|---:|---:|---:|---|\n"
        for table in findings.tables {
            text += "| " + cells(table).map(RunReport.escaped).joined(separator: " | ") + " |\n"
        }
        return text + "\nAt most \(findings.maxLoss) of a table may be lost.\n\n"
    }
}
