internal import PosternPolicy
internal import PosternSQL

/// Search paths, of databases and of roles.
enum SearchPathDecoder {
    static let maximumSchemas = 64

    /// A schema as the catalogue has it, in a list of them.
    ///
    /// - Returns: nil for what must not stand in a search path: PostgreSQL looks into pg_catalog and pg_temp by
    ///   itself, and `$user` would be another schema for each login.
    static func schema(_ node: YAMLNode, of key: String, log: DiagnosticLog) -> String? {
        guard let schema = YAMLMapping.name(node, what: "a schema of `\(key)`", log: log) else {
            return nil
        }
        let folded = schema.lowercased()
        if folded == "pg_catalog" || folded.hasPrefix("pg_temp") || folded.contains("$user") {
            log.error(node.location, "`\(key)` must not hold `\(schema)`")
            return nil
        }
        if schema.contains("\"") {
            log.error(
                node.location,
                "a schema of `\(key)` is written without PostgreSQL's quotes",
                hint: "it is taken as it stands, upper-case letters included"
            )
            return nil
        }
        return schema
    }
}

extension Role {
    static let maximumSearchPaths = 32

    /// A list of lists of schemas; a path may be empty.
    static func decodeSearchPaths(_ mapping: YAMLMapping) -> [[Identifier]] {
        let log = mapping.log
        return mapping.list("search_paths", limit: maximumSearchPaths) { node -> [Identifier]? in
            switch node.content {
            case .sequence(let elements):
                if elements.count > SearchPathDecoder.maximumSchemas {
                    log.error(
                        node.location,
                        "a path has more than \(SearchPathDecoder.maximumSchemas) schemas"
                    )
                }
                return elements.prefix(SearchPathDecoder.maximumSchemas).compactMap {
                    element -> Identifier? in
                    SearchPathDecoder.schema(element, of: "search_paths", log: log).map { Identifier($0) }
                }
            case .refused: return nil
            case .null, .bool, .number, .text, .mapping:
                log.error(
                    node.location,
                    "a path of `search_paths` must be a list of schemas, not \(node.kind)",
                    hint: "write it like `search_paths: [[audit, public], []]`"
                )
                return nil
            }
        } ?? []
    }
}
