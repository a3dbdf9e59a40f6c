internal import PosternCore

/// What a session ran, and what was said to it.
extension Narration {
    /// Objects that a line names before it counts.
    private static let objectsShown = 6

    static func statementDecision(_ members: Members) -> [String] {
        [
            phrase([members.word("session"), members.text("statement").map { "#\($0)" }, statement(members)]),
            oneLine(members.raw("sql")),
        ]
    }

    /// Tag, objects and verdict: `DROP TABLE public.orders: denied by no-drop at policies/orders.yaml:13`.
    static func statement(_ members: Members) -> String {
        let objects = objects(members) { _ in true }
        let named = phrase([
            members.text("tag") ?? "statement", list(objects, more: members.integer("accesses_left_out") ?? 0),
        ])
        return named + ": " + verdict(members, objects: objects)
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

    /// A verdict without its place: `denied by no-drop`.
    static func shortVerdict(_ members: Members) -> String {
        let cause = members.word("rule").map { "by \($0)" } ?? members.text("reason").map { "(\($0))" }
        switch (members.text("decision"), members.text("would")) {
        case ("deny", _): return phrase(["denied", cause])
        case (let decision, "deny"): return phrase([word(decision) + ", would be denied", cause])
        case (let decision, _): return phrase([word(decision), cause])
        }
    }

    /// The objects of all accesses, each once, without those that every role may touch.
    static func objectNames(_ members: Members) -> [String] { objects(members) { _ in true } }

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
    static func oneLine(_ text: String?) -> String {
        guard let text else { return "" }
        let words = text.unicodeScalars.prefix(2 * TerminalText.maximumLength).split {
            " \t\n\r".unicodeScalars.contains($0)
        }
        return TerminalText.escaped(words.map { String($0) }.joined(separator: " "))
    }

    static func statementOutcome(_ members: Members) -> String {
        let counts = counts(members)
        let result = members.text("result")
        return phrase([
            members.word("session"), members.text("statement").map { "#\($0)" }, members.text("tag"),
            result == "ok" ? nil : result, members.word("sqlstate").map { "SQLSTATE \($0)" },
        ]) + (counts.isEmpty ? "" : ": " + counts.joined(separator: ", "))
    }

    /// An outcome without its statement: `ok, 2 rows, 24 B, 1.2 ms`.
    static func ending(_ members: Members) -> String {
        let result = phrase([
            members.text("result") ?? "?", members.word("sqlstate").map { "SQLSTATE \($0)" },
        ])
        return ([result] + counts(members)).joined(separator: ", ")
    }

    private static func counts(_ members: Members) -> [String] {
        [
            members.integer("rows").map { Quantity.count($0, "row", "rows") },
            members.integer("bytes").map(Quantity.bytes), members.integer("duration_us").map(Quantity.duration),
        ].compactMap(\.self)
    }

    static func transactionEnd(_ members: Members) -> String {
        phrase([
            members.word("session"), members.text("transaction").map { "transaction \($0)" }, transactionWord(members),
        ])
    }

    static func receipt(_ members: Members) -> String {
        phrase([
            members.word("session"), "was given a receipt", members.short("digest").map { "with digest \($0)" },
            members.short("policy_hash").map { "under policy \($0)" },
        ])
    }

    /// What a job says is its own word, and looks like it.
    static func note(_ members: Members) -> [String] {
        [
            phrase([members.word("session"), "had the gateway note, as the job's own word:"]),
            members.json("claimed_by_job") ?? "?",
        ]
    }

    /// Also the job's own word: the gateway counted nothing.
    static func guardResult(_ members: Members) -> [String] {
        [phrase([members.word("session"), "had the gateway note, as the job's own word:"])]
            + guardWords(members.object("claimed_by_job"))
    }

    /// `guard: lost, 0% may be, exit 0` and a line for each table.
    static func guardWords(_ claim: Members) -> [String] {
        let parts = claim.integer("parts").map { $0 > 1 ? "part \(claim.text("part") ?? "?") of \($0)" : "" } ?? ""
        let head = [
            "guard: \(claim.text("verdict") ?? "?")", "\(claim.text("max_loss") ?? "?") may be lost",
            "the command's exit \(claim.text("exit") ?? "?")", parts,
        ]
        return [head.filter { !$0.isEmpty }.joined(separator: ", ")]
            + claim.objects("tables").map { table in
                "\(table.word("table") ?? "?"): \(table.text("before") ?? "?") before, \(table.text("after") ?? "?") after, "
                    + (table.text("verdict") ?? "?")
            }
    }

    static func transactionWord(_ members: Members) -> String {
        switch members.text("result") {
        case "commit": "committed"
        case "rollback": "rolled back"
        case "unknown": "ended nobody knows how"
        case let other: other ?? "?"
        }
    }
}
