internal import PosternCore

/// One session as one JSON object, written as its records are read.
package enum SessionJSON {
    /// - Parameter write: takes pieces of the text.
    package static func tell(_ trail: SessionTrail, write: (String) throws -> Void) rethrows {
        var head = JSONObject()
        head.append("session", .string(trail.session))
        head.append("journal", .string(trail.journal))
        head.append("chain_name", .string(trail.chain))
        if let start = trail.start {
            head.append(start.frame.event == "session.refused" ? "refused" : "start", fields(start))
        }
        if let end = trail.end { head.append("end", fields(end)) }
        head.append("statement_count", .number(JSONNumber(trail.statements)))
        head.append("denied_count", .number(JSONNumber(trail.denied)))
        try write(String(JSONValue.object(head).text.dropLast()) + ",\"steps\":[")
        var isFirst = true
        try trail.forEachStep { step in
            try write((isFirst ? "\n" : ",\n") + JSONValue.object(object(of: step)).text)
            isFirst = false
        }
        try write("]}\n")
    }

    private static func object(of step: SessionTrail.Step) -> JSONObject {
        var object = JSONObject()
        switch step {
        case .statement(let decision, let outcome):
            object.append("decision", fields(decision))
            if let outcome { object.append("outcome", fields(outcome)) }
        case .transaction(let record): object.append("transaction_end", fields(record))
        case .cancel(let record): object.append("cancel", fields(record))
        case .note(let record): object.append("note", fields(record))
        case .guardResult(let record): object.append("guard_result", fields(record))
        }
        return object
    }

    /// A record's time and place and its own members, without the session's id.
    private static func fields(_ record: JournalRecord) -> JSONValue {
        var object = JSONObject()
        for name in ["chain", "seq", "time"] { object.copy(name, from: record.members) }
        for field in record.fields where field.name != "session" { object.copy(field.name, from: record.members) }
        return .object(object)
    }
}
