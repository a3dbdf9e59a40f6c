internal import PosternPolicy

extension RoleRules {
    static let maximumRules = 256

    /// A list of rules, or the word `unrestricted`.
    static func decode(_ node: YAMLNode, log: DiagnosticLog) -> RoleRules? {
        let hint = "write a list of rules, or `unrestricted` to let the login's own rights decide"
        switch node.content {
        case .text("unrestricted"): return .unrestricted
        case .sequence(let elements):
            if elements.isEmpty { log.error(node.location, "`rules` must not be empty", hint: hint) }
            if elements.count > maximumRules {
                log.error(node.location, "`rules` has more than \(maximumRules) elements")
            }
            var seen: [String: SourceLocation] = [:]
            let rules = elements.prefix(maximumRules).compactMap { element -> Rule? in
                guard let rule = Rule.decode(element, log: log) else { return nil }
                if let first = seen.updateValue(rule.location, forKey: rule.id), !rule.id.isEmpty {
                    log.error(
                        rule.location,
                        "rule `\(rule.id)` is there twice",
                        hint: "the first is at line \(first.line)"
                    )
                }
                return rule
            }
            return .rules(rules)
        case .refused: return nil
        case .text(let word):
            log.error(
                node.location,
                "`rules` cannot be `\(word)`",
                hint: Suggestion.hint(for: word, among: ["unrestricted"]) ?? hint
            )
        case .null, .bool, .number, .mapping:
            log.error(node.location, "`rules` must be a list, not \(node.kind)", hint: hint)
        }
        return nil
    }
}

extension Rule {
    static let keys: [Key] = [
        .required("id"), .optional("allow"), .optional("deny"),
        .optional("on", default: "everything for `deny`; required for `allow`"),
        .optional("require_where", default: "false"), .optional("message"),
    ]
    static let maximumIDLength = 64
    /// Bytes; it is sent to the job as the hint of an error.
    static let maximumMessageLength = 500

    static func decode(_ node: YAMLNode, log: DiagnosticLog) -> Rule? {
        guard let mapping = YAMLMapping(node, keys: keys, what: "a rule", log: log) else { return nil }
        let id = mapping.text("id") ?? ""
        if !id.isEmpty, !isValid(id: id) {
            log.error(
                mapping.location(of: "id"),
                "`\(id)` cannot be a rule's id",
                hint: "1 to \(maximumIDLength) lower-case letters, digits, `_` and `-`"
            )
        }
        let effect = decodeEffect(mapping)
        let requiresWhere = mapping.bool("require_where") ?? false
        if requiresWhere, effect == .deny {
            log.error(
                mapping.location(of: "require_where"),
                "`require_where` goes with `allow` only",
                hint: "a rule whose condition fails does not match, so a deny would spare what has no WHERE"
            )
        }
        return Rule(
            id: id,
            effect: effect,
            subjects: mapping.node(effect.rawValue).map {
                Subject.decodeList(effect.rawValue, $0, log: log)
            } ?? [],
            scope: decodeScope(mapping, effect) ?? .any,
            requiresWhere: requiresWhere,
            message: decodeMessage(mapping),
            location: node.location
        )
    }

    private static func decodeEffect(_ mapping: YAMLMapping) -> Effect {
        let effects = [Effect.allow, .deny].filter { mapping.node($0.rawValue) != nil }
        if effects.count != 1 {
            mapping.log.error(
                mapping.location,
                effects.isEmpty
                    ? "a rule needs `allow` or `deny`" : "a rule cannot have both `allow` and `deny`",
                hint: effects.isEmpty ? nil : "write two rules"
            )
        }
        return effects.first ?? .deny
    }

    private static func decodeScope(_ mapping: YAMLMapping, _ effect: Effect) -> RuleScope? {
        if let node = mapping.node("on") { return RuleScope.decode(node, log: mapping.log) }
        if effect == .allow {
            mapping.log.error(
                mapping.location,
                "a rule with `allow` needs `on`",
                hint: "name what it is about, as in `on: [\"public.*\"]`, or say `on: any`"
            )
        }
        return .any
    }

    private static func decodeMessage(_ mapping: YAMLMapping) -> String? {
        guard let message = mapping.text("message") else { return nil }
        if message.utf8.count > maximumMessageLength {
            mapping.log.error(
                mapping.location(of: "message"),
                "`message` must not be longer than \(maximumMessageLength) bytes"
            )
        }
        return message
    }

    private static func isValid(id: String) -> Bool {
        (1...maximumIDLength).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
