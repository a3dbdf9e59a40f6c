internal import PosternCore

/// What one receipt says, as far as a summary shows it (docs/receipts.md).
///
/// Names of objects are the database's, and whoever made them could have meant a terminal, or a CI system that takes
/// commands from its log: they are escaped.
struct ReceiptFacts {
    struct Denial {
        let statement: String
        let reason: String
        let session: String
    }

    let session: String
    let role: String
    let database: String
    /// Forwarded statements by class.
    let statements: [(kind: String, count: Int)]
    let errors: Int
    let commits: Int
    let rollbacks: Int
    let rows: Int
    let denied: Int
    let denials: [Denial]
    /// Objects with the classes of what touched them.
    let objects: [(name: String, classes: [String])]
    let objectsLeftOut: Int

    /// - Returns: nil for what is no receipt of version 1.
    init?(_ receipt: [UInt8]) {
        guard let value = try? JSONParser.parse(receipt, limits: .init(bytes: 512 << 10, depth: 16)),
            let object = value.objectValue, object["v"]?.numberValue?.integer == 1,
            let session = object["session"]?.stringValue
        else { return nil }
        func count(_ object: JSONObject?, _ name: String) -> Int {
            Int(clamping: max(0, object?[name]?.numberValue?.integer ?? 0))
        }
        self.session = session
        role = TerminalText.escaped(object["role"]?.stringValue ?? "")
        database = TerminalText.escaped(object["database"]?.stringValue ?? "")
        let classes = object["statements"]?.objectValue
        statements = (classes?.members ?? []).map { ($0.name, count(classes, $0.name)) }
        errors = count(object["outcomes"]?.objectValue, "error")
        commits = count(object["transactions"]?.objectValue, "commit")
        rollbacks = count(object["transactions"]?.objectValue, "rollback")
        rows = count(object, "rows")
        denied = count(object, "denied")
        objectsLeftOut = count(object, "objects_left_out")
        denials = (object["denials"]?.arrayValue ?? []).compactMap(\.objectValue).map { denial in
            let tag = denial["tag"]?.stringValue ?? "a statement"
            let target = denial["object"]?.stringValue.map { " on \($0)" } ?? ""
            let rule = denial["rule"]?.stringValue.map { "rule \($0)" }
            return Denial(
                statement: TerminalText.escaped(tag + target),
                reason: TerminalText.escaped(rule ?? denial["reason"]?.stringValue ?? "no rule allows it"),
                session: TerminalText.escaped(session)
            )
        }
        objects = (object["objects"]?.arrayValue ?? []).compactMap(\.objectValue).map { entry in
            let kind = entry["kind"]?.stringValue.map { "\($0) " } ?? ""
            return (
                TerminalText.escaped(kind + (entry["object"]?.stringValue ?? "")),
                (entry["classes"]?.arrayValue ?? []).compactMap(\.stringValue).map(TerminalText.escaped)
            )
        }
    }
}
