extension IssuerFacts {
    private static let prefix = "oidc.circleci.com/"

    /// CircleCI (circleci.com/docs, OpenID Connect tokens). An issuer for each organization.
    static let circleci = IssuerFacts(
        .circleci,
        title: "CircleCI",
        claims: circleciClaims,
        triggers: TriggerTable([
            .trusted(prefix + "ssh-rerun", .flag(false), why: "nobody has a shell in the job"),
            .untrusted(
                prefix + "ssh-rerun",
                .flag(true),
                why: "somebody ran the job again with SSH, and has a shell that holds the token"
            ),
            .untrusted(prefix + "ssh-rerun", .anythingElse, why: "nobody has said what that means"),
            .untrusted(prefix + "ssh-rerun", .missing, why: "nothing says whether somebody has a shell in the job"),
            .untrusted(
                prefix + "vcs-ref",
                .holding("refs/pull/"),
                .holding("refs/heads/pull/"),
                .holding("refs/merge-requests/"),
                why: "it runs code of a pull request that is not merged"
            ),
            .trusted(prefix + "vcs-ref", .anyText, why: "a branch or tag of the repository that `vcs-origin` names"),
            .untrusted(prefix + "vcs-ref", .anythingElse, why: "nothing says which code the job runs"),
            .untrusted(prefix + "vcs-ref", .missing, why: "nothing says which code the job runs"),
            .trusted(
                prefix + "vcs-origin",
                .anyText,
                why:
                    "the repository whose code it is; an entry must name it, since a fork's builds have the project's id"
            ),
            .untrusted(prefix + "vcs-origin", .anythingElse, why: "nothing says whose code the job runs"),
            .untrusted(prefix + "vcs-origin", .missing, why: "nothing says whose code the job runs"),
        ]),
        originClaim: prefix + "vcs-origin",
        addresses: IssuerAddresses(["https://oidc.circleci.com/org/ORGANIZATION-ID"], isComplete: false) { url in
            url.host == "oidc.circleci.com"
        },
        subjectHint: "use `oidc.circleci.com/project-id` and `oidc.circleci.com/vcs-ref`",
        run: { claims in
            let isCloud = claims.issuer?.host == "oidc.circleci.com"
            return JobRun(
                repository: claims.text(prefix + "vcs-origin"),
                ref: claims.text(prefix + "vcs-ref"),
                id: claims.text(prefix + "pipeline-id"),
                url: claims.link(
                    isCloud ? "https://app.circleci.com/pipelines/workflows" : nil,
                    claims.text(prefix + "workflow-id")
                )
            )
        }
    )

    private static let circleciClaims = ClaimTable(
        [
            .texts(.identifier, prefix + "project-id", prefix + "org-id", prefix + "pipeline-definition-id"),
            .texts(.name(identifier: prefix + "project-id"), prefix + "vcs-origin"),
            .texts(.ref, prefix + "vcs-ref"),
            .texts(.run, prefix + "pipeline-id", prefix + "workflow-id", prefix + "job-id"),
            [
                KnownClaim(prefix + "context-ids", .detail, .list), KnownClaim(prefix + "ssh-rerun", .detail, .bool),
            ],
        ]
    )
}
