extension IssuerFacts {
    /// Bitbucket Pipelines (support.atlassian.com, OpenID Connect of Pipelines). An issuer for each workspace.
    static let bitbucket = IssuerFacts(
        .bitbucket,
        title: "Bitbucket",
        claims: ClaimTable(
            // UUIDs stand in braces.
            [
                .texts(.identifier, "repositoryUuid", "workspaceUuid"),
                .texts(.ref, "branchName"),
                .texts(.environment, "deploymentEnvironmentUuid"),
                .texts(.run, "pipelineUuid", "stepUuid"),
            ]
        ),
        triggers: TriggerTable([
            .trusted(
                "branchName",
                .anyText,
                why: "somebody who may write pushed the branch; a fork's pipelines run in the fork, with its id"
            ),
            .untrusted("branchName", .anythingElse, why: "nothing says which code the job runs"),
            .untrusted("branchName", .missing, why: "nothing says which code the job runs"),
        ]),
        addresses: IssuerAddresses(
            ["https://api.bitbucket.org/2.0/workspaces/WORKSPACE/pipelines-config/identity/oidc"],
            isComplete: true
        ) { url in
            url.host == "api.bitbucket.org" && url.path.hasSuffix("/pipelines-config/identity/oidc")
        },
        subjectHint: "use `repositoryUuid` and `branchName`",
        run: { claims in
            // No page is known that takes the pipeline's UUID.
            JobRun(
                repository: claims.text("repositoryUuid"),
                ref: claims.text("branchName"),
                id: claims.text("pipelineUuid")
            )
        }
    )
}
