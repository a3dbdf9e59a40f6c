internal import PosternCore
internal import PosternIssuer
internal import PosternPolicy

extension TokenIssuerConfiguration {
    static let defaultLifetime = Duration.seconds(3600)
    static let keys: [Key] = [
        .required("issuer"), .required("listen"), .required("audience"), .required("keys"), .optional("token"),
        .required("journal"), .optional("drone", default: "not served"), .optional("woodpecker", default: "not served"),
        .optional("allow"),
    ]
    static let tokenKeys: [Key] = [.optional("lifetime", default: DurationText.print(defaultLifetime))]
    /// A job that waits longer for its database asks for less than a day.
    static let lifetimeRange: ClosedRange<Duration> = .seconds(60) ... .seconds(86_400)

    /// - Returns: nil when the file is no mapping. Otherwise a configuration that is sound only if the log holds no error.
    static func decode(_ root: YAMLNode, _ context: DecodingContext) -> TokenIssuerConfiguration? {
        let log = context.log
        guard let mapping = YAMLMapping(root, keys: keys, what: "the configuration", log: log) else { return nil }
        let token = mapping.node("token").flatMap {
            YAMLMapping($0, keys: tokenKeys, what: "`token`", log: log)
        }
        let configuration = TokenIssuerConfiguration(
            issuer: decodeURL("issuer", of: mapping) ?? "",
            listen: mapping.node("listen").flatMap { Listener.decode($0, context) }
                ?? Listener(address: .network(host: "", port: 0), tls: nil),
            audience: mapping.text("audience") ?? "",
            keys: mapping.node("keys").flatMap { Keys.decode($0, context) } ?? Keys(directory: ""),
            lifetime: token?.duration("lifetime", in: lifetimeRange) ?? defaultLifetime,
            journal: mapping.node("journal").flatMap { Journal.decode($0, context) } ?? Journal(directory: ""),
            drone: mapping.node("drone").flatMap { Drone.decode($0, context) },
            woodpecker: mapping.node("woodpecker").flatMap { Woodpecker.decode($0, context) },
            allow: mapping.node("allow").flatMap { BuildRules.decode($0, context) } ?? BuildRules()
        )
        configuration.check(mapping, log)
        return configuration
    }

    /// What two keys say together.
    private func check(_ mapping: YAMLMapping, _ log: DiagnosticLog) {
        if mapping.node("drone") == nil, mapping.node("woodpecker") == nil {
            log.error(mapping.location, "there is nobody to issue tokens for", hint: "add `drone` or `woodpecker`")
        }
        if !audience.isEmpty, audience == issuer {
            log.error(
                mapping.location(of: "audience"),
                "the audience must not be the issuer's own URL",
                hint: "name the gateway, as in `postern.example.com`"
            )
        }
        if keys.rotateEvery < lifetime + KeyPlan.margin {
            log.error(
                mapping.location(of: "keys"),
                "`rotate_every` is shorter than a token's life and two minutes, which are "
                    + DurationText.print(lifetime + KeyPlan.margin),
                hint: "a key is published for as long as a token of its lives; let each sign for days"
            )
        }
        if !keys.directory.isEmpty, keys.directory == journal.directory {
            log.error(mapping.location(of: "journal"), "keys and journal need folders of their own")
        }
    }

    /// An https URL without a slash at its end: paths are put behind it.
    static func decodeURL(_ key: String, of mapping: YAMLMapping) -> String? {
        guard let text = mapping.text(key) else { return nil }
        IssuerConfiguration.checkURL(key, of: mapping, schemes: ["https"])
        if text.hasSuffix("/") {
            mapping.log.error(mapping.location(of: key), "`\(key)` must not end with a slash")
        }
        return text
    }

    /// A server's name as it stands in claims: what ends with it must not be another one's.
    static func decodeHost(_ mapping: YAMLMapping) -> String {
        guard let host = mapping.text("host") else { return "" }
        let endpoint = try? Endpoint(host.contains(":") ? host : host + ":443")
        if endpoint == nil || host.hasPrefix("unix:") {
            mapping.log.error(
                mapping.location(of: "host"),
                "`\(host)` is not a host's name",
                hint: "write it like `drone.internal`, or `drone.internal:8443`"
            )
        }
        return host
    }
}

extension TokenIssuerConfiguration.Listener {
    static let keys: [Key] = [.required("address"), .optional("tls")]
    static let tlsKeys: [Key] = [.required("certificate"), .required("key")]

