extension IssuerFacts {
    /// GitLab CI, of gitlab.com and of one's own (docs.gitlab.com, ID token authentication).
    static let gitlab = IssuerFacts(
        .gitlab,
        title: "GitLab",
        claims: gitlabClaims,
        triggers: gitlabTriggers,
        shared: SharedIssuer(
            host: "gitlab.com",
            owner: "GitLab",
            tenantClaims: ["project_id", "namespace_id", "job_project_id", "job_namespace_id"]
        ),
        // As long as the job may run, and it cannot fetch another.
        maximumTokenLifetime: .seconds(86_400),
        addresses: IssuerAddresses(["https://gitlab.com", "https://HOST"], isComplete: false) { url in
            url.path.isEmpty && url.firstLabel == "gitlab"
        },
        subjectHint: "use `project_id`, `ref_path` and `ref_protected`",
        run: { claims in
            let id = claims.text("pipeline_id")
            // For a fork's merge request `project_path` is the fork's, and the pipeline the parent project's.
            let place = claims.text("job_project_path", or: "project_path")
            return JobRun(
                repository: claims.text("project_path"),
                ref: claims.text("ref_path", or: "ref"),
                sha: claims.text("sha"),
                id: id,
                url: claims.link(
                    claims.issuer.map { "https://" + $0.authority + $0.path },
                    place,
                    "-/pipelines",
                    id
                )
            )
        }
    )

    /// Only `runner_id` and the times are numbers.
    private static let gitlabClaims = ClaimTable(
        [
            .texts(.identifier, "project_id", "namespace_id", "job_project_id", "job_namespace_id"),
            .texts(.name(identifier: "project_id"), "project_path"),
            .texts(.name(identifier: "namespace_id"), "namespace_path"),
            .texts(.name(identifier: "job_project_id"), "job_project_path"),
            .texts(.name(identifier: "job_namespace_id"), "job_namespace_path"),
            .texts(.person, "user_id", "user_login", "user_access_level"),
            .texts(.ref, "ref", "ref_type", "ref_path", "sha"),
            [KnownClaim("ref_protected", .ref, .flagText)],
            .texts(.trigger, "pipeline_source", "job_source"),
            .texts(.environment, "environment", "deployment_tier", "environment_action"),
            [KnownClaim("environment_protected", .environment, .flagText)],
            .texts(.workflow, "ci_config_ref_uri", "ci_config_sha", "job_policy_ref_uri", "job_policy_ref_sha"),
            .texts(.run, "pipeline_id", "job_id"),
            .texts(.detail, "runner_environment", "project_visibility", "target_audience"),
            [
                KnownClaim("runner_id", .detail, .number),
                KnownClaim("user_email", .person, isJournaled: false),
                KnownClaim("groups_direct", .detail, .list, isJournaled: false),
                KnownClaim("user_identities", .person, .list, isJournaled: false),
            ],
        ]
    )

    private static let gitlabTriggers = TriggerTable([
        .trusted("pipeline_source", .text("push"), why: "somebody who may write pushed the branch or tag"),
        .trusted("pipeline_source", .text("schedule"), why: "a timetable of the project"),
        .trusted(
            "pipeline_source",
            .text("web"),
            .text("api"),
            why: "a member started it on a branch or tag of the project"
        ),
        .untrusted(
            "pipeline_source",
            .text("merge_request_event"),
            .text("external_pull_request_event"),
            why: "it runs code of a merge request, from a fork or not, that is not merged"
        ),
        .untrusted(
            "pipeline_source",
            .text("parent_pipeline"),
            why: "another pipeline started it, and the token does not say what started that one"
        ),
        .untrusted(
            "pipeline_source",
            .text("pipeline"),
            why: "a pipeline of another project started it"
        ),
        .untrusted(
            "pipeline_source",
            .text("trigger"),
            why: "whoever holds a trigger token started it, and chose its variables"
        ),
        .untrusted(
            "pipeline_source",
            .text("chat"),
            .text("external"),
            .text("webide"),
            .text("ondemand_dast_scan"),
            .text("ondemand_dast_validation"),
            .text("security_orchestration_policy"),
            .text("duo_workflow"),
            why: "a program started it, with text or code that does not come from the branch"
        ),
        .untrusted("pipeline_source", .anythingElse, why: "nobody has said who can start that"),
        .untrusted("pipeline_source", .missing, why: "nothing says what started the job"),
        .trusted("job_project_id", .sameAs("project_id"), why: "the project runs its own code"),
        .untrusted("job_project_id", .anythingElse, why: "the pipeline runs code of another project, as of a fork"),
        .trusted(
            "job_project_id",
            .missing,
            why: "an older GitLab: only merge requests have code of a fork, and `pipeline_source` tells these"
        ),
    ])
}
