internal import PosternCore

/// Events as CSV (RFC 4180): one line each, with what is known of their session.
package enum EventCSV {
    private static let columns = [
        "time", "event", "journal", "chain", "seq", "session", "role", "database", "issuer", "subject", "repository",
        "ref",
        "sha", "run", "run_url", "client", "statement", "transaction", "tag", "class", "objects", "decision", "would",
        "rule", "file", "line", "reason", "stage", "claim", "result", "rows", "bytes", "sqlstate", "duration_us",
        "statements", "denied", "sql",
    ]
    /// Columns that come from the record itself.
    private static let own: Set<String> = [
        "session", "statement", "transaction", "tag", "class", "decision", "would", "rule", "file", "line", "reason",
        "stage", "claim", "result", "rows", "bytes", "sqlstate", "duration_us", "statements", "denied", "sql",
    ]

    package static var header: String { columns.joined(separator: ",") + "\r\n" }

    package static func line(of event: EventStream.Event) -> String {
        let members = event.record.members
        let start = event.start?.members ?? members
        let identity = start["identity"]?.objectValue
        let run = start["run"]?.objectValue
        let cells = columns.map { column -> String in
            switch column {
            case "time": event.record.frame.time
            case "event": event.record.frame.event
            case "journal": cell(.string(event.journal))
            case "chain": event.record.frame.chain.description
            case "seq": String(event.record.frame.seq)
            case "role", "database": cell(start[column])
            case "issuer", "subject": cell(identity?[column])
            case "repository", "ref", "sha": cell(run?[column])
            case "run": cell(run?["id"])
            case "run_url": cell(run?["url"])
            case "client": cell(start["client"]?.objectValue?["address"])
            case "objects": cell(objects(members))
            case let name where own.contains(name): cell(members[name])
            default: ""
            }
        }
        return cells.joined(separator: ",") + "\r\n"
    }

    private static func objects(_ members: JSONObject) -> JSONValue? {
        guard let accesses = members["accesses"]?.arrayValue else { return nil }
        var names: [String] = []
        for access in accesses {
            guard let access = access.objectValue, access["always"] == nil, let name = access["object"]?.stringValue
            else { continue }
            let named = access["kind"]?.stringValue.map { "\($0):\(name)" } ?? name
            if !names.contains(named) { names.append(named) }
        }
        return .string(names.joined(separator: " "))
    }

    private static func cell(_ value: JSONValue?) -> String {
        switch value {
        case .string(let text)?: quoted(text)
        case .number(let number)?: number.text
        case .bool(let bool)?: String(bool)
        case .array?, .object?, .null?, nil: ""
        }
    }

    private static let formulaMarks: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r"]

    /// A text that a spreadsheet would take for a formula has an apostrophe in front: texts here are strangers'.
    private static func quoted(_ text: String) -> String {
        guard let first = text.unicodeScalars.first else { return "" }
        let guarded = formulaMarks.contains(first) ? "'" + text : text
        guard guarded.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return guarded }
        return QuotedText.double(guarded)
    }
}
