package import PosternPolicy
internal import PosternSQL

extension Rule.Subject {
    /// Shorter ways to write tags, as PostgreSQL's statements have them.
    static let shortForms: [(word: String, tags: [CommandTag])] = [
        ("ALTER GROUP", [.alterRole]), ("ALTER USER", [.alterRole]),
        ("CLOSE", [.closeCursor]),
        ("COPY", [.copyTo, .copyFrom]),
        ("CREATE GROUP", [.createRole]), ("CREATE USER", [.createRole]),
        ("DECLARE", [.declareCursor]),
        ("DISCARD", [.discardAll, .discardPlans, .discardSequences, .discardTemp]),
        ("DROP GROUP", [.dropRole]), ("DROP USER", [.dropRole]),
        ("LOCK", [.lockTable]),
        ("TRUNCATE", [.truncateTable]),
    ]
    static let maximumWords = 64

    /// What `allow` or `deny` may hold: classes in lower case, tags and their short forms in upper case.
    package static var words: [String] {
        StatementClass.allCases.map(\.rawValue) + CommandTag.allCases.map(\.rawValue)
            + shortForms.map(\.word)
    }

    /// What a word that is no class means: a tag, or the tags that it is short for; none where it is neither.
    private static func tags(of word: String) -> [CommandTag] {
        if let tag = CommandTag(rawValue: word) { return [tag] }
        return shortForms.first { $0.word == word }?.tags ?? []
    }

    /// The tags that a word means where a tag is asked for, by their names.
    package static func tagNames(of word: String) -> [String] { tags(of: word).map(\.rawValue) }

    /// "did you mean", for a word that means no tag.
    package static func hint(forTag word: String) -> String? {
        Suggestion.hint(for: word, among: CommandTag.allCases.map(\.rawValue) + shortForms.map(\.word))
    }

    /// A word or a list of words, each subject once.
    static func decodeList(_ key: String, _ node: YAMLNode, log: DiagnosticLog) -> [Rule.Subject] {
        let nodes: [YAMLNode]
        switch node.content {
        case .sequence(let elements): nodes = elements
        case .text: nodes = [node]
        case .refused: return []
        case .null, .bool, .number, .mapping:
            log.error(
                node.location,
                "`\(key)` must be a class, a tag or a list of them, not \(node.kind)"
            )
            return []
        }
        guard (1...maximumWords).contains(nodes.count) else {
            log.error(node.location, "`\(key)` must have 1 to \(maximumWords) words")
            return []
        }
        var subjects: [Rule.Subject] = []
        for node in nodes {
            guard let word = YAMLMapping.text(node, what: "a word of `\(key)`", log: log) else {
                continue
            }
            let found = decode(word)
            if found.isEmpty {
                log.error(
                    node.location,
                    "`\(word)` is neither a class nor a tag",
                    hint: Suggestion.hint(for: word, among: words)
                        ?? "a class is one of "
                        + StatementClass.allCases.map { "`\($0.rawValue)`" }
                        .joined(separator: ", ") + "; a tag is PostgreSQL's, as in `CREATE TABLE`"
                )
            }
            subjects += found.filter { !subjects.contains($0) }
        }
        return subjects
    }

    private static func decode(_ word: String) -> [Rule.Subject] {
        if let statementClass = StatementClass(rawValue: word) {
            return [.statementClass(statementClass)]
        }
        return tags(of: word).map(Rule.Subject.tag)
    }
}
