internal import PosternCore

/// What a session ran, and what was said to it.
extension Narration {
    /// Objects that a line names before it counts.
    private static let objectsShown = 6

    static func statementDecision(_ members: Members) -> [String] {
        let objects = objects(members) { _ in true }
        let statement = phrase([
            members.word("session"), members.text("statement").map { "#\($0)" }, members.text("tag") ?? "statement",
            list(objects, more: members.integer("accesses_left_out") ?? 0),
        ])
        return [statement + ": " + verdict(members, objects: objects), oneLine(members.raw("sql"))]
    }

    private static func verdict(_ members: Members, objects: [String]) -> String {
        let denied = self.objects(members) { $0.text("decision") == "deny" }
        // Which of several, where it is not all of them.
        let which = denied.isEmpty || denied.count == objects.count ? nil : "for \(list(denied))"
        switch (members.text("decision"), members.text("would")) {
        case ("deny", _): return phrase(["denied", cause(members), which])
        case (let decision, "deny"):
            return phrase([word(decision) + ",", "would be denied", cause(members), which])
        case (let decision, _):
            let isForwarded = members.text("forwarded") != "false"
            return phrase([word(decision), cause(members), isForwarded ? nil : "and not forwarded"])
        }
    }

    private static func word(_ decision: String?) -> String { decision == "allow" ? "allowed" : decision ?? "?" }

    private static func cause(_ members: Members) -> String? {
        guard let rule = members.word("rule") else { return members.text("reason").map { "(\($0))" } }
        guard let file = members.word("file"), let line = members.text("line") else { return "by \(rule)" }
        return "by \(rule) at \(file):\(line)"
    }

    /// The objects of the accesses, each once.
    private static func objects(_ members: Members, where holds: (Members) -> Bool) -> [String] {
        var found: [String] = []
        var seen: Set<String> = []
        for access in members.objects("accesses") where holds(access) && access.text("always") == nil {
            guard let object = access.word("object") else { continue }
            let name = access.text("kind").map { "\($0) \(object)" } ?? object
            if seen.insert(name).inserted { found.append(name) }
        }
        return found
    }

    private static func list(_ objects: [String], more: UInt64 = 0) -> String {
        let rest = UInt64(max(0, objects.count - objectsShown)) + min(more, UInt64(UInt32.max))
        return objects.prefix(objectsShown).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    /// A statement's text with single spaces for its line breaks and indents.
    private static func oneLine(_ text: String?) -> String {
        guard let text else { return "" }
        let words = text.unicodeScalars.prefix(2 * TerminalText.maximumLength).split {
            " \t\n\r".unicodeScalars.contains($0)
        }
        return TerminalText.escaped(words.map { String($0) }.joined(separator: " "))
    }

    static func statementOutcome(_ members: Members) -> String {
        let counts = [
            members.integer("rows").map { Quantity.count($0, "row", "rows") },
            members.integer("bytes").map(Quantity.bytes), members.integer("duration_us").map(Quantity.duration),
        ].compactMap(\.self)
        let result = members.text("result")
        return phrase([
            members.word("session"), members.text("statement").map { "#\($0)" }, members.text("tag"),
            result == "ok" ? nil : result, members.word("sqlstate").map { "SQLSTATE \($0)" },
        ]) + (counts.isEmpty ? "" : ": " + counts.joined(separator: ", "))
    }

    static func transactionEnd(_ members: Members) -> String {
        let result =
            switch members.text("result") {
            case "commit": "committed"
            case "rollback": "rolled back"
            case "unknown": "ended nobody knows how"
            case let other: other
            }
        return phrase([members.word("session"), members.text("transaction").map { "transaction \($0)" }, result])
    }
}
