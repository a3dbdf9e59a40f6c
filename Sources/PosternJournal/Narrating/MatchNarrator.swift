package import PosternCore

/// A session that ran a script, or some of it, in words.
package struct MatchNarrator {
    private let match: ScriptMatch
    private let width: Int

    package init(_ match: ScriptMatch, width: Int) {
        self.match = match
        self.width = max(40, width)
    }

    /// Which session it was, of which run, and when.
    package var head: String {
        let start = match.start.map { Members($0.members) }
        let run = start?.object("run")
        let who: [String?] = [
            start?.word("role").map { "as \($0)" }, start?.word("database").map { "on \($0)" },
            run?.word("repository").map { "for \($0)" }, run?.word("ref").map { "at \($0)" },
            run?.word("sha").map { "commit \($0)" }, run?.word("id").map { "run \($0)" }, run?.word("url"),
        ]
        let times = [match.parts.first { !$0.isMissing }, match.parts.last { !$0.isMissing }]
            .compactMap { $0?.decision?.frame.time }
        return LineFolder(width: width, indent: 2).fold(
            head: "session \(TerminalText.word(match.session)) ",
            paragraphs: [
                Narration.phrase(who),
                times.count == 2 ? "first statement \(times[0]) last \(times[1])" : "",
                "journal \(TerminalText.word(match.journal))",
            ].filter { !$0.isEmpty }
        ) + "\n"
    }

    /// What became of a statement of the script.
    package static func state(of part: ScriptMatch.Part) -> String {
        guard let decision = part.decision.map({ Members($0.members) }) else { return "missing" }
        let number = decision.text("statement").map { "ran as #\($0)" }
        if decision.text("forwarded") == "false" { return Narration.phrase([Narration.shortVerdict(decision)]) }
        let result = part.outcome.map { Members($0.members) }.map { members in
            Narration.phrase([members.text("result"), members.word("sqlstate").map { "SQLSTATE \($0)" }])
        }
        let ending = part.transaction.map { Narration.transactionWord(Members($0.members)) }
        return [number, result ?? "no outcome is recorded", ending ?? "no end of its transaction is recorded"]
            .compactMap(\.self).joined(separator: ", ")
    }

    /// A statement that is not the script's.
    package static func name(of decision: JournalRecord) -> String {
        let members = Members(decision.members)
        return Narration.phrase([members.text("statement").map { "#\($0)" }, Narration.statement(members)])
    }

    package static func json(_ match: ScriptMatch) -> JSONObject {
        var object = JSONObject()
        object.append("session", .string(match.session))
        object.append("journal", .string(match.journal))
        if let start = match.start { RowJSON.appendWho(start, to: &object) }
        return object
    }
}
