internal import PosternPolicy

extension Role {
    static let keys: [Key] = [
        .optional("description"), .required("database"), .required("login"),
        .optional("shared_login", default: "false"), .optional("mode", default: "enforce"), .required("who"),
        .required("rules"), .optional("limits"),
        .unsupported("functions"), .unsupported("audit"), .unsupported("search_paths"), .unsupported("large_objects"),
        .unsupported("unparsed"), .unsupported("single_use"), .unsupported("max_token_age"),
        .unsupported("client_networks"), .unsupported("end_with_token"),
    ]
    static let maximumEntries = 64

    static func decode(_ member: YAMLMember, log: DiagnosticLog) -> Role? {
        if !isValid(name: member.key) {
            log.error(
                member.location,
                "`\(member.key)` cannot be a role's name",
                hint: "1 to \(maximumNameLength) lower-case letters, digits, `_` and `-`"
            )
        }
        guard let mapping = YAMLMapping(member.value, keys: keys, what: "a role", log: log) else { return nil }
        checkMode(mapping)
        checkRules(mapping)
        let who = mapping.list("who", limit: maximumEntries) { WhoEntry.decode($0, log: log) }
        return Role(
            name: member.key,
            description: mapping.text("description"),
            database: mapping.name("database") ?? "",
            login: mapping.name("login") ?? "",
            sharedLogin: mapping.bool("shared_login") ?? false,
            who: who ?? [],
            rules: .unrestricted,
            limits: mapping.node("limits").map { RoleLimits.decode($0, log: log) } ?? RoleLimits(),
            location: member.location
        )
    }

    private static func checkMode(_ mapping: YAMLMapping) {
        guard let node = mapping.node("mode"), let mode = mapping.text("mode"), mode != "enforce" else { return }
        if mode == "observe" {
            mapping.log.error(node.location, "mode `observe` is not supported by this version", hint: "use `enforce`")
        } else {
            mapping.log.error(
                node.location,
                "`mode` cannot be `\(mode)`",
                hint: Suggestion.hint(for: mode, among: ["enforce"]) ?? "use `enforce`"
            )
        }
    }

    /// Statement rules come with a later version: until then a role must say that it has none.
    private static func checkRules(_ mapping: YAMLMapping) {
        guard let node = mapping.node("rules") else { return }
        switch node.content {
        case .text("unrestricted"), .refused: break
        case .text(let word):
            mapping.log.error(
                node.location,
                "`rules` cannot be `\(word)`",
                hint: Suggestion.hint(for: word, among: ["unrestricted"]) ?? "write `rules: unrestricted`"
            )
        case .null, .bool, .number, .sequence, .mapping:
            mapping.log.error(
                node.location,
                "statement rules are not supported by this version",
                hint: "write `rules: unrestricted`, and let the login's own rights decide"
            )
        }
    }
}

extension WhoEntry {
    static let keys: [Key] = [
        .required("issuer"), .required("claims"), .unsupported("untrusted"), .unsupported("certificate"),
    ]
    static let maximumClaims = 64

    static func decode(_ node: YAMLNode, log: DiagnosticLog) -> WhoEntry? {
        guard let mapping = YAMLMapping(node, keys: keys, what: "an entry of `who`", log: log) else { return nil }
        var claims: [Claim] = []
        if let node = mapping.node("claims"), let all = YAMLMapping(any: node, what: "`claims`", log: log) {
            if all.members.isEmpty {
                log.error(node.location, "`claims` must not be empty", hint: "any token of the issuer would match")
            }
            if all.members.count > maximumClaims {
                log.error(node.location, "`claims` has more than \(maximumClaims) members")
            }
            claims = all.members.prefix(maximumClaims).compactMap { decodeClaim($0, log: log) }
        }
        return WhoEntry(issuer: mapping.text("issuer") ?? "", claims: claims, location: mapping.location(of: "issuer"))
    }

    private static func decodeClaim(_ member: YAMLMember, log: DiagnosticLog) -> Claim? {
        guard let name = ClaimName(member.key) else {
            log.error(
                member.location,
                "`\(member.key)` is neither a claim's name nor a JSON pointer",
                hint: "in a pointer `~` is written `~0`"
            )
            return nil
        }
        return ClaimMatcher.decode(member.value, log: log).map {
            Claim(name: name, matcher: $0, location: member.location)
        }
    }
}

extension RoleLimits {
    static let keys: [Key] = {
        let limits = RoleLimits()
        return [
            .optional("session", default: DurationText.print(limits.session)),
            .optional("idle", default: DurationText.print(limits.idle)),
            .optional("idle_in_transaction", default: DurationText.print(limits.idleInTransaction)),
            .optional("sessions", default: String(limits.sessions)),
            .unsupported("statement"), .unsupported("statement_size"), .unsupported("rows_changed"),
        ]
    }()

    static func decode(_ node: YAMLNode, log: DiagnosticLog) -> RoleLimits {
        var limits = RoleLimits()
        guard let mapping = YAMLMapping(node, keys: keys, what: "`limits` of a role", log: log) else { return limits }
        let range: ClosedRange<Duration> = .milliseconds(100) ... .seconds(30 * 86_400)
        limits.session = mapping.duration("session", in: range) ?? limits.session
        limits.idle = mapping.duration("idle", in: range) ?? limits.idle
        limits.idleInTransaction = mapping.duration("idle_in_transaction", in: range) ?? limits.idleInTransaction
        limits.sessions = mapping.integer("sessions", in: 1...100_000) ?? limits.sessions
        return limits
    }
}
