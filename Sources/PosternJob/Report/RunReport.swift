internal import PosternCore

/// What a run did, from the receipts of its sessions: in the gateway's words, not the child's.
package struct RunReport: Sendable {
    /// Lines of denials and of objects at most; there is the receipt for the rest.
    private static let listLimit = 10

    private let sessions: Int
    private let missing: Int
    private let logins: [String]
    private let statements: [(kind: String, count: Int)]
    private let errors: Int
    private let commits: Int
    private let rollbacks: Int
    private let rows: Int
    private let denied: Int
    private let denials: [(statement: String, reason: String, session: String)]
    private let objects: [(name: String, classes: [String])]
    private let objectsLeftOut: Int

    package init(_ bundle: ReceiptBundle) {
        let facts = bundle.receipts.compactMap(ReceiptFacts.init)
        sessions = bundle.receipts.count + bundle.missing
        missing = bundle.missing + (bundle.receipts.count - facts.count)
        var logins: [String] = []
        var statements: [(kind: String, count: Int)] = []
        var objects: [String: Set<String>] = [:]
        for fact in facts {
            let login = "\(fact.role) on \(fact.database)"
            if !logins.contains(login) { logins.append(login) }
            for (kind, count) in fact.statements {
                if let index = statements.firstIndex(where: { $0.kind == kind }) {
                    statements[index].count += count
                } else {
                    statements.append((kind, count))
                }
            }
            for (name, classes) in fact.objects { objects[name, default: []].formUnion(classes) }
        }
        self.logins = logins
        self.statements = statements
        self.objects = objects.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted()) }
        errors = facts.reduce(0) { $0 + $1.errors }
        commits = facts.reduce(0) { $0 + $1.commits }
        rollbacks = facts.reduce(0) { $0 + $1.rollbacks }
        rows = facts.reduce(0) { $0 + $1.rows }
        denied = facts.reduce(0) { $0 + $1.denied }
        objectsLeftOut = facts.reduce(0) { $0 + $1.objectsLeftOut }
        denials = facts.flatMap { fact in fact.denials.map { ($0.statement, $0.reason, $0.session) } }
    }

    /// Whether there is anything to tell.
    package var isEmpty: Bool { sessions == 0 }

    // MARK: For the job's log

    /// Lines without the name of the program in front.
    package var lines: [String] {
        guard !isEmpty else { return ["no session with the gateway"] }
        var lines = [
            "\(Self.counted(sessions, "session"))\(logins.isEmpty ? "" : " as " + logins.joined(separator: ", ")): \(summary)"
        ]
        for denial in denials.prefix(Self.listLimit) {
            lines.append("denied: \(denial.statement), \(denial.reason) (session \(denial.session))")
        }
        if denied > Self.listLimit { lines.append("denied: \(denied - Self.listLimit) more") }
        if !objects.isEmpty {
            let shown = objects.prefix(Self.listLimit).map { "\($0.name) (\($0.classes.joined(separator: ", ")))" }
            lines.append("touched: " + shown.joined(separator: ", ") + more)
        }
        if missing > 0 {
            lines.append("\(Self.counted(missing, "session")) ended without a receipt; the journal has what it did")
        }
        return lines
    }

    private var summary: String {
        let total = statements.reduce(0) { $0 + $1.count }
        let kinds = statements.filter { $0.count > 0 }.map { "\($0.count) \($0.kind)" }.joined(separator: ", ")
        var parts = [Self.counted(total, "statement") + (kinds.isEmpty ? "" : " (\(kinds))")]
        parts.append(Self.counted(rows, "row"))
        parts.append("\(commits) committed")
        parts.append("\(rollbacks) rolled back")
        if errors > 0 { parts.append(Self.counted(errors, "error")) }
        parts.append("\(denied) denied")
        return parts.joined(separator: ", ")
    }

    private var more: String {
        let rest = objects.count - min(objects.count, Self.listLimit) + objectsLeftOut
        return rest > 0 ? " and \(rest) more" : ""
    }

    // MARK: For a job's summary page

    /// GitHub-flavoured Markdown. Names of objects are the database's: what would be markup in them is not.
    package var markdown: String {
        guard !isEmpty else { return "" }
        var text = "### Postern: \(Self.escaped(logins.joined(separator: ", ")))\n\n"
        text += "| sessions | statements | rows | committed | rolled back | errors | denied |\n"
        text += "|---:|---:|---:|---:|---:|---:|---:|\n"
        let total = statements.reduce(0) { $0 + $1.count }
        text += "| \(sessions) | \(total) | \(rows) | \(commits) | \(rollbacks) | \(errors) | \(denied) |\n\n"
        if !denials.isEmpty {
            text += "| denied | because | session |\n|---|---|---|\n"
            for denial in denials.prefix(Self.listLimit) {
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
        if missing > 0 { text += "\(Self.counted(missing, "session")) ended without a receipt.\n\n" }
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
