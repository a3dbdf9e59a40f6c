internal import PosternCore

/// What was found, as a line of JSON for a program.
package enum RowJSON {
    package static func line(of row: JournalRow) -> String {
        var object = JSONObject()
        switch row {
        case .session(let session): append(session, to: &object)
        case .statement(let statement): append(statement, to: &object)
        case .guardResult(let result): append(result, to: &object)
        }
        return JSONValue.object(object).text + "\n"
    }

    private static func append(_ row: SessionRow, to object: inout JSONObject) {
        object.append("time", .string(row.start.frame.time))
        object.copy("session", from: row.start.members)
        object.append("event", .string(row.start.frame.event))
        appendWho(row.start, to: &object)
        object.append("statements", .number(JSONNumber(row.statements)))
        object.append("denied", .number(JSONNumber(row.denied)))
        object.copy("stage", from: row.start.members)
        object.copy("reason", from: row.start.members)
        object.copy("claim", from: row.start.members)
        if let end = row.end?.members {
            object.copy("reason", from: end, as: "end")
            object.copy("rows", from: end)
            object.copy("duration_us", from: end)
        }
        object.append("journal", .string(row.journal))
    }

    private static func append(_ row: StatementRow, to object: inout JSONObject) {
        object.append("time", .string(row.decision.frame.time))
        object.copy("session", from: row.decision.members)
        if let start = row.start { appendWho(start, to: &object) }
        for name in [
            "statement", "transaction", "tag", "class", "sql", "fingerprint", "accesses", "decision", "would", "rule",
            "file", "line", "reason", "forwarded",
        ] {
            object.copy(name, from: row.decision.members)
        }
        if let outcome = row.outcome?.members {
            for name in ["result", "rows", "sqlstate", "duration_us"] { object.copy(name, from: outcome) }
        }
        if let transaction = row.transaction?.members {
            object.copy("result", from: transaction, as: "transaction_result")
        }
        object.append("chain", .string(row.decision.frame.chain.description))
        object.append("seq", .number(JSONNumber(row.decision.frame.seq)))
        object.append("journal", .string(row.journal))
    }

    private static func append(_ row: GuardRow, to object: inout JSONObject) {
        object.append("time", .string(row.result.frame.time))
        object.copy("session", from: row.result.members)
        if let start = row.start { appendWho(start, to: &object) }
        object.copy("claimed_by_job", from: row.result.members)
        object.append("chain", .string(row.result.frame.chain.description))
        object.append("seq", .number(JSONNumber(row.result.frame.seq)))
        object.append("journal", .string(row.journal))
    }

    static func appendWho(_ start: JournalRecord, to object: inout JSONObject) {
        let identity = start.members["identity"]?.objectValue ?? [:]
        let run = start.members["run"]?.objectValue ?? [:]
        object.copy("role", from: start.members)
        object.copy("database", from: start.members)
        object.copy("issuer", from: identity)
        object.copy("subject", from: identity)
        for name in ["repository", "ref", "sha"] { object.copy(name, from: run) }
        object.copy("id", from: run, as: "run")
        object.copy("url", from: run, as: "run_url")
    }
}

extension JSONObject {
    /// Adds a member of another object, where that has it and this one has not.
    mutating func copy(_ name: String, from other: JSONObject, as newName: String? = nil) {
        let newName = newName ?? name
        guard let value = other[name], self[newName] == nil else { return }
        append(newName, value)
    }
}
