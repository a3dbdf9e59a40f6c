extension IssuerFacts {
    /// Buildkite (buildkite.com/docs, `buildkite-agent oidc`).
    static let buildkite = IssuerFacts(
        .buildkite,
        title: "Buildkite",
        claims: buildkiteClaims,
        triggers: TriggerTable([
            .trusted("build_source", .text("webhook"), why: "a push to the repository started it"),
            .trusted("build_source", .text("schedule"), why: "a timetable of the pipeline"),
            .untrusted(
                "build_source",
                .text("ui"),
                .text("api"),
                why: "whoever started it chose the branch and the commit, which need not belong together"
            ),
            .untrusted(
                "build_source",
                .text("trigger_job"),
                why: "a build of another pipeline started it, and chose the branch and the commit"
            ),
            .untrusted("build_source", .anythingElse, why: "nobody has said who can start that"),
            .untrusted("build_source", .missing, why: "nothing says what started the job"),
            // Git allows no colon in a branch's name.
            .untrusted("build_branch", .holding(":"), why: "the branch is one of a fork"),
            .trusted("build_branch", .anyText, why: "a branch or tag of the repository"),
            .untrusted("build_branch", .anythingElse, why: "nothing says which code the job runs"),
            .untrusted("build_branch", .missing, why: "nothing says which code the job runs"),
        ]),
        shared: SharedIssuer(
            host: "agent.buildkite.com",
            owner: "Buildkite",
            tenantClaims: ["pipeline_id", "organization_id", "cluster_id"]
        ),
        addresses: IssuerAddresses(["https://agent.buildkite.com"], isComplete: true) { url in
            url.host == "agent.buildkite.com" && url.path.isEmpty
        },
        subjectHint: "use `pipeline_id` and `build_branch`",
        run: { claims in
            let parts = [claims.text("organization_slug"), claims.text("pipeline_slug")].compactMap(\.self)
            let repository = parts.count == 2 ? parts.joined(separator: "/") : nil
            let number = claims.text("build_number")
            return JobRun(
                repository: repository,
                ref: claims.text("build_branch"),
                sha: claims.text("build_commit"),
                id: number,
                url: claims.link("https://buildkite.com", repository, "builds", number)
            )
        }
    )

    /// The ids are there if the job asks for them with `--claim`.
    private static let buildkiteClaims = ClaimTable(
        [
            .texts(.identifier, "organization_id", "pipeline_id", "cluster_id", "queue_id"),
            .texts(.name(identifier: "organization_id"), "organization_slug"),
            .texts(.name(identifier: "pipeline_id"), "pipeline_slug"),
            .texts(.name(identifier: "cluster_id"), "cluster_name"),
            .texts(.name(identifier: "queue_id"), "queue_key"),
            .texts(.ref, "build_branch", "build_tag", "build_commit"),
            .texts(.trigger, "build_source"),
            .texts(.workflow, "step_key"),
            .texts(.run, "job_id", "build_id"),
            .texts(.detail, "agent_id"),
            [KnownClaim("build_number", .run, .number), KnownClaim("runner_environment", .detail)],
        ],
        openPrefixes: ["agent_tag:"]
    )
}
