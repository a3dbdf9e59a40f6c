internal import PosternCore
internal import PosternPolicy

extension PolicyTest {
    static let keys: [Key] = [
        .required("name"), .required("role"), .required("issuer"), .required("claims"),
        .optional("certificate"), .optional("client_address"), .optional("token_age"),
        .optional("sql"),
        .required("expect"), .optional("would"), .optional("rule"), .optional("reason"),
        .optional("sqlstate"),
        .optional("message"),
    ]

    static func decode(_ node: YAMLNode, log: DiagnosticLog) -> PolicyTest? {
        guard let mapping = YAMLMapping(node, keys: keys, what: "a test", log: log) else { return nil }
        let test = PolicyTest(
            name: mapping.text("name") ?? "",
            role: mapping.text("role") ?? "",
            issuer: mapping.text("issuer") ?? "",
            claims: decodeClaims(mapping),
            certificate: mapping.node("certificate").flatMap { CertificateNames.decode($0, log) },
            clientAddress: decodeAddress(mapping),
            tokenAge: mapping.duration("token_age", in: .zero...IssuerConfiguration.lifetimeRange.upperBound),
            sql: mapping.text("sql"),
            expectation: mapping.choice("expect", Expectation.self) ?? .allow,
            would: mapping.choice("would", Decision.Verdict.self),
            rule: mapping.text("rule"),
            reason: mapping.text("reason"),
            sqlState: mapping.text("sqlstate"),
            message: mapping.text("message"),
            location: node.location
        )
        if mapping.node("expect") != nil { test.check(mapping) }
        return test
    }

    /// What goes with what: a key that would never be looked at is a mistake of its author's.
    private func check(_ mapping: YAMLMapping) {
        func refuse(_ keys: [String], _ reason: String) {
            for key in keys where mapping.node(key) != nil {
                mapping.log.error(mapping.location(of: key), "`\(key)` does not go with \(reason)")
            }
        }
        switch expectation {
        case .refused: refuse(["sql", "would", "rule", "sqlstate", "message"], "`expect: refused`")
        case .deny:
            if mapping.node("sql") == nil {
                mapping.log.error(mapping.location, "`expect: deny` needs `sql`")
            }
            refuse(["would"], "`expect: deny`")
        case .allow:
            if mapping.node("sql") == nil { refuse(["would", "rule"], "a test without `sql`") }
            if would != .deny { refuse(["reason", "sqlstate", "message"], "`expect: allow`") }
        }
    }

    private static func decodeAddress(_ mapping: YAMLMapping) -> ClientAddress? {
        guard let text = mapping.text("client_address") else { return nil }
        if let address = ClientAddress(text) { return address }
        mapping.log.error(
            mapping.location(of: "client_address"),
            "`\(text)` is no address",
            hint: "write it like `10.1.2.3`, `2001:db8::1` or `unix`"
        )
        return nil
    }

    private static func decodeClaims(_ mapping: YAMLMapping) -> JSONObject {
        guard let node = mapping.node("claims") else { return JSONObject() }
        guard case .object(let claims) = JSONValue(node) else {
            if case .refused = node.content { return JSONObject() }
            mapping.log.error(node.location, "`claims` must be a mapping, not \(node.kind)")
            return JSONObject()
        }
        return claims
    }
}

extension CertificateNames {
    static let testKeys: [Key] = [
        .required("subject"), .optional("dns"), .optional("uri"), .optional("email"),
    ]
    private static let maximumNames = 64

    fileprivate static func decode(_ node: YAMLNode, _ log: DiagnosticLog) -> CertificateNames? {
        guard let mapping = YAMLMapping(node, keys: testKeys, what: "`certificate` of a test", log: log) else {
            return nil
        }
        func names(_ key: String) -> [String] {
            guard let node = mapping.node(key) else { return [] }
            if case .text(let text) = node.content { return [text] }
            return mapping.texts(key, limit: maximumNames) ?? []
        }
        return CertificateNames(
            subject: mapping.text("subject") ?? "",
            dns: names("dns").map { $0.lowercased() },
            uris: names("uri"),
            emails: names("email")
        )
    }
}

extension JSONValue {
    /// The same value as JSON has it; what was refused already becomes null.
    fileprivate init(_ node: YAMLNode) {
        switch node.content {
        case .null, .refused: self = .null
        case .bool(let value): self = .bool(value)
        case .number(let number): self = .number(number)
        case .text(let text): self = .string(text)
        case .sequence(let elements): self = .array(elements.map(JSONValue.init))
        case .mapping(let members):
            // The composer has dropped keys that are there twice.
            var object = JSONObject()
            for member in members { object.append(member.key, JSONValue(member.value)) }
            self = .object(object)
        }
    }
}
