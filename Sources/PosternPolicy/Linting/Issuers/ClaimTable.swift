/// The claims that each CI system puts into its tokens: the one place where they are written down.
package struct ClaimTable: Sendable {
    /// Those of every JWT.
    private static let registered = [
        KnownClaim("iss", .detail), KnownClaim("aud", .detail), KnownClaim("sub", .subject),
        KnownClaim("jti", .run), KnownClaim("iat", .run, .number), KnownClaim("nbf", .run, .number),
        KnownClaim("exp", .run, .number),
    ]

    package let claims: [KnownClaim]
    /// Beginnings of names that users define.
    package let openPrefixes: [String]

    private init(_ claims: [KnownClaim], openPrefixes: [String] = []) {
        self.claims = Self.registered + claims
        self.openPrefixes = openPrefixes
    }

    /// nil for a CI system whose claims its administrators choose.
    package static func of(_ kind: IssuerKind) -> ClaimTable? {
        switch kind {
        case .github: github
        case .gitlab: gitlab
        case .circleci: circleci
        case .buildkite: buildkite
        case .bitbucket: bitbucket
        case .kubernetes: kubernetes
        case .jenkins: nil
        case .forgejo: forgejo
        case .drone: drone
        case .google: google
        }
    }

    package func claim(named name: String) -> KnownClaim? { claims.first { $0.name == name } }

    package func isOpen(_ name: String) -> Bool { openPrefixes.contains { name.hasPrefix($0) } }

    private static func texts(_ meaning: KnownClaim.Meaning, _ names: String...) -> [KnownClaim] {
        names.map { KnownClaim($0, meaning) }
    }

    /// docs.github.com, OpenID Connect reference. Ids and numbers are texts.
    private static let github = ClaimTable(
        texts(.identifier, "repository_id", "repository_owner_id", "enterprise_id")
            + texts(.name(identifier: "repository_id"), "repository")
            + texts(.name(identifier: "repository_owner_id"), "repository_owner")
            + texts(.name(identifier: "enterprise_id"), "enterprise")
            + texts(.person, "actor", "actor_id")
            + texts(.ref, "ref", "sha", "base_ref", "head_ref", "ref_type")
            + texts(.trigger, "event_name") + texts(.environment, "environment")
            + texts(.workflow, "workflow", "workflow_ref", "workflow_sha", "job_workflow_ref", "job_workflow_sha")
            + texts(.run, "run_id", "run_number", "run_attempt", "check_run_id")
            + texts(.detail, "repository_visibility", "runner_environment", "ref_protected"),
        openPrefixes: ["repo_property_"]
    )

    /// docs.gitlab.com, ID token authentication. Only `runner_id` and the times are numbers.
    private static let gitlab = ClaimTable(
        texts(.identifier, "project_id", "namespace_id", "job_project_id", "job_namespace_id")
            + texts(.name(identifier: "project_id"), "project_path")
            + texts(.name(identifier: "namespace_id"), "namespace_path")
            + texts(.name(identifier: "job_project_id"), "job_project_path")
            + texts(.name(identifier: "job_namespace_id"), "job_namespace_path")
            + texts(.person, "user_id", "user_login", "user_email", "user_access_level")
            + texts(.ref, "ref", "ref_type", "ref_path", "sha")
            + [KnownClaim("ref_protected", .ref, .flagText)]
            + texts(.trigger, "pipeline_source")
            + texts(.environment, "environment", "deployment_tier", "environment_action")
            + [KnownClaim("environment_protected", .environment, .flagText)]
            + texts(.workflow, "ci_config_ref_uri", "ci_config_sha") + texts(.run, "pipeline_id", "job_id")
            + texts(.detail, "runner_environment", "project_visibility", "target_audience")
            + [
                KnownClaim("runner_id", .detail, .number), KnownClaim("groups_direct", .detail, .list),
                KnownClaim("user_identities", .person, .list),
            ]
    )

    /// circleci.com/docs/openid-connect-tokens.
    private static let circleci = ClaimTable(
        texts(
            .identifier,
            "oidc.circleci.com/project-id",
            "oidc.circleci.com/org-id",
            "oidc.circleci.com/pipeline-definition-id"
        )
            + texts(.name(identifier: "oidc.circleci.com/project-id"), "oidc.circleci.com/vcs-origin")
            + texts(.ref, "oidc.circleci.com/vcs-ref")
            + texts(
                .run,
                "oidc.circleci.com/pipeline-id",
                "oidc.circleci.com/workflow-id",
                "oidc.circleci.com/job-id"
            )
            + [
                KnownClaim("oidc.circleci.com/context-ids", .detail, .list),
                KnownClaim("oidc.circleci.com/ssh-rerun", .detail, .bool),
            ]
    )

    /// buildkite.com/docs/agent/cli/reference/oidc. The ids are there if the job asks for them with `--claim`.
    private static let buildkite = ClaimTable(
        texts(.identifier, "organization_id", "pipeline_id", "cluster_id", "queue_id")
            + texts(.name(identifier: "organization_id"), "organization_slug")
            + texts(.name(identifier: "pipeline_id"), "pipeline_slug")
            + texts(.name(identifier: "cluster_id"), "cluster_name")
            + texts(.name(identifier: "queue_id"), "queue_key")
            + texts(.ref, "build_branch", "build_tag", "build_commit") + texts(.trigger, "build_source")
            + texts(.workflow, "step_key") + texts(.run, "job_id", "build_id") + texts(.detail, "agent_id")
            + [KnownClaim("build_number", .run, .number), KnownClaim("runner_environment", .detail)],
        openPrefixes: ["agent_tag:"]
    )

    /// support.atlassian.com, OpenID Connect of Pipelines. UUIDs stand in braces.
    private static let bitbucket = ClaimTable(
        texts(.identifier, "repositoryUuid", "workspaceUuid") + texts(.ref, "branchName")
            + texts(.environment, "deploymentEnvironmentUuid") + texts(.run, "pipelineUuid", "stepUuid")
    )

    /// kubernetes.io, service account tokens. Nested claims are written as JSON pointers.
    private static let kubernetes = ClaimTable(
        texts(.identifier, "/kubernetes.io/serviceaccount/uid", "/kubernetes.io/pod/uid", "/kubernetes.io/node/uid")
            + texts(.name(identifier: nil), "/kubernetes.io/namespace")
            + texts(
                .name(identifier: "/kubernetes.io/serviceaccount/uid"),
                "/kubernetes.io/serviceaccount/name"
            )
            + texts(.run, "/kubernetes.io/pod/name") + texts(.detail, "/kubernetes.io/node/name")
            + [
                KnownClaim("kubernetes.io", .detail, .object),
                KnownClaim("/kubernetes.io/warnafter", .run, .number),
            ]
    )

    /// forgejo.org/docs, OpenID Connect of Actions. All are texts.
    private static let forgejo = ClaimTable(
        texts(.identifier, "repository_id", "repository_owner_id")
            + texts(.name(identifier: "repository_id"), "repository")
            + texts(.name(identifier: "repository_owner_id"), "repository_owner")
            + texts(.person, "actor", "actor_id") + texts(.ref, "ref", "sha", "base_ref", "head_ref", "ref_type")
            + [KnownClaim("ref_protected", .ref, .flagText)] + texts(.trigger, "event_name")
            + texts(.workflow, "workflow", "workflow_ref") + texts(.run, "run_id", "run_number", "run_attempt")
    )

    /// Postern's own issuer for Drone and Woodpecker.
    private static let drone = ClaimTable(
        texts(.identifier, "repository_uid", "repository_id")
            + texts(.name(identifier: "repository_uid"), "repository", "namespace", "source_repository")
            + texts(.person, "sender", "author")
            + texts(.ref, "ref", "ref_type", "branch", "source_branch", "sha")
            + texts(.trigger, "event", "trigger", "cron") + texts(.environment, "deploy_to")
            + texts(.run, "build_id") + texts(.detail, "drone_host", "visibility")
            + [
                KnownClaim("parent", .trigger, .number), KnownClaim("build_number", .run, .number),
                KnownClaim("fork", .detail, .bool), KnownClaim("protected", .detail, .bool),
                KnownClaim("trusted", .detail, .bool), KnownClaim("params", .detail, .bool),
            ]
    )

    /// cloud.google.com, instance identity. `sub` is the service account's number.
    private static let google = ClaimTable(
        texts(.identifier, "azp", "/google/compute_engine/project_number", "/google/compute_engine/instance_id")
            + texts(.person, "email")
            + texts(
                .detail,
                "/google/compute_engine/project_id",
                "/google/compute_engine/zone",
                "/google/compute_engine/instance_name"
            )
            + [KnownClaim("email_verified", .detail, .bool), KnownClaim("google", .detail, .object)]
    )
}
