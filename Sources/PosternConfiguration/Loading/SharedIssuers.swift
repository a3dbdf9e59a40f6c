internal import PosternPolicy

/// Issuers that sign tokens for anybody who has an account with them. Their signature says nothing about whose job it
/// is: a claim must, by a number or id that nobody else can ever have. Names can be given up and taken by others.
package enum SharedIssuers {
    package struct Issuer: Sendable {
        package let host: String
        let owner: String
        /// The claims of which one must be exact.
        package let tenantClaims: [String]
    }

    package static let all = [
        Issuer(
            host: "token.actions.githubusercontent.com",
            owner: "GitHub",
            tenantClaims: ["repository_id", "repository_owner_id", "enterprise_id"]
        ),
        Issuer(
            host: "gitlab.com",
            owner: "GitLab",
            tenantClaims: ["project_id", "namespace_id", "job_project_id", "job_namespace_id"]
        ),
        Issuer(
            host: "agent.buildkite.com",
            owner: "Buildkite",
            tenantClaims: ["pipeline_id", "organization_id", "cluster_id"]
        ),
        Issuer(
            host: "accounts.google.com",
            owner: "Google",
            tenantClaims: [
                "sub", "/google/compute_engine/project_number", "/google/compute_engine/project_id",
            ]
        ),
    ]

    /// - Parameter url: as the configuration has it.
    static func find(_ url: String) -> Issuer? {
        let host = url.dropFirst("https://".count).prefix { $0 != "/" && $0 != ":" }.lowercased()
        return all.first { $0.host == host }
    }
}

extension SharedIssuers.Issuer {
    /// Whether the entry names one tenant, or a list of them.
    func isBound(by entry: WhoEntry) -> Bool {
        entry.claims.contains { claim in
            tenantClaims.contains(claim.name.description) && claim.matcher.isExact
        }
    }
}

extension ClaimMatcher {
    /// Whether it takes whole values only: neither a glob nor an element of an array.
    fileprivate var isExact: Bool {
        switch self {
        case .exactly: true
        case .anyOf(let matchers): matchers.allSatisfy(\.isExact)
        case .glob, .contains: false
        }
    }
}
