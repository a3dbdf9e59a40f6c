/// A value that a claim of this kind never has, so that an entry which asks for it waits for ever.
package struct ClaimContradiction: Hashable, Sendable {
    package let message: String
    package let hint: String

    /// - Returns: nil when every value that the entry asks for is one that the claim can have.
    package init?(_ claim: WhoEntry.Claim, _ known: KnownClaim) {
        guard let finding = claim.matcher.alternatives.lazy.compactMap({ Self.finding($0, known) }).first else {
            return nil
        }
        message = "`\(claim.name)` is \(known.type.description), \(finding)"
        hint =
            switch known.type {
            case .text: "write it in quotes"
            case .flagText: "write `\"true\"` or `\"false\"`, in quotes"
            case .number: "write it without quotes"
            case .bool: "write `true` or `false`, without quotes"
            case .list: "write `{contains: …}`"
            case .object: "name the value inside by a JSON pointer, as in `/\(known.name)/…`"
            case .any: "leave it out"
            }
    }

    private static func finding(_ matcher: ClaimMatcher, _ known: KnownClaim) -> String? {
        switch (matcher, known.type) {
        case (_, .any), (.anyOf, _): return nil
        case (.exactly(let scalar), _): return known.admits(scalar.value) ? nil : "and never \(scalar.spelling)"
        case (.glob, .text), (.glob, .flagText), (.contains, .list): return nil
        case (.glob, _): return "which no glob matches"
        case (.contains, _): return "which contains nothing"
        }
    }
}
