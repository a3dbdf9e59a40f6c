package import PosternCore

/// Which tokens of an issuer come from a trusted trigger.
package enum TrustRule: Hashable, Sendable {
    case all
    /// Those whose claim matches; a token without the claim is untrusted.
    case claim(ClaimName, ClaimMatcher)

    package func covers(_ claims: JSONObject) -> Bool {
        switch self {
        case .all: true
        case .claim(let name, let matcher): name.value(in: claims).map(matcher.matches) ?? false
        }
    }
}
