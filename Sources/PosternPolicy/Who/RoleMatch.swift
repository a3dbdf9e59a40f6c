/// Whether an identity may be a role.
package enum RoleMatch: Hashable, Sendable {
    /// The entry of `who`, counted from 0, that matched first.
    case matched(entry: Int)
    case refused(WhoRefusal)
}

/// Why an identity may not be a role. For the journal and the log, never for the job.
package enum WhoRefusal: Hashable, Sendable, CustomStringConvertible {
    /// No entry names the identity's issuer.
    case issuerNotNamed
    /// What started the job is not to be trusted, and no entry for the issuer takes untrusted tokens.
    case untrustedTrigger(UntrustedTrigger)
    /// The first entry for the issuer, counted from 0, and the first of its claims that does not match.
    case claim(entry: Int, Mismatch)
    /// The claims of that entry match, and the job's certificate does not.
    case certificate(entry: Int, CertificateMismatch)

    package struct Mismatch: Hashable, Sendable {
        /// The claim as the policy names it.
        package let claim: String
        package let isMissing: Bool
        /// Where the policy asks for it.
        package let location: SourceLocation

        package init(claim: String, isMissing: Bool, location: SourceLocation) {
            self.claim = claim
            self.isMissing = isMissing
            self.location = location
        }
    }

    package struct CertificateMismatch: Hashable, Sendable {
        /// What of the certificate does not match; nil when the job has shown none.
        package let part: CertificateMatcher.Part?
        /// Where the policy asks for it.
        package let location: SourceLocation

        package init(part: CertificateMatcher.Part?, location: SourceLocation) {
            self.part = part
            self.location = location
        }

        var description: String {
            part.map { "certificate `\($0.rawValue)` does not match" } ?? "certificate is missing"
        }
    }

    /// The name of the claim that failed, when it was one.
    package var failedClaim: String? {
        switch self {
        case .issuerNotNamed, .certificate: nil
        case .untrustedTrigger(let trigger): trigger.claim
        case .claim(_, let mismatch): mismatch.claim
        }
    }

    package var description: String {
        switch self {
        case .issuerNotNamed: "no entry of `who` names the issuer"
        case .untrustedTrigger(let trigger): trigger.description
        case .claim(_, let mismatch):
            mismatch.isMissing
                ? "claim `\(mismatch.claim)` is missing" : "claim `\(mismatch.claim)` does not match"
        case .certificate(_, let mismatch): mismatch.description
        }
    }
}
