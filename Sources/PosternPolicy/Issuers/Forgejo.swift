extension IssuerFacts {
    private static let path = "/api/actions"

    /// Forgejo Actions (forgejo.org/docs, OpenID Connect).
    static let forgejo = IssuerFacts(
        .forgejo,
        title: "Forgejo",
        claims: forgejoClaims,
        triggers: forgejoTriggers,
        algorithms: ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "EdDSA"],
        addresses: IssuerAddresses(["https://HOST\(path)"], isComplete: true) { $0.path.hasSuffix(path) },
        subjectHint: "use `repository_id`, `ref` and `event_name`",
        run: { claims in
            let repository = claims.text("repository")
            let server = claims.issuer.flatMap { url in
                url.path.hasSuffix(path) ? "https://" + url.authority + url.path.dropLast(path.count) : nil
            }
            return JobRun(
                repository: repository,
                ref: claims.text("ref"),
                sha: claims.text("sha"),
                id: claims.text("run_id"),
                // The page has the run's number in its repository.
                url: claims.link(server, repository, "actions/runs", claims.text("run_number"))
            )
        }
    )

    /// All are texts.
    private static let forgejoClaims = ClaimTable(
        [
            .texts(.identifier, "repository_id", "repository_owner_id"),
            .texts(.name(identifier: "repository_id"), "repository"),
            .texts(.name(identifier: "repository_owner_id"), "repository_owner"),
            .texts(.person, "actor", "actor_id"),
            .texts(.ref, "ref", "sha", "base_ref", "head_ref", "ref_type"),
            [KnownClaim("ref_protected", .ref, .flagText)],
            .texts(.trigger, "event_name"),
            .texts(.workflow, "workflow", "workflow_ref"),
            .texts(.run, "run_id", "run_number", "run_attempt"),
        ]
    )

    private static let forgejoTriggers = TriggerTable([
        .trusted("event_name", .text("push"), why: "somebody who may write pushed the branch or tag"),
        .trusted("event_name", .text("schedule"), why: "the timetable of the default branch"),
        .trusted(
            "event_name",
            .text("workflow_dispatch"),
            .text("release"),
            why: "somebody who may write started it on a branch or tag of the repository"
        ),
        .untrusted(
            "event_name",
            .text("pull_request"),
            .text("pull_request_review"),
            .text("pull_request_review_approved"),
            .text("pull_request_review_rejected"),
            .text("pull_request_review_comment"),
            .text("pull_request_comment"),
            why: "it runs code of a pull request, from a fork or not, that is not merged"
        ),
        .untrusted(
            "event_name",
            .text("pull_request_target"),
            why: "it has the repository's identity, and the ref of its branch, for a pull request that anybody may open"
        ),
        .untrusted(
            "event_name",
            .text("workflow_run"),
            why:
                "it has the repository's identity after another workflow, which a pull request of anybody may have started"
        ),
        .untrusted(
            "event_name",
            .text("issue_comment"),
            .text("issues"),
            why: "anybody who writes a comment or an issue starts it, and steers it by the text"
        ),
        .untrusted(
            "event_name",
            .text("fork"),
            .text("watch"),
            .text("gollum"),
            why: "anybody who sees the repository may start it"
        ),
        .untrusted("event_name", .anythingElse, why: "nobody has said who can start that"),
        .untrusted("event_name", .missing, why: "nothing says what started the job"),
    ])
}
