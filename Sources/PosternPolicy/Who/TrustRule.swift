package import PosternCore

/// Which tokens of an issuer come from a trusted trigger.
package enum TrustRule: Hashable, Sendable {
    case all
    /// Those whose claim matches; a token without the claim is untrusted.
    case claim(ClaimName, ClaimMatcher)
    /// Those that the profile's table of triggers takes.
    case profile(IssuerProfile)

    /// Why the token of these claims is untrusted; nil when it is trusted.
    package func untrusted(_ claims: JSONObject) -> UntrustedTrigger? {
        switch self {
        case .all: return nil
        case .profile(let profile):
            guard let table = profile.facts.triggers else { return nil }
            return table.untrusted(claims)
        case .claim(let name, let matcher):
            let value = name.value(in: claims)
            guard !(value.map(matcher.matches) ?? false) else { return nil }
            return UntrustedTrigger(
                claim: name.description,
                finding: TriggerTable.finding(name, value),
                why: value == nil
                    ? "it decides what the issuer's `trust` covers" : "the issuer's `trust` does not name it"
            )
        }
    }

    /// Whether a token can be trusted in which the claim is this, whatever its other claims are.
    package func canTrust(_ claim: String, _ value: JSONValue) -> Bool {
        switch self {
        case .all: true
        case .profile(let profile): profile.facts.triggers?.canTrust(claim, value) ?? true
        case .claim(let name, let matcher): name.plain != claim || matcher.matches(value)
        }
    }
}
