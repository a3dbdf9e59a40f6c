internal import PosternCore
internal import PosternPolicy

extension DatabaseConfiguration {
    static let keys: [Key] = {
        let database = DatabaseConfiguration(
            name: "",
            hosts: [],
            logins: [],
            location: SourceLocation(file: "", line: 0, column: 0)
        )
        let methods = database.authenticationMethods.map(\.rawValue).joined(separator: ", ")
        return [
            .required("hosts"),
            .optional("target_session_attrs", default: database.targetSession.rawValue),
            .optional("dbname", default: "the name of the entry"),
            .optional("tls"), .optional("client_certificate"),
            .optional("auth_methods", default: "[" + methods + "]"),
            .optional("scram_iterations_max", default: String(database.maximumSCRAMIterations)),
            .optional("connect_timeout", default: DurationText.print(database.connectTimeout)),
            .optional("connections", default: String(database.connections)),
            .optional(
                "search_path",
                default: "`[public]` for roles with rules, the server's own for others"
            ),
            .optional("superuser", default: String(database.superuser)),
            .optional("identity_settings", default: String(database.identitySettings)),
            .required("logins"), .optional("catalog_login"),
        ]
    }()
    static let clientCertificateKeys: [Key] = [.required("certificate"), .required("key")]
    static let maximumHosts = 16
    /// PostgreSQL's NAMEDATALEN less the final NUL.
    static let maximumNameLength = 63

    static func decode(_ name: String, _ node: YAMLNode, _ context: DecodingContext)
        -> DatabaseConfiguration?
    {
        let log = context.log
        guard let mapping = YAMLMapping(node, keys: keys, what: "a database", log: log) else {
            return nil
        }
        var database = DatabaseConfiguration(name: name, hosts: [], logins: [], location: node.location)
        database.decodeServer(mapping, context)
        database.targetSession =
            mapping.choice("target_session_attrs", TargetSession.self) ?? database.targetSession
        database.maximumSCRAMIterations =
            mapping.integer("scram_iterations_max", in: 4096...10_000_000)
            ?? database.maximumSCRAMIterations
        database.connections = mapping.integer("connections", in: 1...100_000) ?? database.connections
        database.searchPath = mapping.list("search_path", limit: SearchPathDecoder.maximumSchemas) {
            SearchPathDecoder.schema($0, of: "search_path", log: log)
        }
        database.superuser = mapping.bool("superuser") ?? database.superuser
        database.identitySettings = mapping.bool("identity_settings") ?? database.identitySettings
        let needsPassword = !database.authenticationMethods.contains(.none)
        if let node = mapping.node("logins") {
            database.logins = log.hidingSource {
                decodeLogins(node, needsPassword: needsPassword, context)
            }
        }
        database.catalogLogin = database.decodeCatalogLogin(mapping)
        database.checkServer(mapping, sends: "statements and rows")
        return database
    }

    /// How the servers are reached and trusted: the keys that a database and the auditors' store share.
    mutating func decodeServer(_ mapping: YAMLMapping, _ context: DecodingContext) {
        let log = context.log
        hosts =
            mapping.list("hosts", limit: Self.maximumHosts) { node in
                YAMLMapping.endpoint(node, what: "a host", log: log)
            } ?? []
        for host in hosts {
            if case .network(_, port: 0) = host {
                log.error(mapping.location(of: "hosts"), "`\(host)` has port 0")
            }
        }
        if let text = mapping.name("dbname") { databaseName = text }
        if let node = mapping.node("tls") { tls = UpstreamTLS.decode(node, context) }
        if let node = mapping.node("client_certificate") {
            clientCertificate = CertificateFiles.decode(
                node,
                keys: Self.clientCertificateKeys,
                what: "`client_certificate`",
                context
            )
        }
        authenticationMethods =
            mapping.list("auth_methods", limit: AuthenticationMethod.allCases.count) { node in
                YAMLMapping.text(node, what: "a method", log: log).flatMap { word in
                    YAMLMapping.choice(
                        word,
                        at: node.location,
                        what: "a method of `auth_methods`",
                        AuthenticationMethod.self,
                        log: log
                    )
                }
            } ?? authenticationMethods
        connectTimeout =
            mapping.duration("connect_timeout", in: .milliseconds(100)...(.seconds(60)))
            ?? connectTimeout
    }

    private func decodeCatalogLogin(_ mapping: YAMLMapping) -> Login? {
        guard let name = mapping.name("catalog_login") else { return nil }
        guard let login = login(named: name) else {
            mapping.log.error(
                mapping.location(of: "catalog_login"),
                "there is no login `\(name)`",
                hint: Suggestion.hint(for: name, among: logins.map(\.name)) ?? "it must be one of `logins`"
            )
            return nil
        }
        return login
    }

