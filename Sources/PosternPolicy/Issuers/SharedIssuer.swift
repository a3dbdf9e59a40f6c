/// A host that signs tokens for anybody who has an account with it. Its signature says nothing about whose job it is: a
/// claim must, by a number or id that nobody else can ever have. Names can be given up and taken by others.
package struct SharedIssuer: Hashable, Sendable {
    package let host: String
    /// Who runs it.
    package let owner: String
    /// The claims of which one must be exact in every entry of `who`.
    package let tenantClaims: [String]

    package static let all: [SharedIssuer] = IssuerFacts.all.compactMap(\.shared)

    /// Goes by the URL whatever the profile: nobody is let in by writing `generic`.
    package static func find(_ url: String) -> SharedIssuer? {
        let host = IssuerURL(url)?.host
        return all.first { $0.host == host }
    }

    /// Whether the entry names one tenant, or a list of them.
    package func isBound(by entry: WhoEntry) -> Bool { tenantClaims.contains(where: entry.pins) }
}

extension WhoEntry {
    /// Whether the entry asks for whole values of this claim: neither a glob nor an element of an array.
    package func pins(_ name: String) -> Bool {
        claims.contains { $0.name.description == name && $0.matcher.takesWholeValues }
    }
}

extension ClaimMatcher {
    fileprivate var takesWholeValues: Bool {
        switch self {
        case .exactly: true
        case .anyOf(let matchers): matchers.allSatisfy(\.takesWholeValues)
        case .glob, .contains: false
        }
    }
}
