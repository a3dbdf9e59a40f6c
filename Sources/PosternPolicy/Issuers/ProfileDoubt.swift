/// A profile that does not seem to be that of the URL.
package enum ProfileDoubt: Hashable, Sendable {
    /// The URL is one of a CI system that has another profile.
    case belongsTo(IssuerProfile, named: IssuerProfile)
    /// The CI system's URLs look otherwise.
    case unusual(IssuerProfile)

    /// - Returns: nil when they go together, as far as URLs tell.
    package init?(profile: IssuerProfile, url: String) {
        guard let parts = IssuerURL(url), !profile.facts.addresses.matches(parts) else { return nil }
        if let known = IssuerFacts.recognized(by: url)?.profile, known != profile {
            // Google's is generic by right.
            guard known != .generic else { return nil }
            self = .belongsTo(known, named: profile)
        } else if profile.facts.addresses.isComplete {
            self = .unusual(profile)
        } else {
            return nil
        }
    }

    package func message(ofIssuer name: String) -> String {
        switch self {
        case .belongsTo(let known, .generic):
            "issuer `\(name)` has a URL of \(known.facts.title), of whose tokens and triggers profile `generic` knows nothing"
        case .belongsTo(let known, let profile):
            "issuer `\(name)` has a URL of \(known.facts.title), and profile `\(profile.rawValue)`"
        case .unusual(let profile):
            "issuer `\(name)` has a URL that is none of \(profile.facts.title)"
        }
    }

    package var hint: String {
        switch self {
        case .belongsTo(let known, _): "use `profile: \(known.rawValue)`"
        case .unusual(let profile):
            "these look like " + profile.facts.addresses.shapes.map { "`\($0)`" }.joined(separator: " or ")
        }
    }
}
