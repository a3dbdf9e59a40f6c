extension IssuerFacts {
    /// Postern's own issuer for Drone and Woodpecker: `postern issuer serve`.
    static let drone = IssuerFacts(
        .drone,
        title: "Drone",
        claims: droneClaims,
        triggers: droneTriggers,
        hostClaims: ["drone_host", "woodpecker_host"],
        algorithms: ["RS256", "ES256"],
        addresses: .unknown,
        subjectHint: "use `drone_host` or `woodpecker_host`, `repository_uid`, `event` and `ref`",
        run: { claims in
            let repository = claims.text("repository")
            let number = claims.text("build_number")
            let drone = claims.text("drone_host").flatMap(server)
            let woodpecker = claims.text("woodpecker_host").flatMap(server)
            return JobRun(
                repository: repository,
                ref: claims.text("ref"),
                sha: claims.text("sha"),
                id: number,
                url: claims.link(drone, repository, number)
                    ?? claims.link(woodpecker, "repos", claims.text("repository_id"), "pipeline", number)
            )
        }
    )

    /// - Returns: nil for what is no host: what follows must not become part of another address.
    private static func server(_ host: String) -> String? {
        let isPlain = host.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"/@?#\\".utf8.contains($0) }
        return isPlain ? "https://" + host : nil
    }

    private static let droneClaims = ClaimTable(
        [
            .texts(.identifier, "repository_uid", "repository_id"),
            .texts(.name(identifier: "repository_uid"), "repository", "namespace", "source_repository"),
            .texts(.person, "sender", "author"),
            .texts(.ref, "ref", "ref_type", "branch", "source_branch", "sha"),
            .texts(.trigger, "event", "trigger", "cron"),
            .texts(.environment, "deploy_to"),
            .texts(.run, "build_id"),
            .texts(.detail, "drone_host", "woodpecker_host", "visibility"),
            [
                KnownClaim("parent", .trigger, .number), KnownClaim("build_number", .run, .number),
                KnownClaim("fork", .detail, .bool), KnownClaim("protected", .detail, .bool),
                KnownClaim("trusted", .detail, .bool), KnownClaim("params", .detail, .bool),
            ],
        ]
    )

    private static let droneTriggers = TriggerTable([
        .trusted("event", .text("push"), .text("tag"), why: "somebody who may write pushed the branch or tag"),
        .untrusted(
            "event",
            .text("pull_request"),
            why:
                "it runs code of a pull request, from a fork or not, and `branch` names the one it wants to be merged into"
        ),
        .untrusted(
            "event",
            .text("custom"),
            .text("manual"),
            why: "whoever started it chose the branch and the commit, which need not belong together"
        ),
        .untrusted(
            "event",
            .text("promote"),
            .text("rollback"),
            .text("deployment"),
            why: "it has the ref and the commit of an earlier build, which may be one of a pull request"
        ),
        .untrusted(
            "event",
            .text("cron"),
            why: "whoever may write sets it up, for any branch, and starts it at any time"
        ),
        .untrusted("event", .anythingElse, why: "nobody has said who can start that"),
        .untrusted("event", .missing, why: "nothing says what started the build"),
        .trusted("trigger", .text("@hook"), why: "the repository's own webhook started the build"),
        .trusted(
            "trigger",
            .missingBeside("woodpecker_host"),
            why: "Woodpecker tells no trigger: what a person starts has the event `manual`, or a parent"
        ),
        .untrusted("trigger", .text("@cron"), why: "a timetable started the build, and no push"),
        .untrusted(
            "trigger",
            .anythingElse,
            why: "a person started or restarted the build, and may have changed its variables"
        ),
        .untrusted("trigger", .missing, why: "nothing says who started the build"),
        .trusted("parent", .number(0), why: "the build is no repetition of another one"),
        .untrusted("parent", .anythingElse, why: "the build repeats another one, or promotes it"),
        .untrusted("parent", .missing, why: "nothing says whether the build repeats another one"),
        .trusted("fork", .flag(false), why: "the code is the repository's own"),
        .untrusted("fork", .anythingElse, why: "the code is a fork's"),
        .untrusted("fork", .missing, why: "nothing says whether the code is a fork's"),
        .trusted("params", .flag(false), why: "nobody has added variables to the build"),
        .untrusted("params", .anythingElse, why: "whoever started the build has added variables to it"),
        .untrusted("params", .missing, why: "nothing says whether somebody has added variables to the build"),
    ])
}
