internal import PosternCore
internal import PosternPolicy

extension GatewayConfiguration {
    /// More loops than this and libdispatch runs out of threads for them.
    static let loopsRange = 1...128
    static let keys: [Key] = [
        .optional("name", default: "the host's name"), .optional("loops", default: "half the cores"),
    ]

    static func decode(_ node: YAMLNode?, hostName: String, _ context: DecodingContext)
        -> GatewayConfiguration
    {
        var gateway = GatewayConfiguration(name: hostName, loops: nil)
        guard let node, let mapping = YAMLMapping(node, keys: keys, what: "`gateway`", log: context.log)
        else {
            return gateway
        }
        if let name = mapping.text("name") {
            gateway.name = name
            if !isValid(name: name) {
                context.log.error(
                    mapping.location(of: "name"),
                    "`\(name)` cannot be a gateway's name",
                    hint: "1 to 63 letters, digits, `.`, `_` and `-`"
                )
            }
        }
        gateway.loops = mapping.integer("loops", in: loopsRange)
        return gateway
    }

    static func isValid(name: String) -> Bool {
        (1...63).contains(name.utf8.count)
            && name.allSatisfy {
                $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "_" || $0 == "-")
            }
    }
}

extension ListenerConfiguration {
    static let keys: [Key] = [
        .required("address"), .optional("tls"),
        .optional("authentication", default: Authentication.password.rawValue),
        .optional("oauth"),
    ]
    static let tlsKeys: [Key] = [
        .required("certificate"), .required("key"), .optional("client_ca"),
    ]
    static let maximumCount = 64

    static func decode(_ node: YAMLNode, _ context: DecodingContext) -> ListenerConfiguration? {
        let log = context.log
        guard let mapping = YAMLMapping(node, keys: keys, what: "a listener", log: log) else {
            return nil
        }
        let address = mapping.endpoint("address")
        var tls: CertificateFiles?
        var clientAuthorities: String?
        if let node = mapping.node("tls") {
            tls = CertificateFiles.decode(node, keys: tlsKeys, what: "`tls` of a listener", context)
            if case .mapping = node.content, let own = YAMLMapping(any: node, what: "`tls`", log: log) {
                clientAuthorities = context.file("client_ca", of: own)
            }
        } else if let address, !address.isLocal {
            log.error(
                mapping.location(of: "address"),
                "a listener on `\(address)` needs `tls`",
                hint: "only loopback addresses and Unix sockets do without"
            )
        }
        let authentication = mapping.choice("authentication", Authentication.self) ?? .password
        let oauth = OAuthDiscovery.decode(mapping.node("oauth"), of: node, authentication, log)
        return address.map {
            ListenerConfiguration(
                address: $0,
                tls: tls,
                clientAuthorities: clientAuthorities,
                authentication: authentication,
                oauth: oauth,
                location: node.location
            )
        }
    }
}

extension CertificateFiles {
    static func decode(_ node: YAMLNode, keys: [Key], what: String, _ context: DecodingContext)
        -> CertificateFiles?
    {
        guard let mapping = YAMLMapping(node, keys: keys, what: what, log: context.log) else {
            return nil
        }
        let certificate = context.file("certificate", of: mapping)
        let key = context.file("key", of: mapping, isPrivate: true)
        guard let certificate, let key else { return nil }
        return CertificateFiles(certificate: certificate, key: key)
    }
}

extension AdminConfiguration {
    static let keys: [Key] = [.required("address")]

    static func decode(_ node: YAMLNode, _ context: DecodingContext) -> AdminConfiguration? {
        guard let mapping = YAMLMapping(node, keys: keys, what: "`admin`", log: context.log),
            let address = mapping.endpoint("address")
        else { return nil }
        if !address.isLocal {
            context.log.warning(
                mapping.location(of: "address"),
                "the admin address `\(address)` has neither TLS nor a password",
                hint: "listen on a loopback address, or let only your monitoring reach it"
            )
        }
        return AdminConfiguration(address: address)
    }
}

extension GatewayLimits {
    static let keys: [Key] = {
        let limits = GatewayLimits()
        return [
            .optional("connections", default: String(limits.connections)),
            .optional("unauthenticated", default: String(limits.unauthenticated)),
            .optional("unauthenticated_per_address", default: String(limits.unauthenticatedPerAddress)),
            .optional("login_timeout", default: DurationText.print(limits.loginTimeout)),
            .optional("prepared", default: String(limits.prepared)),
        ]
    }()

    static func decode(_ node: YAMLNode?, _ context: DecodingContext) -> GatewayLimits {
        var limits = GatewayLimits()
        guard let node, let mapping = YAMLMapping(node, keys: keys, what: "`limits`", log: context.log)
        else {
            return limits
        }
        let counts = 1...1_000_000
        limits.connections = mapping.integer("connections", in: counts) ?? limits.connections
        limits.unauthenticated =
            mapping.integer("unauthenticated", in: counts) ?? limits.unauthenticated
        limits.unauthenticatedPerAddress =
            mapping.integer("unauthenticated_per_address", in: counts) ?? limits.unauthenticatedPerAddress
        limits.loginTimeout =
            mapping.duration("login_timeout", in: .milliseconds(100)...(.seconds(600)))
            ?? limits.loginTimeout
        limits.prepared = mapping.integer("prepared", in: counts) ?? limits.prepared
        return limits
    }
}

extension YAMLMapping {
    func endpoint(_ key: String) -> Endpoint? {
        node(key).flatMap { Self.endpoint($0, what: "`\(key)`", log: log) }
    }

    static func endpoint(_ node: YAMLNode, what: String, log: DiagnosticLog) -> Endpoint? {
        guard let text = Self.text(node, what: what, log: log) else { return nil }
        do {
            return try Endpoint(text)
        } catch {
            log.error(node.location, "`\(text)` is no address: \(error.reason)", hint: error.hint)
            return nil
        }
    }
}
