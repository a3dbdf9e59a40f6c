package import PosternCore

/// Why an identity may or may not be a role: every entry of `who`, and what it says of the claims.
package struct IdentityExplanation: Sendable {
    package struct Entry: Sendable {
        package let location: SourceLocation
        /// nil when the entry matches.
        package let mismatch: String?
    }

    /// The issuer's name in `postern.yaml`.
    package let issuer: String
    /// Why the token counts as one of an untrusted trigger; nil when it does not.
    package let untrusted: UntrustedTrigger?
    package let match: RoleMatch
    /// In the order of the file.
    package let entries: [Entry]
    /// What the role asks of the token beyond its claims; empty when it asks nothing.
    package let bindings: [BindingExplanation]
    private let bindingRefusal: GrantRefusal?

    /// - Parameter connection: how the job would come, as far as it is known.
    package init(
        of role: Role,
        issuer: String,
        claims: JSONObject,
        trust: TrustRule,
        connection: GrantConnection = GrantConnection()
    ) {
        let untrusted = trust.untrusted(claims)
        self.issuer = issuer
        self.untrusted = untrusted
        let certificate = connection.certificate
        match = role.match(issuer: issuer, claims: claims, trust: trust, certificate: certificate)
        entries = role.who.map { entry in
            let mismatch = Self.mismatch(entry, issuer, claims, isTrusted: untrusted == nil, certificate)
            return Entry(location: entry.location, mismatch: mismatch)
        }
        bindings = BindingExplanation.all(of: role.binding, connection)
        bindingRefusal = role.binding.refusal(of: connection)
    }

    package var isGranted: Bool { refusal == nil }

    /// Why the job may not be the role, in the words of the journal; nil when it may.
    package var refusal: String? {
        switch match {
        case .matched: bindingRefusal?.reason
        case .refused(let refusal): refusal.description
        }
    }

    private static func mismatch(
        _ entry: WhoEntry,
        _ issuer: String,
        _ claims: JSONObject,
        isTrusted: Bool,
        _ certificate: CertificateNames?
    ) -> String? {
        guard entry.issuer.utf8.elementsEqual(issuer.utf8) else { return "it is for issuer `\(entry.issuer)`" }
        guard isTrusted || entry.takesUntrusted else {
            return "untrusted trigger, and it does not say `untrusted: true`"
        }
        guard let mismatch = entry.firstMismatch(in: claims) else {
            return entry.certificate?.mismatch(certificate)?.description
        }
        guard !mismatch.isMissing, let value = ClaimName(mismatch.claim)?.value(in: claims) else {
            return "claim `\(mismatch.claim)` is missing"
        }
        return "claim `\(mismatch.claim)` is `\(Words.bounded(value.text, 128))`"
    }
}
