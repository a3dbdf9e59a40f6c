internal import PosternCore
internal import PosternJournal

/// Whether a script ran, for people and for programs.
struct MatchReport {
    /// Statements without an error that a report names one by one.
    private static let statementsShown = 200

    let script: Script
    let matches: [ScriptMatch]
    let mayHaveOthers: Bool

    var isProven: Bool { matches.contains(where: isProof) }

    private func isProof(_ match: ScriptMatch) -> Bool {
        match.isComplete && match.isDone && (mayHaveOthers || match.otherCount == 0)
    }

    func text(width: Int) -> String {
        let path = TerminalText.word(script.path)
        guard !matches.isEmpty else {
            return "no: no session ran any of the \(count(script.statements.count)) of \(path)\n"
        }
        let proofs = matches.filter(isProof)
        var text =
            proofs.isEmpty
            ? "no: no session ran exactly \(path); this one comes nearest\n"
            : "yes: \(path), \(count(script.statements.count)), ran exactly so in \(proofs.count == 1 ? "1 session" : "\(proofs.count) sessions")\n"
        for match in proofs.isEmpty ? Array(matches.prefix(1)) : proofs {
            text += "\n" + MatchNarrator(match, width: width).head
            if !isProof(match) { text += detail(match) }
        }
        return text
    }

    private func count(_ number: Int) -> String { number == 1 ? "1 statement" : "\(number) statements" }

    private func detail(_ match: ScriptMatch) -> String {
        var lines: [String] = []
        for (number, (part, statement)) in zip(match.parts, script.statements).enumerated() {
            let name = "statement \(number + 1), \(statement.tag) in line \(statement.line)"
            lines.append("  \(name): \(MatchNarrator.state(of: part))\n")
        }
        let shown = lines.prefix(Self.statementsShown)
        var text = shown.joined()
        if lines.count > shown.count { text += "  and \(lines.count - shown.count) more\n" }
        if !mayHaveOthers, match.otherCount > 0 {
            text += "  between them ran \(count(match.otherCount)) that the script does not have:\n"
            for other in match.others { text += "    \(MatchNarrator.name(of: other))\n" }
        }
        return text
    }

    var json: String {
        var object = JSONObject()
        object.append("script", .string(script.path))
        object.append("statements", .number(JSONNumber(script.statements.count)))
        object.append("proven", .bool(isProven))
        object.append("sessions", .array(matches.map(json)))
        return JSONValue.object(object).text
    }

    private func json(_ match: ScriptMatch) -> JSONValue {
        var object = MatchNarrator.json(match)
        object.append("proven", .bool(isProof(match)))
        let parts = zip(match.parts, script.statements).map { part, statement -> JSONValue in
            var object = JSONObject()
            object.append("tag", .string(statement.tag))
            object.append("line", .number(JSONNumber(statement.line)))
            object.append("state", .string(MatchNarrator.state(of: part)))
            if let number = part.decision?.members["statement"] { object.append("statement", number) }
            return .object(object)
        }
        object.append("parts", .array(parts))
        object.append("others", .number(JSONNumber(match.otherCount)))
        return .object(object)
    }
}
