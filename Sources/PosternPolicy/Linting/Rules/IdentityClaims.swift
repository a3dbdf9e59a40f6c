/// Rules about claims that can never match.
extension LintRule {
    static let identityClaims = [unknownClaim, claimType]

    static let unknownClaim = ofEntries(
        "identity/unknown-claim",
        .error,
        "A claim is not one that the issuer's tokens have",
        reason:
            "A missing claim never matches, so a slip in its name locks everybody out, or hides that nothing is tested."
    ) { view in
        guard let kind = view.kind, let table = view.table else { return [] }
        return view.entry.claims.compactMap { claim in
            let name = claim.plainName
            guard table.claim(named: name) == nil, !table.isOpen(name) else { return nil }
            // A step into a claim that is known as a whole.
            let isInside = table.claims.contains { $0.type == .object && name.hasPrefix("/\($0.name)/") }
            guard !isInside else { return nil }
            let near = Spelling.nearest(to: name, among: table.claims.map(\.name))
            return Complaint(
                claim.location,
                "tokens of \(kind.title) have no claim `\(claim.name)`",
                hint: near.map { "did you mean `\($0)`?" } ?? "look at the claims that the issuer documents"
            )
        }
    }

    static let claimType = ofEntries(
        "identity/claim-type",
        .error,
        "A value has another type than the claim",
        reason:
            "Values are compared with their types: the text \"74\" is not the number 74, and a list is matched by `contains`."
    ) { view in
        guard let table = view.table else { return [] }
        return view.entry.claims.compactMap { claim in
            guard let known = table.claim(named: claim.plainName) else { return nil }
            return claimTypeComplaint(claim, known)
        }
    }

    private static func claimTypeComplaint(_ claim: WhoEntry.Claim, _ known: KnownClaim) -> Complaint? {
        let hint: String
        switch known.type {
        case .text: hint = "write it in quotes"
        case .flagText: hint = "write `\"true\"` or `\"false\"`, in quotes"
        case .number: hint = "write it without quotes"
        case .bool: hint = "write `true` or `false`, without quotes"
        case .list: hint = "write `{contains: …}`"
        case .object: hint = "name the value inside by a JSON pointer, as in `/\(known.name)/…`"
        }
        for alternative in claim.matcher.alternatives {
            switch alternative {
            case .exactly(let scalar):
                if known.admits(scalar) { continue }
                return Complaint(
                    claim.location,
                    "`\(claim.name)` is \(known.type.description), and never \(scalar.spelling)",
                    hint: hint
                )
            case .glob:
                if known.type == .text || known.type == .flagText { continue }
                return Complaint(
                    claim.location,
                    "`\(claim.name)` is \(known.type.description), which no glob matches",
                    hint: hint
                )
            case .contains:
                if known.type == .list { continue }
                return Complaint(
                    claim.location,
                    "`\(claim.name)` is \(known.type.description), which contains nothing",
                    hint: hint
                )
            case .anyOf: continue
            }
        }
        return nil
    }
}

extension IssuerKind {
    /// As people call it.
    var title: String {
        switch self {
        case .github: "GitHub"
        case .gitlab: "GitLab"
        case .circleci: "CircleCI"
        case .buildkite: "Buildkite"
        case .bitbucket: "Bitbucket"
        case .kubernetes: "Kubernetes"
        case .jenkins: "Jenkins"
        case .forgejo: "Forgejo"
        case .drone: "Drone"
        case .google: "Google"
        }
    }
}
