internal import PosternCore
internal import PosternPolicy

extension IssuerConfiguration {
    static let keys: [Key] = {
        let issuer = IssuerConfiguration(
            name: "",
            issuer: "",
            audience: "",
            location: SourceLocation(file: "", line: 0, column: 0)
        )
        return [
            .required("profile"), .required("issuer"), .required("audience"),
            .optional("jwks_uri", default: "the discovery document's"), .optional("jwks_file"),
            .optional("ca_file", default: "the system's certification authorities"),
            .optional("authorization"),
            .optional("proxy"), .optional("allow_private", default: String(issuer.allowPrivate)),
            .optional("algorithms", default: "those of the profile"),
            .optional("clock_skew", default: DurationText.print(issuer.clockSkew)),
            .optional("max_token_age", default: "none"),
            .optional("max_token_lifetime", default: defaultLifetimes),
            .optional("trust", default: "all"),
        ]
    }()
    static let authorizationKeys: [Key] = [.required("file")]
    static let trustKeys: [Key] = [.required("claim"), .required("values")]
    /// `github` 15m, and so on; at the end what all others have.
    private static let defaultLifetimes: String = {
        let usual = IssuerProfile.generic.facts.maximumTokenLifetime
        let others = IssuerProfile.allCases.filter { $0.facts.maximumTokenLifetime != usual }.map {
            "\($0.rawValue) \(DurationText.print($0.facts.maximumTokenLifetime))"
        }
        return others.joined(separator: ", ") + ", all others " + DurationText.print(usual)
    }()
    static let lifetimeRange: ClosedRange<Duration> = .seconds(1) ... .seconds(7 * 86_400)

    static func decode(_ name: String, _ node: YAMLNode, _ context: DecodingContext)
        -> IssuerConfiguration?
    {
        let log = context.log
        guard let mapping = YAMLMapping(node, keys: keys, what: "an issuer", log: log) else {
            return nil
        }
        let profile = mapping.choice("profile", IssuerProfile.self)
        var issuer = IssuerConfiguration(
            name: name,
            profile: profile ?? .generic,
            issuer: mapping.text("issuer") ?? "",
            audience: mapping.text("audience") ?? "",
            location: node.location
        )
        if !issuer.issuer.isEmpty { checkURL("issuer", of: mapping, schemes: ["https"]) }
        if !issuer.audience.isEmpty { issuer.checkAudience(mapping) }
        issuer.keySource = decodeKeySource(mapping, context)
        issuer.certificateAuthorities = context.file("ca_file", of: mapping)
        issuer.authorizationFile = log.hidingSource { decodeAuthorization(mapping, context) }
        if let proxy = mapping.text("proxy") {
            // A password in the URL is refused, and must not be shown for that.
            log.hidingSource { checkURL("proxy", of: mapping, schemes: ["http", "https"]) }
            issuer.proxy = proxy
        }
        issuer.allowPrivate = mapping.bool("allow_private") ?? issuer.allowPrivate
        issuer.algorithms = decodeAlgorithms(mapping) ?? issuer.algorithms
        issuer.clockSkew =
            mapping.duration("clock_skew", in: .zero ... .seconds(60)) ?? issuer.clockSkew
        issuer.maximumTokenAge = mapping.duration("max_token_age", in: lifetimeRange)
        issuer.maximumTokenLifetime =
            mapping.duration("max_token_lifetime", in: lifetimeRange) ?? issuer.maximumTokenLifetime
        if let profile, profile != .generic, mapping.node("trust") != nil {
            log.error(
                mapping.location(of: "trust"),
                "`trust` is for the profile `generic`: `\(profile.rawValue)` knows its triggers",
                hint:
                    "leave it out, and say `untrusted: true` on an entry of `who` that takes others; docs/issuers.md lists them"
            )
        } else {
            issuer.trust = decodeTrust(mapping) ?? issuer.trust
        }
        return issuer
    }

    private static func decodeAuthorization(_ mapping: YAMLMapping, _ context: DecodingContext)
        -> String?
    {
        guard let node = mapping.node("authorization"),
            let authorization = YAMLMapping(
                node,
                keys: authorizationKeys,
                what: "`authorization`",
                log: mapping.log
            )
        else { return nil }
        return context.file("file", of: authorization, isPrivate: true)
    }

