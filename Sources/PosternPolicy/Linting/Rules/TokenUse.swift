/// Rules about what roles ask of tokens beyond their claims.
extension LintRule {
    static let tokenUse = [singleUseToken, tokenAgeUnreached, everyNetwork]

    /// The CI systems that give a job one token, in a variable, and none when it asks again.
    private static let systemsOfOneToken: Set<IssuerProfile> = [.gitlab, .circleci, .bitbucket, .drone]

    static let singleUseToken = ofEntries(
        "identity/single-use-token",
        .warning,
        "A role takes a token once, and the CI system gives a job one",
        reason: """
            The job's second connection is refused: the next `psql -c` of a script, a pool, a tool that opens one \
            connection to look and another to work.
            """
    ) { view in
        guard view.role.binding.singleUse, let kind = view.kind, systemsOfOneToken.contains(kind) else { return [] }
        return [
            Complaint(
                view.entry.location,
                "a job of issuer `\(view.entry.issuer)` has one token, which opens one session of role `\(view.role.name)`",
                hint: "let the job connect once, or set `max_token_age` and `end_with_token` in place of `single_use`"
            )
        ]
    }

    static let tokenAgeUnreached = ofEntries(
        "identity/token-age-unreached",
        .warning,
        "A role's limit on a token's age is one that no token reaches",
        reason:
            "A token expires before, or the issuer's own limit refuses it: the key only looks as if it did something."
    ) { view in
        guard let limit = view.role.binding.maximumTokenAge, let issuer = view.issuer else { return [] }
        let reached = min(issuer.maximumTokenLifetime, issuer.maximumTokenAge ?? issuer.maximumTokenLifetime)
        guard limit >= reached else { return [] }
        return [
            Complaint(
                view.entry.location,
                "no token of issuer `\(issuer.name)` is taken at an age of \(limit.components.seconds) s, which role "
                    + "`\(view.role.name)` sets as its `max_token_age`",
                hint: "set less than \(reached.components.seconds)s, or leave it out"
            )
        ]
    }

    static let everyNetwork = ofRoles(
        "identity/every-network",
        .warning,
        "A network of a role holds every address",
        reason: "A prefix of no bits asks nothing: a token that leaked is good from anywhere."
    ) { role in
        let all = (role.binding.clientNetworks ?? []).filter { network in
            if case .prefix(_, length: 0) = network { true } else { false }
        }
        guard !all.isEmpty else { return [] }
        return [
            Complaint(
                role.location,
                "`client_networks` of role `\(role.name)` lets jobs connect from anywhere",
                hint: "name the runners' networks, or leave it out"
            )
        ]
    }
}
