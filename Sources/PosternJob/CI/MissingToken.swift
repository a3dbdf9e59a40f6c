internal import PosternCore

/// A job without a token: why that is, as far as its environment tells, and the lines that the pipeline's file lacks.
struct MissingToken {
    private let system: CISystem
    private let audience: String
    private let environment: JobEnvironment

    init(_ system: CISystem, _ options: TokenOptions, _ environment: JobEnvironment) {
        self.system = system
        audience = options.audience ?? "postern.example.com"
        self.environment = environment
    }

    var trouble: JobTrouble {
        if let fork { return fork }
        return switch system {
        case .github:
            JobTrouble(
                "GitHub gives this job no token: it has no permission `id-token: write`",
                hint: "add to the job, or to the workflow:",
                lines: ["permissions:", "  contents: read", "  id-token: write"]
            )
        case .forgejo:
            JobTrouble(
                "Forgejo gives this job no token: the workflow does not ask for one",
                hint: "add to the job, or to the workflow; Forgejo 15 or newer knows it:",
                lines: ["enable-openid-connect: true"]
            )
        case .gitlab:
            JobTrouble(
                "GitLab gives this job no token: it has no `id_tokens`",
                hint: "add to the job:",
                lines: ["id_tokens:", "  POSTERN_ID_TOKEN:", "    aud: \(audience)"]
            )
        case .drone: drone
        case .woodpecker:
            JobTrouble(
                "this step has no token: POSTERN_ID_TOKEN is not set",
                hint: "add to the step; the server must have `postern issuer serve` as its secret extension:",
                lines: ["environment:", "  POSTERN_ID_TOKEN:", "    from_secret: POSTERN_ID_TOKEN"]
            )
        case .circleci:
            JobTrouble(
                "CircleCI gives this job no token: CIRCLE_OIDC_TOKEN_V2 is not set",
                hint: "a job gets one when it uses a context, even an empty one:",
                lines: ["workflows:", "  main:", "    jobs:", "      - migrate:", "          context: postern"]
            )
        case .bitbucket:
            JobTrouble(
                "Bitbucket gives this step no token: BITBUCKET_STEP_OIDC_TOKEN is not set",
                hint: "add to the step:",
                lines: ["oidc: true"]
            )
        case .azure:
            JobTrouble(
                "Azure Pipelines gives this step no token: SYSTEM_ACCESSTOKEN is not set",
                hint: "add to the step:",
                lines: ["env:", "  SYSTEM_ACCESSTOKEN: $(System.AccessToken)"]
            )
        case .buildkite, .kubernetes, .plain: plain
        }
    }

    private var plain: JobTrouble {
        JobTrouble(
            "no token: no CI system that is known has set its variables, and POSTERN_ID_TOKEN is not set",
            hint: "put the job's OIDC token into POSTERN_ID_TOKEN, or name it by `--token-env`, `--token-file` or "
                + "`--token-command`; `--ci NAME` forces one of "
                + CISystem.allCases.map(\.rawValue).joined(separator: ", ")
        )
    }

    private var drone: JobTrouble {
        let event = environment["DRONE_BUILD_EVENT"] ?? ""
        guard event.isEmpty || event == "push" || event == "tag" else {
            return JobTrouble(
                "this build has no token: its event is `\(Self.shown(event))`, and the issuer gives tokens to push and tag builds",
                hint: "keep steps that need the database to those:",
                lines: ["when:", "  event: [push, tag]"]
            )
        }
        return JobTrouble(
            "this step has no token: POSTERN_ID_TOKEN is not set",
            hint: "the runners need `postern issuer serve` as their environment extension (DRONE_ENV_PLUGIN_ENDPOINT); "
                + "as a secret extension it is asked by the step:",
            lines: ["environment:", "  POSTERN_ID_TOKEN:", "    from_secret: postern_id_token"]
        )
    }

    /// The run is of a pull request from a fork, to which no system gives a token by default.
    private var fork: JobTrouble? {
        let system = system.title
        guard isFork else { return nil }
        return JobTrouble(
            "this run is of a pull request from a fork, and \(system) gives it no token: whoever wrote it could be anyone",
            hint: "keep what needs the database to branches of the repository itself" + (forkLines.isEmpty ? "" : ":"),
            lines: forkLines
        )
    }

    private var forkLines: [String] {
        switch system {
        case .github, .forgejo:
            [
                "if: github.event_name != 'pull_request' || github.event.pull_request.head.repo.full_name == github.repository"
            ]
        case .gitlab:
            ["rules:", "  - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"]
        default: []
        }
    }

    private var isFork: Bool {
        switch system {
        case .github, .forgejo:
            guard environment["GITHUB_EVENT_NAME"]?.hasPrefix("pull_request") ?? false, let event = environment.event,
                let repository = environment["GITHUB_REPOSITORY"],
                // The payloads that GitHub writes are below 25 MB; whoever reads the file has its own bound.
                let value = try? JSONParser.parse(event, limits: .init(bytes: 32 << 20, depth: 64, values: 1_000_000)),
                let head = value.objectValue?["pull_request"]?.objectValue?["head"]?.objectValue
            else { return false }
            // A fork that was deleted has no repository any more.
            guard let name = head["repo"]?.objectValue?["full_name"]?.stringValue else { return true }
            return name.lowercased() != repository.lowercased()
        case .gitlab:
            guard let source = environment["CI_MERGE_REQUEST_SOURCE_PROJECT_ID"],
                let target = environment["CI_MERGE_REQUEST_PROJECT_ID"]
            else { return false }
            return source != target
        case .circleci: return environment["CIRCLE_PR_REPONAME"] != nil
        case .buildkite, .bitbucket, .woodpecker, .drone, .kubernetes, .plain: return false
        case .azure: return environment["SYSTEM_PULLREQUEST_ISFORK"]?.lowercased() == "true"
        }
    }

    private static func shown(_ text: String) -> String {
        String(text.unicodeScalars.prefix(40).filter { $0.isASCII && $0.value > 0x20 && $0 != "`" }.map(Character.init))
    }
}
