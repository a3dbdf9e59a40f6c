/// Rules about claims that can never match.
extension LintRule {
    static let identityClaims = [unknownClaim, claimType, starInValue]

    static let unknownClaim = ofEntries(
        "identity/unknown-claim",
        .error,
        "A claim is not one that the issuer's tokens have",
        reason:
            "A missing claim never matches, so a slip in its name locks everybody out, or hides that nothing is tested."
    ) { view in
        guard let facts = view.facts, let table = view.table else { return [] }
        return view.entry.claims.compactMap { claim in
            let name = claim.plainName
            guard !table.admits(name) else { return nil }
            let near = Spelling.nearest(to: name, among: table.claims.map(\.name))
            return Complaint(
                claim.location,
                "tokens of \(facts.title) have no claim `\(claim.name)`",
                hint: near.map { "did you mean `\($0)`?" } ?? "look at the claims that the issuer documents"
            )
        }
    }

    static let starInValue = ofEntries(
        "identity/star-in-value",
        .warning,
        "A value has a star that stands for itself",
        reason: """
            Only `{glob: …}` makes a pattern of a text. Without it the star is a letter as any other, which hardly a token \
            has, so the entry lets nobody in.
            """
    ) { view in
        view.entry.claims.compactMap { claim in
            let starred = claim.matcher.scalars.compactMap { scalar -> String? in
                if case .string(let text) = scalar, text.contains("*") { text } else { nil }
            }
            guard let text = starred.first else { return nil }
            return Complaint(
                claim.location,
                "`\(claim.name)` must be `\(Words.bounded(text, 64))`, star and all",
                hint: "for a pattern write `\(claim.name): {glob: \"\(Words.bounded(text, 64))\"}`"
            )
        }
    }

    /// For issuers with a profile of their own the loader reports it, as an error.
    static let claimType = ofEntries(
        "identity/claim-type",
        .error,
        "A value has another type than the claim",
        reason:
            "Values are compared with their types: the text \"74\" is not the number 74, and a list is matched by `contains`."
    ) { view in
        guard let table = view.table else { return [] }
        return view.entry.claims.compactMap { claim in
            table.claim(named: claim.plainName).flatMap { ClaimContradiction(claim, $0) }.map {
                Complaint(claim.location, $0.message, hint: $0.hint)
            }
        }
    }
}