    static func decode(_ node: YAMLNode, _ context: DecodingContext) -> Self? {
        let log = context.log
        guard let mapping = YAMLMapping(node, keys: keys, what: "`listen`", log: log) else { return nil }
        let address = mapping.endpoint("address")
        if case .network(let host, _) = address, host != "localhost", !Endpoint.isIP(host) {
            log.error(
                mapping.location(of: "address"),
                "`\(host)` is not an IP address",
                hint: "names are not looked up here: write `0.0.0.0`, `[::]` or one of this machine's addresses"
            )
        }
        var tls: CertificateFiles?
        if let node = mapping.node("tls") {
            tls = CertificateFiles.decode(node, keys: tlsKeys, what: "`tls`", context)
        } else if let address, !address.isLocal {
            log.error(
                mapping.location(of: "address"),
                "an issuer on `\(address)` needs `tls`",
                hint: "requests hold the repositories' keys; only loopback addresses and Unix sockets do without"
            )
        }
        return address.map { Self(address: $0, tls: tls) }
    }
}

extension TokenIssuerConfiguration.Keys {
    static let keys: [Key] = {
        let keys = Self(directory: "")
        return [
            .required("directory"), .optional("rotate_every", default: DurationText.print(keys.rotateEvery)),
            .optional("max_age", default: DurationText.print(keys.maxAge)),
        ]
    }()

    static func decode(_ node: YAMLNode, _ context: DecodingContext) -> Self? {
        guard let mapping = YAMLMapping(node, keys: keys, what: "`keys`", log: context.log) else { return nil }
        var keys = Self(directory: context.path("directory", of: mapping) ?? "")
        let rotation: ClosedRange<Duration> = .seconds(60) ... .seconds(3660 * 86_400)
        keys.rotateEvery = mapping.duration("rotate_every", in: rotation) ?? keys.rotateEvery
        keys.maxAge = mapping.duration("max_age", in: .seconds(1) ... .seconds(3600)) ?? keys.maxAge
        return keys
    }
}

extension TokenIssuerConfiguration.Journal {
    static let keys: [Key] = {
        let journal = Self(directory: "")
        return [
            .required("directory"), .optional("rotate_size", default: SizeText.print(journal.rotateSize)),
            .optional("min_free", default: SizeText.print(journal.minimumFree)),
        ]
    }()

    static func decode(_ node: YAMLNode, _ context: DecodingContext) -> Self? {
        guard let mapping = YAMLMapping(node, keys: keys, what: "`journal`", log: context.log) else { return nil }
        var journal = Self(directory: context.path("directory", of: mapping) ?? "")
        journal.rotateSize = mapping.size("rotate_size", in: (1 << 20)...(1 << 40)) ?? journal.rotateSize
        journal.minimumFree = mapping.size("min_free", in: 0...(1 << 50)) ?? journal.minimumFree
        return journal
    }
}

extension BuildRules {
    static let keys: [Key] = {
        let rules = BuildRules()
        return [
            .optional("events", default: "[" + rules.events.joined(separator: ", ") + "]"),
            .optional("triggers", default: "[" + rules.triggers.joined(separator: ", ") + "]"),
            .optional("forks", default: String(rules.forks)), .optional("restarts", default: String(rules.restarts)),
            .optional("debug", default: String(rules.debug)),
        ]
    }()
    /// Of Drone and of Woodpecker.
    package static let knownEvents = [
        "push", "tag", "cron", "custom", "promote", "rollback", "pull_request", "pull_request_closed", "release",
        "deployment", "manual",
    ]

    static func decode(_ node: YAMLNode, _ context: DecodingContext) -> BuildRules? {
        let log = context.log
        guard let mapping = YAMLMapping(node, keys: keys, what: "`allow`", log: log) else { return nil }
        var rules = BuildRules()
        rules.events =
            mapping.list("events", limit: knownEvents.count) { node in
                guard let word = YAMLMapping.text(node, what: "an event", log: log) else { return nil }
                guard knownEvents.contains(word) else {
                    log.error(
                        node.location,
                        "`\(word)` is not an event of Drone or Woodpecker",
                        hint: Suggestion.hint(for: word, among: knownEvents)
                            ?? "the events are " + knownEvents.joined(separator: ", ")
                    )
                    return nil
                }
                return word
            } ?? rules.events
        rules.triggers = mapping.texts("triggers", limit: 1000) ?? rules.triggers
        rules.forks = mapping.bool("forks") ?? rules.forks
        rules.restarts = mapping.bool("restarts") ?? rules.restarts
        rules.debug = mapping.bool("debug") ?? rules.debug
        return rules
    }
}
