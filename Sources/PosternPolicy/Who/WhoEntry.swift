internal import PosternCore

/// One way to be a role: an issuer and what every one of these claims must be (contract, section 4, "Who").
package struct WhoEntry: Hashable, Sendable {
    package struct Claim: Hashable, Sendable {
        package let name: ClaimName
        package let matcher: ClaimMatcher
        package let location: SourceLocation

        package init(name: ClaimName, matcher: ClaimMatcher, location: SourceLocation) {
            self.name = name
            self.matcher = matcher
            self.location = location
        }
    }

    /// The issuer's name in `postern.yaml`.
    package let issuer: String
    /// At least one, in the order of the file.
    package let claims: [Claim]
    /// `untrusted: true`: tokens of untrusted triggers match as well.
    package let takesUntrusted: Bool
    /// What the job's client certificate must name, beside the claims; nil when nothing is asked of it.
    package let certificate: CertificateMatcher?
    package let location: SourceLocation

    package init(
        issuer: String,
        claims: [Claim],
        takesUntrusted: Bool = false,
        certificate: CertificateMatcher? = nil,
        location: SourceLocation
    ) {
        self.issuer = issuer
        self.claims = claims
        self.takesUntrusted = takesUntrusted
        self.certificate = certificate
        self.location = location
    }

    /// The first claim that does not match; nil when all do.
    func firstMismatch(in claims: JSONObject) -> WhoRefusal.Mismatch? {
        for claim in self.claims {
            guard let value = claim.name.value(in: claims) else {
                return WhoRefusal.Mismatch(claim: claim.name.description, isMissing: true, location: claim.location)
            }
            guard claim.matcher.matches(value) else {
                return WhoRefusal.Mismatch(claim: claim.name.description, isMissing: false, location: claim.location)
            }
        }
        return nil
    }
}
