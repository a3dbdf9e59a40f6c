internal import PosternCore

/// What the CI system says of the run, for people: nothing is decided by it.
struct RunFacts {
    private static let names: [CISystem: [(title: String, variable: String)]] = [
        .github: github, .forgejo: github,
        .gitlab: [
            ("repository", "CI_PROJECT_PATH"), ("ref", "CI_COMMIT_REF_NAME"), ("event", "CI_PIPELINE_SOURCE"),
            ("run", "CI_PIPELINE_ID"),
        ],
        .drone: [
            ("repository", "DRONE_REPO"), ("ref", "DRONE_COMMIT_REF"), ("event", "DRONE_BUILD_EVENT"),
            ("run", "DRONE_BUILD_NUMBER"),
        ],
        .woodpecker: [
            ("repository", "CI_REPO"), ("ref", "CI_COMMIT_REF"), ("event", "CI_PIPELINE_EVENT"),
            ("run", "CI_PIPELINE_NUMBER"),
        ],
        .circleci: [
            ("repository", "CIRCLE_PROJECT_REPONAME"), ("ref", "CIRCLE_BRANCH"), ("run", "CIRCLE_BUILD_NUM"),
        ],
        .buildkite: [
            ("pipeline", "BUILDKITE_PIPELINE_SLUG"), ("ref", "BUILDKITE_BRANCH"), ("event", "BUILDKITE_SOURCE"),
            ("run", "BUILDKITE_BUILD_NUMBER"),
        ],
        .bitbucket: [
            ("repository", "BITBUCKET_REPO_FULL_NAME"), ("ref", "BITBUCKET_BRANCH"), ("run", "BITBUCKET_BUILD_NUMBER"),
        ],
        .azure: [
            ("repository", "BUILD_REPOSITORY_NAME"), ("ref", "BUILD_SOURCEBRANCH"), ("event", "BUILD_REASON"),
            ("run", "BUILD_BUILDID"),
        ],
    ]

    private static let github = [
        ("repository", "GITHUB_REPOSITORY"), ("ref", "GITHUB_REF"), ("event", "GITHUB_EVENT_NAME"),
        ("run", "GITHUB_RUN_ID"),
    ]

    /// `repository acme/orders, ref refs/heads/main`; nil when it says nothing.
    static func text(_ system: CISystem, _ environment: JobEnvironment) -> String? {
        let parts = (names[system] ?? []).compactMap { entry in
            environment[entry.variable].map { "\(entry.title) \(TerminalText.escaped($0))" }
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}
