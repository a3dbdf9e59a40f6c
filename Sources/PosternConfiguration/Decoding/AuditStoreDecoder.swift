internal import PosternPolicy

extension AuditStoreConfiguration {
    static let keys: [Key] =
        [.required("hosts"), .required("dbname"), .required("user"), .optional("password")]
        + DatabaseConfiguration.keys.filter { shared.contains($0.name) }
    /// Keys that mean what they mean for a database.
    private static let shared: Set = ["tls", "client_certificate", "auth_methods", "connect_timeout", "superuser"]

    static func decode(_ node: YAMLNode, _ context: DecodingContext) -> AuditStoreConfiguration? {
        let log = context.log
        guard let mapping = YAMLMapping(node, keys: keys, what: "`postgres`", log: log) else { return nil }
        var database = DatabaseConfiguration(
            name: "audit.postgres",
            hosts: [],
            targetSession: .readWrite,
            logins: [],
            location: node.location
        )
        database.decodeServer(mapping, context)
        database.superuser = mapping.bool("superuser") ?? database.superuser
        database.checkServer(mapping, sends: "the journal's records")
        let password = mapping.node("password").flatMap { node in
            log.hidingSource { SecretReference.decode(node, what: "`password`", context) }
        }
        if mapping.node("password") == nil, !database.authenticationMethods.contains(.none) {
            log.error(
                node.location,
                "`postgres` needs a `password`",
                hint: "or `auth_methods: [none]` where the server asks for none"
            )
        }
        guard let user = mapping.name("user") else { return nil }
        let login = DatabaseConfiguration.Login(name: user, password: password, location: mapping.location(of: "user"))
        return AuditStoreConfiguration(database: database, login: login)
    }
}
