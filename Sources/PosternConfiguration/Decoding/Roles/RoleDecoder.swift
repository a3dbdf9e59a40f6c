internal import PosternPolicy
internal import PosternSQL

extension Role {
    static let keys: [Key] =
        [
            .optional("description"), .required("database"), .required("login"),
            .optional("shared_login", default: "false"),
            .optional("mode", default: RoleMode.enforce.rawValue),
            .required("who"), .required("rules"), .optional("functions"), .optional("search_paths"),
            .optional("unparsed", default: UnparsedMode.deny.rawValue),
            .optional("large_objects", default: "false"),
            .optional("limits"), .optional("audit"),
        ] + TokenBinding.keys
    static let auditKeys: [Key] = [.optional("sql", default: AuditedSQL.normalized.rawValue)]
    static let maximumEntries = 64
    static let maximumFunctions = 1000

    static func decode(_ member: YAMLMember, log: DiagnosticLog) -> Role? {
        if !isValid(name: member.key) {
            log.error(
                member.location,
                "`\(member.key)` cannot be a role's name",
                hint: "1 to \(maximumNameLength) lower-case letters, digits, `_` and `-`"
            )
        }
        guard let mapping = YAMLMapping(member.value, keys: keys, what: "a role", log: log) else {
            return nil
        }
        let who = mapping.list("who", limit: maximumEntries) { WhoEntry.decode($0, log: log) }
        let rules = mapping.node("rules").flatMap { RoleRules.decode($0, log: log) } ?? .unrestricted
        if case .unrestricted = rules { warnAboutUnused(mapping) }
        return Role(
            name: member.key,
            description: mapping.text("description"),
            database: mapping.name("database") ?? "",
            login: mapping.name("login") ?? "",
            sharedLogin: mapping.bool("shared_login") ?? false,
            who: who ?? [],
            mode: mapping.choice("mode", RoleMode.self) ?? .enforce,
            rules: rules,
            functions: decodeFunctions(mapping),
            searchPaths: decodeSearchPaths(mapping),
            unparsed: mapping.choice("unparsed", UnparsedMode.self) ?? .deny,
            largeObjects: mapping.bool("large_objects") ?? false,
            auditedSQL: decodeAudit(mapping),
            limits: RoleLimits.decode(mapping.node("limits"), isUnrestricted: rules == .unrestricted, log: log),
            binding: TokenBinding.decode(mapping),
            location: member.location
        )
    }

    /// Without rules nothing is decided: these keys would only look as if something were.
    private static func warnAboutUnused(_ mapping: YAMLMapping) {
        guard let rules = mapping.node("rules"), case .text = rules.content else { return }
        for key in ["mode", "functions", "search_paths", "unparsed", "large_objects"] {
            guard mapping.node(key) != nil else { continue }
            mapping.log.warning(
                mapping.location(of: key),
                "`\(key)` means nothing with `rules: unrestricted`"
            )
        }
    }

    private static func decodeAudit(_ mapping: YAMLMapping) -> AuditedSQL {
        guard let node = mapping.node("audit"),
            let audit = YAMLMapping(node, keys: auditKeys, what: "`audit` of a role", log: mapping.log)
        else { return .normalized }
        return audit.choice("sql", AuditedSQL.self) ?? .normalized
    }

    private static func decodeFunctions(_ mapping: YAMLMapping) -> [ObjectName] {
        mapping.list("functions", limit: maximumFunctions) { node -> ObjectName? in
            guard let text = YAMLMapping.text(node, what: "a function", log: mapping.log) else {
                return nil
            }
            do throws(ObjectNameText.Invalid) {
                return try function(text)
            } catch {
                mapping.log.error(node.location, error.reason, hint: error.hint)
                return nil
            }
        } ?? []
    }

    private static func function(_ text: String) throws(ObjectNameText.Invalid) -> ObjectName {
        let parts = try ObjectNameText(text).parts
        guard parts.allSatisfy({ $0.count == 1 }) else {
            throw ObjectNameText.Invalid(
                reason: "`functions` holds names, not patterns",
                hint: "write a rule: `allow: function` with `on: [\"function:\(text)\"]`"
            )
        }
        let names = parts.map { Identifier($0.joined()) }
        // As in SQL, a name without a schema is pg_catalog's where that has it.
        if names.count == 1, BuiltinFunctions.standing(of: names[0]) != nil {
            return ObjectName(schema: "pg_catalog", names[0])
        }
        guard names.count == 2 else {
            throw ObjectNameText.Invalid(
                reason: names.count == 1
                    ? "PostgreSQL has no function `\(text)` of its own"
                    : "`\(text)` has \(names.count) parts, and a function's name has two: schema and name",
                hint: names.count == 1
                    ? "write a function of yours with its schema, as in `public.\(text)`" : nil
            )
        }
        return ObjectName(schema: names[0], names[1])
    }
}
