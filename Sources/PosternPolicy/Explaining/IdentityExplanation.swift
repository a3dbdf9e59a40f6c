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
    /// What the issuer's `trust` says of the claims.
    package let isTrusted: Bool
    package let match: RoleMatch
    /// In the order of the file.
    package let entries: [Entry]

    package init(of role: Role, issuer: String, claims: JSONObject, trust: TrustRule) {
        let isTrusted = trust.covers(claims)
        self.issuer = issuer
        self.isTrusted = isTrusted
        match = role.match(issuer: issuer, claims: claims, trusted: isTrusted)
        entries = role.who.map { entry in
            Entry(location: entry.location, mismatch: Self.mismatch(entry, issuer, claims, isTrusted))
        }
    }

    package var isGranted: Bool {
        switch match {
        case .matched: true
        case .refused: false
        }
    }

    private static func mismatch(_ entry: WhoEntry, _ issuer: String, _ claims: JSONObject, _ isTrusted: Bool)
        -> String?
    {
        guard entry.issuer.utf8.elementsEqual(issuer.utf8) else { return "it is for issuer `\(entry.issuer)`" }
        guard isTrusted || entry.takesUntrusted else {
            return "untrusted trigger, and it does not say `untrusted: true`"
        }
        guard let mismatch = entry.firstMismatch(in: claims) else { return nil }
        guard !mismatch.isMissing, let value = ClaimName(mismatch.claim)?.value(in: claims) else {
            return "claim `\(mismatch.claim)` is missing"
        }
        return "claim `\(mismatch.claim)` is `\(Words.bounded(value.text, 128))`"
    }
}
