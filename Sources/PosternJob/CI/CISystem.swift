/// The CI systems whose ways to a token are known.
package enum CISystem: String, Sendable, CaseIterable {
    case github
    case forgejo
    case gitlab
    case woodpecker
    case drone
    case circleci
    case buildkite
    case bitbucket
    case azure
    case kubernetes
    /// No CI system that is known: a token in a variable or a file.
    case plain

    /// The system that set these variables. Some set those of the system that they descend from as well, so the
    /// descendants come first.
    package static func detect(_ environment: JobEnvironment) -> CISystem {
        let isForge = environment["FORGEJO_ACTIONS"] == "true" || environment["GITEA_ACTIONS"] == "true"
        if isForge { return .forgejo }
        if environment["GITHUB_ACTIONS"] == "true" { return .github }
        if environment["GITLAB_CI"] == "true" { return .gitlab }
        if environment["CI"] == "woodpecker" || environment["CI_SYSTEM_NAME"] == "woodpecker" { return .woodpecker }
        if environment["DRONE"] == "true" { return .drone }
        if environment["CIRCLECI"] == "true" { return .circleci }
        if environment["BUILDKITE"] == "true" { return .buildkite }
        if environment["BITBUCKET_BUILD_NUMBER"] != nil { return .bitbucket }
        if environment["TF_BUILD"]?.lowercased() == "true" { return .azure }
        if environment.files.contains(TokenFinder.kubernetesFile) { return .kubernetes }
        return .plain
    }

    /// Its name as it writes it.
    package var title: String {
        switch self {
        case .github: "GitHub Actions"
        case .forgejo: "Forgejo Actions"
        case .gitlab: "GitLab CI"
        case .woodpecker: "Woodpecker"
        case .drone: "Drone"
        case .circleci: "CircleCI"
        case .buildkite: "Buildkite"
        case .bitbucket: "Bitbucket Pipelines"
        case .azure: "Azure DevOps"
        case .kubernetes: "Kubernetes"
        case .plain: "no CI system"
        }
    }

    /// The variables that are a token or that get one: a child does not need them.
    package var credentials: [String] {
        switch self {
        case .github, .forgejo: ["ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL"]
        case .circleci: ["CIRCLE_OIDC_TOKEN", "CIRCLE_OIDC_TOKEN_V2"]
        case .buildkite: ["BUILDKITE_AGENT_ACCESS_TOKEN"]
        case .bitbucket: ["BITBUCKET_STEP_OIDC_TOKEN"]
        case .azure: ["SYSTEM_ACCESSTOKEN", "SYSTEM_OIDCREQUESTURI"]
        case .gitlab, .woodpecker, .drone, .kubernetes, .plain: []
        }
    }
}