    private static func decodeLogins(
        _ node: YAMLNode,
        needsPassword: Bool,
        _ context: DecodingContext
    ) -> [Login] {
        let log = context.log
        guard let mapping = YAMLMapping(any: node, what: "`logins`", log: log) else { return [] }
        if mapping.members.isEmpty { log.error(node.location, "`logins` must not be empty") }
        return mapping.members.compactMap { Login.decode($0, needsPassword: needsPassword, context) }
            .sorted { $0.name < $1.name }
    }

    /// What no single key of `decodeServer` can tell.
    ///
    /// - Parameter sends: what crosses the network, for the warning where nothing protects it.
    func checkServer(_ mapping: YAMLMapping, sends: String) {
        let log = mapping.log
        if tls.mode != .disable, hosts.contains(where: { if case .unix = $0 { true } else { false } }) {
            log.error(
                mapping.location(of: "hosts"),
                "there is no TLS over a Unix socket",
                hint: "write `tls: {mode: disable}` where all hosts are local"
            )
        }
        let leavesMachine = tls.mode == .disable && hosts.contains { !$0.isLocal }
        if leavesMachine, authenticationMethods.contains(.password) {
            log.error(
                mapping.location(of: "auth_methods"),
                "`password` would send the login's password in clear text over the network",
                hint: "use TLS, or `scram-sha-256`"
            )
        } else if leavesMachine {
            log.warning(
                mapping.location(of: "tls"),
                "\(sends) cross the network in clear text"
            )
        }
        if clientCertificate != nil, tls.mode == .disable {
            log.error(mapping.location(of: "client_certificate"), "a client certificate needs TLS")
        }
    }
}

extension DatabaseConfiguration.Login {
    static let keys: [Key] = [.optional("password")]

    static func decode(_ member: YAMLMember, needsPassword: Bool, _ context: DecodingContext) -> Self? {
        let limit = DatabaseConfiguration.maximumNameLength
        guard (1...limit).contains(member.key.utf8.count), !member.key.utf8.contains(0) else {
            context.log.error(member.location, "a login's name must be 1 to \(limit) bytes long")
            return nil
        }
        guard let mapping = YAMLMapping(member.value, keys: keys, what: "a login", log: context.log)
        else { return nil }
        let password = mapping.node("password").flatMap {
            SecretReference.decode($0, what: "`password`", context)
        }
        if mapping.node("password") == nil, needsPassword {
            context.log.error(
                member.location,
                "login `\(member.key)` needs a `password`",
                hint: "or `auth_methods: [none]` where the server asks for none"
            )
        }
        return Self(name: member.key, password: password, location: member.location)
    }
}

extension UpstreamTLS {
    static let keys: [Key] = [
        .optional("mode", default: UpstreamTLS().mode.rawValue),
        .optional("ca_file", default: "the system's certification authorities"),
        .optional("negotiation", default: UpstreamTLS().negotiation.rawValue),
    ]

    static func decode(_ node: YAMLNode, _ context: DecodingContext) -> UpstreamTLS {
        var tls = UpstreamTLS()
        guard let mapping = YAMLMapping(node, keys: keys, what: "`tls` of a database", log: context.log)
        else {
            return tls
        }
        if let mode = mapping.node("mode"), case .text(let word) = mode.content,
            ["require", "prefer", "allow"].contains(word)
        {
            context.log.error(
                mode.location,
                "`mode` cannot be `\(word)`, which would trust any server",
                hint:
                    "use `verify-full` with `ca_file`, or `verify-ca` where the name in the certificate differs"
            )
        } else {
            tls.mode = mapping.choice("mode", Mode.self) ?? tls.mode
        }
        tls.certificateAuthorities = context.file("ca_file", of: mapping)
        tls.negotiation = mapping.choice("negotiation", Negotiation.self) ?? tls.negotiation
        return tls
    }
}

extension YAMLMapping {
    /// A name inside PostgreSQL, which cuts longer ones silently.
    func name(_ key: String) -> String? {
        node(key).flatMap { Self.name($0, what: "`\(key)`", log: log) }
    }

    static func name(_ node: YAMLNode, what: String, log: DiagnosticLog) -> String? {
        guard let text = text(node, what: what, log: log) else { return nil }
        guard text.utf8.count <= DatabaseConfiguration.maximumNameLength else {
            log.error(
                node.location,
                "\(what) must not be longer than \(DatabaseConfiguration.maximumNameLength) bytes"
            )
            return nil
        }
        return text
    }
}
