internal import PosternPolicy

extension TokenBinding {
    /// They stand beside a role's other keys.
    static let keys: [Key] = [
        .optional("single_use", default: "false"), .optional("max_token_age"),
        .optional("client_networks"), .optional("end_with_token", default: "false"),
    ]
    static let maximumNetworks = 256

    /// - Parameter mapping: the role.
    static func decode(_ mapping: YAMLMapping) -> TokenBinding {
        TokenBinding(
            singleUse: mapping.bool("single_use") ?? false,
            maximumTokenAge: mapping.duration("max_token_age", in: IssuerConfiguration.lifetimeRange),
            clientNetworks: mapping.list("client_networks", limit: maximumNetworks) { decodeNetwork($0, mapping.log) },
            endsWithToken: mapping.bool("end_with_token") ?? false
        )
    }

    private static func decodeNetwork(_ node: YAMLNode, _ log: DiagnosticLog) -> ClientNetwork? {
        guard let text = YAMLMapping.text(node, what: "a network", log: log) else { return nil }
        do throws(ClientNetwork.Invalid) {
            return try ClientNetwork(text)
        } catch {
            log.error(node.location, error.reason, hint: error.hint)
            return nil
        }
    }
}
