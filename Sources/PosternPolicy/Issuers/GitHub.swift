extension IssuerFacts {
    private static let host = "token.actions.githubusercontent.com"

    /// GitHub Actions, GitHub Enterprise Server and GHE.com (docs.github.com, OpenID Connect reference).
    static let github = IssuerFacts(
        .github,
        title: "GitHub",
        claims: githubClaims,
        triggers: githubTriggers,
        shared: SharedIssuer(
            host: host,
            owner: "GitHub",
            tenantClaims: ["repository_id", "repository_owner_id", "enterprise_id"]
        ),
        // Five minutes; there is no reason for a longer one, since a job may fetch another at any time.
        maximumTokenLifetime: .seconds(15 * 60),
        addresses: IssuerAddresses(
            [
                "https://\(host)", "https://\(host)/ENTERPRISE", "https://token.actions.SUBDOMAIN.ghe.com",
                "https://HOST/_services/token",
            ],
            isComplete: true
        ) { url in
            if url.host == host { return url.steps.count <= 1 }
            if url.path == "/_services/token" { return true }
            return url.path.isEmpty && enterpriseHost(url) != nil
        },
        subjectHint: "use `repository_id`, `ref` and `event_name`",
        run: { claims in
            let repository = claims.text("repository")
            let id = claims.text("run_id")
            return JobRun(
                repository: repository,
                ref: claims.text("ref"),
                sha: claims.text("sha"),
                id: id,
                url: claims.link(claims.issuer.flatMap(server), repository, "actions/runs", id)
            )
        }
    )

    /// `SUBDOMAIN.ghe.com`.
    private static func enterpriseHost(_ url: IssuerURL) -> String? {
        let prefix = "token.actions."
        guard url.host.hasPrefix(prefix), url.host.hasSuffix(".ghe.com") else { return nil }
        let host = url.host.dropFirst(prefix.count)
        return host.split(separator: ".", omittingEmptySubsequences: false).count == 3 ? String(host) : nil
    }

    /// Where people look at the runs.
    private static func server(_ url: IssuerURL) -> String? {
        if url.host == host { return "https://github.com" }
        if url.path == "/_services/token" { return "https://" + url.authority }
        return enterpriseHost(url).map { "https://" + $0 }
    }

    /// Ids and numbers are texts.
    private static let githubClaims = ClaimTable(
        [
            .texts(.identifier, "repository_id", "repository_owner_id", "enterprise_id"),
            .texts(.name(identifier: "repository_id"), "repository"),
            .texts(.name(identifier: "repository_owner_id"), "repository_owner"),
            .texts(.name(identifier: "enterprise_id"), "enterprise"),
            .texts(.person, "actor", "actor_id"),
            .texts(.ref, "ref", "sha", "base_ref", "head_ref", "ref_type"),
            [KnownClaim("ref_protected", .ref, .flagText)],
            .texts(.trigger, "event_name"),
            .texts(.environment, "environment", "environment_node_id"),
            .texts(.workflow, "workflow", "workflow_ref", "workflow_sha", "job_workflow_ref", "job_workflow_sha"),
            .texts(.run, "run_id", "run_number", "run_attempt", "check_run_id"),
            .texts(.detail, "repository_visibility", "runner_environment", "issuer_scope"),
        ],
        openPrefixes: ["repo_property_"]
    )

    private static let githubTriggers = TriggerTable([
        .trusted("event_name", .text("push"), why: "somebody who may write pushed the branch or tag"),
        .trusted("event_name", .text("schedule"), why: "the timetable of the default branch"),
        .trusted(
            "event_name",
            .text("workflow_dispatch"),
            .text("repository_dispatch"),
            .text("release"),
            why: "somebody who may write started it on a branch or tag of the repository"
        ),
        .untrusted(
            "event_name",
            .text("pull_request"),
            .text("pull_request_review"),
            .text("pull_request_review_comment"),
            why: "it runs code of a pull request, from a fork or not, that is not merged"
        ),
        .untrusted(
            "event_name",
            .text("pull_request_target"),
            why: "it has the repository's identity for a pull request that anybody may open"
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
            .text("discussion"),
            .text("discussion_comment"),
            why: "anybody who writes a comment or an issue starts it, and steers it by the text"
        ),
        .untrusted(
            "event_name",
            .text("fork"),
            .text("watch"),
            .text("gollum"),
            why: "anybody who sees the repository may start it"
        ),
        .untrusted(
            "event_name",
            .text("check_run"),
            .text("check_suite"),
            .text("status"),
            .text("deployment"),
            .text("deployment_status"),
            why: "a report of another program starts it, which may be about a pull request of anybody"
        ),
        .untrusted(
            "event_name",
            .text("merge_group"),
            why: "it runs code of pull requests that wait to be merged"
        ),
        .untrusted(
            "event_name",
            .text("dynamic"),
            why: "a program of GitHub's own starts it, as it updates or writes code"
        ),
        .untrusted("event_name", .anythingElse, why: "nobody has said who can start that"),
        .untrusted("event_name", .missing, why: "nothing says what started the job"),
    ])
}
