/// The CI systems whose tokens the linter knows.
package enum IssuerKind: String, Hashable, Sendable, CaseIterable {
    case github
    case gitlab
    case circleci
    case buildkite
    case bitbucket
    case kubernetes
    case jenkins
    case forgejo
    case drone
    case google

    /// - Returns: nil for a `generic` issuer whose URL is none of the known ones.
    package init?(profile: String, url: String) {
        if let named = IssuerKind(rawValue: profile) {
            self = named
            return
        }
        guard profile == "generic", let kind = Self.recognize(url) else { return nil }
        self = kind
    }

    private static func recognize(_ url: String) -> IssuerKind? {
        let (host, path) = parts(of: url)
        let labels = host.split(separator: ".")
        switch host {
        case "token.actions.githubusercontent.com": return .github
        case "oidc.circleci.com": return .circleci
        case "agent.buildkite.com": return .buildkite
        case "api.bitbucket.org": return .bitbucket
        case "accounts.google.com": return .google
        default: break
        }
        if host.hasPrefix("token.actions."), host.hasSuffix(".ghe.com") { return .github }
        if path.hasSuffix("/_services/token") { return .github }
        if path.hasSuffix("/api/actions") { return .forgejo }
        if labels.first == "gitlab" { return .gitlab }
        if host.hasPrefix("kubernetes.default") || host.hasPrefix("oidc.eks.") || host == "container.googleapis.com" {
            return .kubernetes
        }
        if labels.first == "jenkins" { return .jenkins }
        if labels.first?.hasPrefix("drone") == true { return .drone }
        return nil
    }

    /// The host in lower case, without a port, and the path.
    private static func parts(of url: String) -> (host: String, path: String) {
        let rest = url.hasPrefix("https://") ? url.dropFirst(8) : url[...]
        let authority = rest.prefix { $0 != "/" }
        return (authority.prefix { $0 != ":" }.lowercased(), String(rest.dropFirst(authority.count)))
    }
}
