internal import PosternCore

/// What a run did, from the receipts of its sessions: in the gateway's words, not the child's.
package struct RunReport: Sendable {
    /// Objects at most; there is the receipt for the rest.
    private static let listLimit = RunTally.listLimit

    private let tally: RunTally
    private let objects: [(name: String, classes: [String])]

    package init(_ tally: RunTally) {
        self.tally = tally
        objects = tally.objects.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted()) }
    }

    /// Whether there is anything to tell.
    package var isEmpty: Bool { tally.sessions == 0 }

    // MARK: For the job's log

    /// Lines without the name of the program in front.
    package var lines: [String] {
        guard !isEmpty else { return ["no session with the gateway"] }
        var lines = [
            "\(Self.counted(tally.sessions, "session"))\(tally.logins.isEmpty ? "" : " as " + tally.logins.joined(separator: ", ")): \(summary)"
        ]
        for denial in tally.denials {
            lines.append("denied: \(denial.statement), \(denial.reason) (session \(denial.session))")
        }
        let untold = tally.denied - tally.denials.count
        if untold > 0 { lines.append("denied: \(untold) more") }
        if !objects.isEmpty {
            let shown = objects.prefix(Self.listLimit).map { "\($0.name) (\($0.classes.joined(separator: ", ")))" }
            lines.append("touched: " + shown.joined(separator: ", ") + more)
        }
        if tally.missing > 0 {
            lines.append(
                "\(Self.counted(tally.missing, "session")) ended without a receipt; the journal has what it did"
            )
        }
        if tally.unsettled > 0 {
            lines.append(
                "\(Self.counted(tally.unsettled, "session")) ended in the middle of a statement, which may still take effect"
            )
        }
        return lines
    }

    private var summary: String {
        let total = tally.statements.reduce(0) { $0 + $1.count }
        let kinds = tally.statements.filter { $0.count > 0 }.map { "\($0.count) \($0.kind)" }.joined(separator: ", ")
        var parts = [Self.counted(total, "statement") + (kinds.isEmpty ? "" : " (\(kinds))")]
        parts.append(Self.counted(tally.rows, "row"))
        parts.append("\(tally.commits) committed")
        parts.append("\(tally.rollbacks) rolled back")
        if tally.errors > 0 { parts.append(Self.counted(tally.errors, "error")) }
        parts.append("\(tally.denied) denied")
        return parts.joined(separator: ", ")
    }

    private var more: String {
        let rest = objects.count - min(objects.count, Self.listLimit) + tally.objectsLeftOut
        return rest > 0 ? " and \(rest) more" : ""
    }

    // MARK: For a job's summary page

    /// GitHub-flavoured Markdown. Names of objects are the database's: what would be markup in them is not.
    package var markdown: String {
        guard !isEmpty else { return "" }
        var text = "### Postern: \(Self.escaped(tally.logins.joined(separator: ", ")))\n\n"
        text += "| sessions | statements | rows | committed | rolled back | errors | denied |\n"
        text += "|---:|---:|---:|---:|---:|---:|---:|\n"
        let counts = [
            tally.sessions, tally.statements.reduce(0) { $0 + $1.count }, tally.rows, tally.commits, tally.rollbacks,
            tally.errors, tally.denied,
        ]
        text += "| " + counts.map(String.init).joined(separator: " | ") + " |\n\n"
        if !tally.denials.isEmpty {
            text += "| denied | because | session |\n|---|---|---|\n"
            for denial in tally.denials {
                text += "| \(Self.escaped(denial.statement)) | \(Self.escaped(denial.reason)) | \(denial.session) |\n"
            }
            text += "\n"
        }
        if !objects.isEmpty {
            text += "| touched | by |\n|---|---|\n"
            for object in objects.prefix(Self.listLimit) {
                text += "| \(Self.escaped(object.name)) | \(object.classes.joined(separator: ", ")) |\n"
            }
            if !more.isEmpty { text += "\n…\(more)\n" }
            text += "\n"
        }
        if tally.missing > 0 { text += "\(Self.counted(tally.missing, "session")) ended without a receipt.\n\n" }
        if tally.unsettled > 0 {
            text += "\(Self.counted(tally.unsettled, "session")) ended in the middle of a statement.\n\n"
        }
        return text
    }

    private static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    /// Everything that Markdown or HTML could take for its own is made a character reference.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            let isPlain =
                scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || " ._-,/".unicodeScalars.contains(scalar)
            if isPlain { escaped.unicodeScalars.append(scalar) } else { escaped += "&#\(scalar.value);" }
        }
        return escaped
    }
}