    private func checkAudience(_ mapping: YAMLMapping) {
        let location = mapping.location(of: "audience")
        func withoutSlash(_ text: String) -> Substring {
            text.hasSuffix("/") ? text.dropLast() : text[...]
        }
        if withoutSlash(audience) == withoutSlash(issuer) {
            mapping.log.error(
                location,
                "the audience must not be the issuer's own URL",
                hint: "name this gateway, as in `postern.example.com`"
            )
        }
        let isPlatformDefault =
            audience == "sts.amazonaws.com" || audience == "api://AzureADTokenExchange"
            || audience.hasPrefix("https://github.com/") || audience.hasPrefix("https://buildkite.com/")
        if isPlatformDefault {
            mapping.log.error(
                location,
                "`\(audience)` is an audience that tokens for other services bear",
                hint: "name this gateway, as in `postern.example.com`"
            )
        }
    }

    private static func decodeKeySource(_ mapping: YAMLMapping, _ context: DecodingContext)
        -> KeySource
    {
        if mapping.node("jwks_uri") != nil, mapping.node("jwks_file") != nil {
            mapping.log.error(
                mapping.location(of: "jwks_file"),
                "`jwks_uri` and `jwks_file` exclude each other"
            )
        }
        if let address = mapping.text("jwks_uri") {
            checkURL("jwks_uri", of: mapping, schemes: ["https"])
            return .address(address)
        }
        return context.file("jwks_file", of: mapping).map(KeySource.file) ?? .discovery
    }

    private static func decodeAlgorithms(_ mapping: YAMLMapping) -> [String]? {
        mapping.list("algorithms", limit: algorithmNames.count) { node in
            guard let name = YAMLMapping.text(node, what: "an algorithm", log: mapping.log) else {
                return nil
            }
            guard algorithmNames.contains(name) else {
                mapping.log.error(
                    node.location,
                    "`\(name)` is not a supported algorithm",
                    hint: Suggestion.hint(for: name, among: algorithmNames)
                        ?? "the list may hold " + algorithmNames.joined(separator: ", ")
                )
                return nil
            }
            return name
        }
    }

    private static func decodeTrust(_ mapping: YAMLMapping) -> TrustRule? {
        guard let node = mapping.node("trust") else { return nil }
        let log = mapping.log
        if case .text(let word) = node.content {
            if word == "all" { return .all }
            log.error(
                node.location,
                "`trust` cannot be `\(word)`",
                hint: "write `all` or `{claim: …, values: […]}`"
            )
            return nil
        }
        guard let trust = YAMLMapping(node, keys: trustKeys, what: "`trust`", log: log),
            let claim = trust.text("claim"), let values = trust.node("values")
        else { return nil }
        guard let name = ClaimName(claim) else {
            log.error(trust.location(of: "claim"), "`\(claim)` is not a JSON pointer")
            return nil
        }
        return ClaimMatcher.decode(values, log: log).map { .claim(name, $0) }
    }

    /// An absolute URL with a host and nothing that could hide one: no user, query or fragment.
    static func checkURL(_ key: String, of mapping: YAMLMapping, schemes: [String]) {
        guard let text = mapping.text(key) else { return }
        let location = mapping.location(of: key)
        guard let scheme = schemes.first(where: { text.hasPrefix($0 + "://") }) else {
            let wanted = schemes.map { "`\($0)://`" }.joined(separator: " or ")
            mapping.log.error(location, "`\(key)` must begin with \(wanted)")
            return
        }
        let rest = text.dropFirst(scheme.count + 3)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
        let hasPort = authority.split(separator: "]").last?.contains(":") ?? false
        let endpoint = try? Endpoint(hasPort ? String(authority) : authority + ":443")
        guard isPlain, case .network = endpoint, !rest.contains("?"), !rest.contains("#") else {
            mapping.log.error(
                location,
                "`\(key)` is not a plain URL",
                hint: "a host, perhaps a port and a path; no user, query or fragment"
            )
            return
        }
    }
}
