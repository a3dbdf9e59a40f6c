internal import PosternPolicy

extension OAuthDiscovery {
    static let keys: [Key] = {
        let discovery = OAuthDiscovery(location: SourceLocation(file: "", line: 0, column: 0))
        return [.optional("issuer"), .optional("scope", default: discovery.scope)]
    }()

    /// - Parameter listener: the mapping that it belongs to.
    static func decode(
        _ node: YAMLNode?,
        of listener: YAMLNode,
        _ authentication: ListenerConfiguration.Authentication,
        _ log: DiagnosticLog
    ) -> OAuthDiscovery? {
        guard authentication == .oauthbearer else {
            if let node {
                log.error(
                    node.location,
                    "`oauth` means nothing without `authentication: oauthbearer`",
                    hint: "a password asks for no issuer"
                )
            }
            return nil
        }
        var discovery = OAuthDiscovery(location: node?.location ?? listener.location)
        guard let node, let mapping = YAMLMapping(node, keys: keys, what: "`oauth` of a listener", log: log) else {
            return discovery
        }
        discovery.issuer = mapping.text("issuer")
        if let scope = mapping.text("scope") {
            discovery.scope = scope
            if !isScope(scope) {
                log.error(
                    mapping.location(of: "scope"),
                    "`\(scope)` is no scope",
                    hint: "words with one space between them, as in `openid profile`"
                )
            }
        }
        return discovery
    }

    /// RFC 6749 section 3.3: tokens of printable ASCII without `"` and `\`, one space between two.
    private static func isScope(_ text: String) -> Bool {
        text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).allSatisfy { token in
            !token.isEmpty
                && token.allSatisfy { byte in
                    (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
                }
        }
    }
}
