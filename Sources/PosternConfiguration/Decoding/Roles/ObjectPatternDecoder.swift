internal import PosternPolicy
internal import PosternSQL

extension RuleScope {
    static let maximumPatterns = 256

    /// `any`, one pattern, or a list of patterns.
    static func decode(_ node: YAMLNode, log: DiagnosticLog) -> RuleScope? {
        let nodes: [YAMLNode]
        switch node.content {
        case .sequence(let elements): nodes = elements
        case .text: nodes = [node]
        case .refused: return nil
        case .null, .bool, .number, .mapping:
            log.error(node.location, "`on` must be a pattern or a list of patterns, not \(node.kind)")
            return nil
        }
        guard (1...maximumPatterns).contains(nodes.count) else {
            log.error(node.location, "`on` must have 1 to \(maximumPatterns) patterns")
            return nil
        }
        var patterns: [ObjectPattern] = []
        var coversAny = false
        for node in nodes {
            guard let text = YAMLMapping.text(node, what: "a pattern of `on`", log: log) else { continue }
            if text == "any" || text == "*.*" {
                coversAny = true
            } else {
                ObjectPattern.decode(text, at: node.location, log: log).map { patterns.append($0) }
            }
        }
        return coversAny ? .any : .patterns(patterns)
    }
}

extension ObjectPattern {
    /// The kinds that a pattern names with a prefix. All others live in a schema and share `schema.name`.
    static let prefixes = ObjectKind.allCases.filter { kind in
        switch kind {
        case .relation, .type, .schemaObject: false
        case .schema, .function, .extension, .channel, .language, .role, .database, .tablespace,
            .server,
            .foreignDataWrapper, .publication, .subscription, .eventTrigger, .accessMethod, .cast,
            .transform,
            .largeObject, .parameter, .file:
            true
        }
    }
    /// The longest path of a file, or description of a cast.
    static let maximumFreeLength = 1024

    static func decode(_ text: String, at location: SourceLocation, log: DiagnosticLog)
        -> ObjectPattern?
    {
        do {
            return try parse(text, at: location)
        } catch {
            log.error(location, error.reason, hint: error.hint)
            return nil
        }
    }

    private static func parse(_ text: String, at location: SourceLocation) throws(ObjectNameText
        .Invalid)
        -> ObjectPattern
    {
        let (kind, rest) = try splitPrefix(text)
        func pattern(schema: [String]?, name: [String]) -> ObjectPattern {
            ObjectPattern(
                kind: kind,
                schema: schema.map(NamePattern.init(pieces:)),
                name: NamePattern(pieces: name),
                description: text,
                location: location
            )
        }
        switch kind {
        case .relation, .type, .schemaObject, .function:
            let parts = try ObjectNameText(rest).parts
            guard parts.count == 2 else {
                throw wrongParts(of: text, rest, kind: kind, count: parts.count)
            }
            return pattern(schema: parts[0], name: parts[1])
        case .schema, .extension, .channel, .language, .role, .database, .tablespace, .server,
            .foreignDataWrapper,
            .publication, .subscription, .eventTrigger, .accessMethod:
            let parts = try ObjectNameText(rest).parts
            guard parts.count == 1 else {
                throw ObjectNameText.Invalid(
                    reason: "`\(rest)` must be one name, because no schema holds a \(kind.rawValue)",
                    hint: "put a name with a dot in quotes, as in `'\(kind.rawValue):\"a.b\"'`"
                )
            }
            return pattern(schema: nil, name: parts[0])
        case .cast, .transform, .largeObject, .parameter, .file:
            // No identifiers: paths, numbers, settings with dots in their names.
            guard !rest.isEmpty, rest.utf8.count <= maximumFreeLength else {
                throw ObjectNameText.Invalid(
                    reason: "a \(kind.rawValue) must have 1 to \(maximumFreeLength) bytes",
                    hint: nil
                )
            }
            let pieces = rest.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
            return pattern(schema: nil, name: pieces)
        }
    }

    /// What stands before the first colon, and what comes after it.
    private static func splitPrefix(_ text: String) throws(ObjectNameText.Invalid) -> (
        ObjectKind, String
    ) {
        let word = text.prefix { $0 != ":" && $0 != "\"" }
        guard word.endIndex < text.endIndex, text[word.endIndex] == ":" else {
            return (.relation, text)
        }
        let rest = String(text[text.index(after: word.endIndex)...])
        if let kind = prefixes.first(where: { $0.rawValue == word }) { return (kind, rest) }
        let isPlain = ["relation", "table", "view", "sequence", "index", "type", "schema_object"]
            .contains(word)
        throw ObjectNameText.Invalid(
            reason: "`\(word)` is not a kind of object that a pattern names",
            hint: isPlain
                ? "tables, views, sequences and types are written without it, as in `public.orders`"
                : Suggestion.hint(for: String(word), among: prefixes.map(\.rawValue))
                    ?? "the kinds are " + prefixes.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        )
    }

    private static func wrongParts(of text: String, _ rest: String, kind: ObjectKind, count: Int)
        -> ObjectNameText.Invalid
    {
        let prefix = kind == .function ? "function:" : ""
        return ObjectNameText.Invalid(
            reason: count == 1
                ? "`\(text)` has no schema"
                : "`\(text)` has \(count) parts, and a pattern has two: schema and name",
            hint: count == 1
                ? "write `\(prefix)public.\(rest)`"
                    + (kind == .function ? "" : ", or `schema:\(rest)` for the schema")
                : "a database is not part of it"
        )
    }
}
