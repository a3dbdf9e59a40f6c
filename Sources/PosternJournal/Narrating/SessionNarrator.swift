internal import PosternCore

/// One session as an auditor reads it: who, from where, what ran, what was denied and why, and the totals.
package struct SessionNarrator {
    private static let labelColumns = 12
    private static let indent = 2
    private static let statementIndent = 19

    private let width: Int

    /// - Parameter width: columns of the terminal.
    package init(width: Int) {
        self.width = max(40, width)
    }

    /// - Parameter write: takes whole lines, as they are made.
    package func tell(_ trail: SessionTrail, write: (String) throws -> Void) rethrows {
        let start = trail.start
        let isRefused = start?.frame.event == "session.refused"
        try write("session \(TerminalText.word(trail.session))" + (isRefused ? " was refused" : "") + "\n")
        try write(facts(trail, start, isRefused: isRefused))
        guard !isRefused else { return }
        if trail.statements > 0 { try write("\nstatements\n") }
        try trail.forEachStep { try write(step($0)) }
        if trail.denied > 0 { try write("\ndenied\n") }
        try trail.forEachDenied { try write(denial(Members($0.members))) }
        try write("\ntotals\n" + totals(trail))
    }

    // MARK: Who

    private func facts(_ trail: SessionTrail, _ start: JournalRecord?, isRefused: Bool) -> String {
        guard let start else {
            return fact("began", "in a file that is not there any more")
                + fact("journal", TerminalText.word(trail.journal))
        }
        let members = Members(start.members)
        let identity = members.object("identity")
        let run = members.object("run")
        var text = fact(isRefused ? "at" : "began", start.frame.time)
        if isRefused {
            text += fact("stage", members.word("stage")) + fact("reason", members.text("reason"))
            text += fact("claim", members.word("claim").map { "\($0) failed" })
        } else {
            text += fact(
                "ended",
                trail.end.map { "\($0.frame.time) \(Members($0.members).text("reason") ?? "")" } ?? "no end is recorded"
            )
        }
        text += fact(
            isRefused ? "asked for" : "role",
            members.word("role").map { role in
                members.word("database").map { "\(role) on \($0)" } ?? role
            }
        )
        text += fact("issuer", identity.word("issuer")) + fact("subject", identity.word("subject"))
        for claim in identity.object("claims").all {
            text += fact("claim", "\(TerminalText.word(claim.name)) = \(Members.word(of: claim.value))")
        }
        text += fact("repository", run.word("repository")) + fact("ref", run.word("ref"))
        text += fact("commit", run.word("sha")) + fact("run", run.word("id")) + fact("run url", run.word("url"))
        text += fact("unverified", Narration.unverified(members))
        text += fact("client", Narration.client(members.object("client")))
        text += fact("certificate", members.object("client").object("certificate").word("subject"))
        if !isRefused {
            text += fact("upstream", Narration.upstream(members))
            text += fact("policy", members.word("policy_hash"))
        }
        return text + fact("journal", "\(TerminalText.word(trail.journal)) chain \(TerminalText.word(trail.chain))")
    }

    private func fact(_ label: String, _ text: String?) -> String {
        guard let text, !text.isEmpty else { return "" }
        let head = String(repeating: " ", count: Self.indent) + label
        let padding = String(repeating: " ", count: max(1, Self.indent + Self.labelColumns - head.count))
        return LineFolder(width: width, indent: Self.indent + Self.labelColumns - 2)
            .fold(head: head + padding, paragraphs: [text]) + "\n"
    }

    // MARK: What

    private func step(_ step: SessionTrail.Step) -> String {
        switch step {
        case .statement(let decision, let outcome):
            let members = Members(decision.members)
            var ending = outcome.map { Narration.ending(Members($0.members)) }
            if ending == nil, members.text("forwarded") != "false" { ending = "no outcome is recorded" }
            return line(
                decision,
                "#\(members.text("statement") ?? "?")",
                [
                    Narration.statement(members) + (ending.map { "; \($0)" } ?? ""),
                    Narration.oneLine(members.raw("sql")),
                ]
            )
        case .transaction(let record):
            let members = Members(record.members)
            let number = members.text("transaction") ?? "?"
            return line(record, "", ["transaction \(number) \(Narration.transactionWord(members))"])
        case .cancel(let record):
            return line(record, "", ["a cancel request came from \(Members(record.members).word("source") ?? "?")"])
        case .note(let record):
            return line(record, "", ["the job says: \(Members(record.members).json("claimed_by_job") ?? "?")"])
        case .guardResult(let record):
            let words = Narration.guardWords(Members(record.members).object("claimed_by_job"))
            return line(record, "", ["the job says: " + (words.first ?? "?")] + words.dropFirst())
        }
    }

    /// A line that begins with the clock: `04:53:55.291  #3   …`.
    private func line(_ record: JournalRecord, _ number: String, _ text: [String]) -> String {
        let clock = record.frame.time.dropFirst(11).prefix(12)
        let head = "  \(clock)  \(number)"
        let padding = String(repeating: " ", count: max(1, Self.statementIndent - head.count + 2))
        return LineFolder(width: width, indent: Self.statementIndent)
            .fold(head: head + padding, paragraphs: text.filter { !$0.isEmpty }) + "\n"
    }

    private func denial(_ members: Members) -> String {
        LineFolder(width: width, indent: Self.indent + 2).fold(
            head: "  #\(members.text("statement") ?? "?") ",
            paragraphs: [Narration.statement(members)]
        ) + "\n"
    }

    private func totals(_ trail: SessionTrail) -> String {
        let end = trail.end.map { Members($0.members) }
        let counts: [String?] = [
            Quantity.count(UInt64(trail.statements), "statement", "statements"), "\(trail.denied) denied",
            end?.integer("rows").map { Quantity.count($0, "row", "rows") },
            end?.integer("bytes_in").map { "\(Quantity.bytes($0)) in" },
            end?.integer("bytes_out").map { "\(Quantity.bytes($0)) out" },
            end?.integer("duration_us").map(Quantity.duration),
        ]
        return LineFolder(width: width, indent: Self.indent)
            .fold(head: "  ", paragraphs: [counts.compactMap(\.self).joined(separator: ", ")]) + "\n"
    }
}
