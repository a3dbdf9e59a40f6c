internal import PosternIssuer
internal import PosternPolicy

extension TokenIssuerConfiguration.Drone {
    static let keys: [Key] = [
        .required("host"), .required("secrets"), .optional("encrypt", default: "true"),
        .optional("repeat", default: "0s"), .optional("environment"),
        .optional("api", default: "builds are not looked up"),
    ]
    private static let secretLimit = 16
    private static let variableLimit = 64

    static func decode(_ node: YAMLNode, _ context: DecodingContext) -> Self? {
        guard let mapping = YAMLMapping(node, keys: keys, what: "`drone`", log: context.log) else { return nil }
        let secrets = mapping.list("secrets", limit: secretLimit) { node in
            context.log.hidingSource { SecretReference.decode(node, what: "a shared secret", context) }
        }
        let encrypts = mapping.bool("encrypt") ?? true
        let window = mapping.duration("repeat", in: .zero ... .seconds(10)) ?? .zero
        if window > .zero, !encrypts {
            context.log.error(
                mapping.location(of: "repeat"),
                "`repeat` needs `encrypt`",
                hint: "whoever overheard a request would get its token in the clear"
            )
        }
        return Self(
            host: TokenIssuerConfiguration.decodeHost(mapping),
            secrets: secrets ?? [],
            encrypt: encrypts,
            repeatWindow: window,
            environment: variables(mapping),
            api: mapping.node("api").flatMap { TokenIssuerConfiguration.API.decode($0, context) }
        )
    }

    private static func variables(_ mapping: YAMLMapping) -> [JobVariable] {
        let log = mapping.log
        guard let node = mapping.node("environment"),
            let all = YAMLMapping(any: node, what: "`environment`", log: log)
        else { return [] }
        if all.members.count > variableLimit {
            log.error(node.location, "`environment` has more than \(variableLimit) variables")
        }
        let variables = all.members.prefix(variableLimit).compactMap { member -> JobVariable? in
            if !JobVariable.isName(member.key) || member.key == JobVariable.tokenName {
                log.error(member.location, "`\(member.key)` cannot be the name of a further variable")
            }
            return YAMLMapping.text(member.value, what: "`\(member.key)`", log: log)
                .map { JobVariable(name: member.key, value: $0) }
        }
        return variables.sorted { $0.name < $1.name }
    }
}

extension TokenIssuerConfiguration.API {
    static let keys: [Key] = [
        .required("url"), .required("token"), .optional("ca_file", default: "the system's certification authorities"),
        .optional("allow_private", default: "true"),
    ]

    static func decode(_ node: YAMLNode, _ context: DecodingContext) -> Self? {
        let log = context.log
        guard let mapping = YAMLMapping(node, keys: keys, what: "`api`", log: log) else { return nil }
        let token = mapping.node("token").flatMap { node in
            log.hidingSource { SecretReference.decode(node, what: "`token`", context) }
        }
        guard let url = TokenIssuerConfiguration.decodeURL("url", of: mapping), let token else { return nil }
        return Self(
            url: url,
            token: token,
            certificateAuthorities: context.file("ca_file", of: mapping),
            allowPrivate: mapping.bool("allow_private") ?? true
        )
    }
}

extension TokenIssuerConfiguration.Woodpecker {
    private static let defaultHost = "woodpecker"
    static let keys: [Key] = [.optional("host", default: defaultHost), .required("public_key")]
    static let publicKeyKeys: [Key] = [.required("file")]

    static func decode(_ node: YAMLNode, _ context: DecodingContext) -> Self? {
        let log = context.log
        guard let mapping = YAMLMapping(node, keys: keys, what: "`woodpecker`", log: log),
            let node = mapping.node("public_key"),
            let key = YAMLMapping(node, keys: publicKeyKeys, what: "`public_key`", log: log)
        else { return nil }
        return Self(
            host: mapping.node("host") == nil ? defaultHost : TokenIssuerConfiguration.decodeHost(mapping),
            publicKeyFile: context.file("file", of: key) ?? ""
        )
    }
}
