/// The CI systems whose tokens Postern knows, by the words of `profile` in `postern.yaml`.
package enum IssuerProfile: String, Hashable, Sendable, CaseIterable {
    case github
    case gitlab
    case circleci
    case buildkite
    case bitbucket
    case kubernetes
    case jenkins
    case forgejo
    case drone
    /// Any other issuer: nothing is known of its tokens, and its entry says which ones are trusted.
    case generic

    package var facts: IssuerFacts {
        switch self {
        case .github: .github
        case .gitlab: .gitlab
        case .circleci: .circleci
        case .buildkite: .buildkite
        case .bitbucket: .bitbucket
        case .kubernetes: .kubernetes
        case .jenkins: .jenkins
        case .forgejo: .forgejo
        case .drone: .drone
        case .generic: .generic
        }
    }

    /// What `trust` is where the issuer's entry does not say it.
    package var trust: TrustRule {
        switch self {
        case .generic: .all
        case .github, .gitlab, .circleci, .buildkite, .bitbucket, .kubernetes, .jenkins, .forgejo, .drone:
            .profile(self)
        }
    }
}
