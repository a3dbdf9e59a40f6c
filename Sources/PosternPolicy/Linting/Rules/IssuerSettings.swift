/// Rules about the issuers of `postern.yaml`.
extension LintRule {
    static let issuerSettings = [sharedAudience, tokenLifetime, genericProfile]

    static let sharedAudience = LintRule(
        "identity/shared-audience",
        .error,
        "The audience is one that tokens for other services bear",
        reason: """
            A token that a job made for another service, and that the other service has seen, would open the database too. \
            The audience must name this gateway.
            """
    ) { subject in
        subject.issuers.compactMap { issuer in
            guard let owner = AudienceOwner(of: issuer) else { return nil }
            return Complaint(
                issuer.location,
                "the audience `\(issuer.audience)` of issuer `\(issuer.name)` is \(owner.description)",
                hint: "name this gateway, as in `postern.example.com`"
            )
        }
    }

    /// The longest life that a token has without an administrator's doing, and five minutes.
    private static let usualLifetime: Duration = .seconds(65 * 60)

    static let tokenLifetime = LintRule(
        "identity/token-lifetime",
        .error,
        "Tokens are taken for longer than they need to live",
        reason:
            "A token that leaks into a log or an artifact is good until it ends. Only GitLab and Kubernetes make long ones."
    ) { subject in
        subject.issuers.compactMap { issuer in
            if let usual = issuer.facts?.maximumTokenLifetime, usual > usualLifetime { return nil }
            let isCapped = issuer.maximumTokenAge.map { $0 <= usualLifetime } ?? false
            guard issuer.maximumTokenLifetime > usualLifetime, !isCapped else { return nil }
            return Complaint(
                issuer.location,
                "issuer `\(issuer.name)` may give tokens that live longer than 65 minutes",
                hint: "leave `max_token_lifetime` out, or set `max_token_age: 1h`"
            )
        }
    }
}

extension LintRule {
    static let genericProfile = LintRule(
        "identity/generic-profile",
        .warning,
        "An issuer that has a profile is called generic",
        reason: """
            Of a `generic` issuer nothing is known: a slip in a claim's name or type is not found at once, and only `trust` \
            keeps jobs out that a fork's pull request starts. The profile knows both.
            """
    ) { subject in
        subject.issuers.compactMap { issuer in
            guard let doubt = ProfileDoubt(profile: issuer.profile, url: issuer.url) else { return nil }
            return Complaint(issuer.location, doubt.message(ofIssuer: issuer.name), hint: doubt.hint)
        }
    }
}

/// Whose audience it is, where it is not this gateway's.
private struct AudienceOwner {
    let description: String

    init?(of issuer: LintSubject.Issuer) {
        let audience = issuer.audience.hasSuffix("/") ? String(issuer.audience.dropLast()) : issuer.audience
        let url = issuer.url.hasSuffix("/") ? String(issuer.url.dropLast()) : issuer.url
        if audience == url {
            description = "the issuer's own URL"
        } else if audience == "sts.amazonaws.com" || audience == "api://AzureADTokenExchange" {
            description = "a cloud's"
        } else if audience.hasPrefix("https://github.com/") || audience.hasPrefix("https://buildkite.com/")
            || audience.hasPrefix("ari:cloud:bitbucket::workspace/")
        {
            description = "what the platform gives when a job asks for none"
        } else if audience.hasPrefix("https://vault.") || audience.hasPrefix("//iam.googleapis.com/") {
            description = "another service's"
        } else if !audience.isEmpty, issuer.facts?.profile == .circleci, url.hasSuffix("/" + audience) {
            description = "the organization's id, which CircleCI gives to every job"
        } else {
            return nil
        }
    }
}
