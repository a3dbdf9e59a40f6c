package import PosternCore

/// What a job's client certificate must name (contract, section 4, `certificate` of an entry). Every part must match; a
/// job without a certificate never does.
package struct CertificateMatcher: Hashable, Sendable {
    /// A name that a certificate has. The raw values are the policy's keys.
    package enum Part: String, Hashable, Sendable, CaseIterable {
        /// The whole distinguished name, as RFC 4514 writes it.
        case subject
        /// One of the alternative names of that kind.
        case dns
        case uri
        case email

        /// What the `*` of a glob does not cross, so that it stands for one piece of a name and never for the next.
        ///
        /// In a subject that is also the backslash: `CN=a\,O=Acme` is one value that looks like two.
        package var globDelimiters: String {
            switch self {
            case .subject: ",+\\"
            case .dns: "."
            case .uri: Glob.claimDelimiters
            case .email: "@"
            }
        }
    }

    package struct Demand: Hashable, Sendable {
        package let part: Part
        /// Of texts only.
        package let matcher: ClaimMatcher
        package let location: SourceLocation

        package init(part: Part, matcher: ClaimMatcher, location: SourceLocation) {
            self.part = part
            self.matcher = matcher
            self.location = location
        }
    }

    /// At least one, in the order of the file.
    package let demands: [Demand]
    package let location: SourceLocation

    package init(demands: [Demand], location: SourceLocation) {
        self.demands = demands
        self.location = location
    }

    /// Why the certificate does not match; nil when it does.
    ///
    /// - Parameter names: nil when the job has shown no certificate.
    package func mismatch(_ names: CertificateNames?) -> WhoRefusal.CertificateMismatch? {
        guard let names else { return WhoRefusal.CertificateMismatch(part: nil, location: location) }
        for demand in demands where !names.values(of: demand.part).contains(where: demand.accepts) {
            return WhoRefusal.CertificateMismatch(part: demand.part, location: demand.location)
        }
        return nil
    }

    /// Whether the part is asked for.
    package func names(_ part: Part) -> Bool { demands.contains { $0.part == part } }
}

extension CertificateMatcher.Demand {
    fileprivate func accepts(_ value: String) -> Bool { matcher.matches(.string(value)) }
}

extension CertificateNames {
    /// What the certificate has of that part.
    package func values(of part: CertificateMatcher.Part) -> [String] {
        switch part {
        case .subject: [subject]
        case .dns: dns
        case .uri: uris
        case .email: emails
        }
    }
}
