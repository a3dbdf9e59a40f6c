/// The claims that a CI system puts into its tokens.
package struct ClaimTable: Sendable {
    package let claims: [KnownClaim]
    /// Beginnings of names that users define.
    package let openPrefixes: [String]
    /// Administrators add claims of their own: a name that is not here need not be a slip.
    package let isOpen: Bool

    /// - Parameter audience: the type of `aud`, where it is always the same.
    init(
        audience: KnownClaim.ValueType = .any,
        _ claims: [[KnownClaim]],
        openPrefixes: [String] = [],
        isOpen: Bool = false
    ) {
        self.claims = Self.registered(audience) + claims.joined()
        self.openPrefixes = openPrefixes
        self.isOpen = isOpen
    }

    /// Those of every JWT.
    private static func registered(_ audience: KnownClaim.ValueType) -> [KnownClaim] {
        [
            KnownClaim("iss", .detail, isJournaled: false), KnownClaim("aud", .detail, audience, isJournaled: false),
            KnownClaim("sub", .subject, isJournaled: false), KnownClaim("jti", .run),
            KnownClaim("iat", .run, .number, isJournaled: false),
            KnownClaim("nbf", .run, .number, isJournaled: false),
            KnownClaim("exp", .run, .number, isJournaled: false),
        ]
    }

    package func claim(named name: String) -> KnownClaim? { claims.first { $0.name == name } }

    /// Whether tokens may have a claim of that name.
    package func admits(_ name: String) -> Bool {
        if isOpen || claim(named: name) != nil || openPrefixes.contains(where: name.hasPrefix) { return true }
        // A step into a claim that is known as a whole.
        return claims.contains { ($0.type == .object || $0.type == .list) && name.hasPrefix("/\($0.name)/") }
    }
}

extension [KnownClaim] {
    /// Claims that are texts.
    static func texts(_ meaning: KnownClaim.Meaning, _ names: String...) -> [KnownClaim] {
        names.map { KnownClaim($0, meaning) }
    }
}
