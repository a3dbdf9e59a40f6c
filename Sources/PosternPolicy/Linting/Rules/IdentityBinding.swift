/// Rules about whether an entry of `who` means one repository, and only that.
extension LintRule {
    static let identityBinding = [weakClaims, looseGlob, namesWithoutIDs, duplicateEntry, subject]

    static let weakClaims = ofEntries(
        "identity/weak-claims",
        .error,
        "An entry names only people, refs, triggers, environments or workflows",
        reason: """
            Any repository of the issuer can have a branch `main`, an environment `production` or a run by that person. \
            An entry must also say whose repository it is.
            """
    ) { view in
        guard !view.bindsSomebody, let first = view.entry.claims.first else { return [] }
        let names = view.entry.claims.map { "`\($0.name)`" }.joined(separator: ", ")
        return [
            Complaint(
                first.location,
                "\(names) alone: every repository of issuer `\(view.entry.issuer)` can have such a job",
                hint: "add the repository's or the project's id"
            )
        ]
    }

    static let looseGlob = ofEntries(
        "identity/loose-glob",
        .error,
        "A glob covers names that strangers can choose",
        reason: """
            A star in the place of an owner, at the beginning, or right behind a word also matches what somebody else \
            registers: `acme*` matches `acme-evil`.
            """
    ) { view in
        view.entry.claims.flatMap { claim in
            claim.matcher.globs.compactMap { glob in
                GlobFault(glob.pattern, meaning: view.meaning(of: claim)).map {
                    Complaint(claim.location, "`\(glob.pattern)` of claim `\(claim.name)` \($0.message)", hint: $0.hint)
                }
            }
        }
    }

    static let namesWithoutIDs = ofEntries(
        "identity/names-without-ids",
        .warning,
        "An entry names an owner or a repository by a name that can change hands",
        reason: """
            Names can be given up and registered again by others, and a renamed repository silently loses its rights. \
            The id stays with the repository.
            """
    ) { view in
        let ids = (view.table?.claims ?? []).filter { $0.meaning == .identifier }.map(\.name)
        guard !ids.contains(where: view.pins) else { return [] }
        for claim in view.entry.claims {
            guard case .name(let identifier?) = view.meaning(of: claim), view.table != nil else { continue }
            // The service account has a rule of its own, which says how to find the id.
            if view.kind == .kubernetes { return [] }
            return [
                Complaint(
                    claim.location,
                    "`\(claim.name)` is a name, which can come to belong to somebody else",
                    hint: "add `\(identifier)`"
                )
            ]
        }
        return []
    }

    static let duplicateEntry = ofRoles(
        "identity/duplicate-entry",
        .warning,
        "An entry of `who` adds nothing to another one of the same role",
        reason: """
            Whoever matches it matches the other entry as well. Somebody who later tightens one of them would believe \
            that the door is closed.
            """
    ) { role in
        role.who.indices.compactMap { index in
            let entry = role.who[index]
            let cover = role.who.indices.first { other in
                guard other != index, role.who[other].covers(entry) else { return false }
                // Of two that are the same, the later one is the double.
                return other < index || !entry.covers(role.who[other])
            }
            guard let cover else { return nil }
            let same = entry.covers(role.who[cover])
            return Complaint(
                entry.location,
                same
                    ? "the entry says the same as the one at line \(role.who[cover].location.line)"
                    : "every token that matches this entry matches the one at line \(role.who[cover].location.line) too",
                hint: "remove one of them"
            )
        }
    }

    static let subject = ofEntries(
        "identity/subject",
        .warning,
        "An entry relies on `sub`, whose form changes",
        reason: """
            Projects can choose the form of `sub` on GitHub and GitLab, GitHub changed it in 2026, Forgejo's new one can \
            collide, and Bitbucket's is another in each run. The claims that it is made of stay.
            """
    ) { view in
        guard let claim = view.claim("sub"), let hint = view.facts?.subjectHint else { return [] }
        return [
            Complaint(claim.location, "the form of `sub` is not the same for all repositories and times", hint: hint)
        ]
    }
}

extension WhoEntry {
    /// Every job that matches `other` matches this as well.
    func covers(_ other: WhoEntry) -> Bool {
        guard issuer.utf8.elementsEqual(other.issuer.utf8), takesUntrusted || !other.takesUntrusted,
            certificate == nil || asksForSameCertificate(as: other)
        else { return false }
        return claims.allSatisfy { own in
            other.claims.contains { $0.plainName == own.plainName && $0.matcher.isCovered(by: own.matcher) }
        }
    }

    /// Both ask for no certificate, or for the same names in it, wherever they say so.
    func asksForSameCertificate(as other: WhoEntry) -> Bool {
        func demands(_ entry: WhoEntry) -> [CertificateMatcher.Part: ClaimMatcher] {
            let pairs = (entry.certificate?.demands ?? []).map { ($0.part, $0.matcher) }
            return Dictionary(pairs) { first, _ in first }
        }
        return demands(self) == demands(other)
    }
}

/// What is too wide about a glob.
private struct GlobFault {
    let message: String
    let hint: String

    init?(_ pattern: String, meaning: KnownClaim.Meaning?) {
        let pieces = pattern.split(separator: "/", omittingEmptySubsequences: false)
        switch meaning {
        case .identifier:
            message = "puts a star into an id"
            hint = "list the ids"
            return
        case .name where pieces.first?.contains("*") == true:
            message = "puts a star into the owner's part"
            hint = "spell the owner out, or pin its id"
            return
        case .name, .subject, .person, .ref, .trigger, .environment, .workflow, .run, .detail, nil: break
        }
        if pattern.hasPrefix("*") {
            message = "begins with a star"
            hint = "spell out what it begins with"
            return
        }
        guard Self.followsWord(pattern, isRef: meaning == .ref) else { return nil }
        message = "has a star right behind a word, so that longer words match too"
        hint = "let it follow a `/`, `-` or `.`, or list the values"
    }

    /// A star behind a letter or digit. The `v` of tags like `v1.2` is no word.
    private static func followsWord(_ pattern: String, isRef: Bool) -> Bool {
        let bytes = Array(pattern.utf8)
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "*") && index > 0 {
            guard Character(Unicode.Scalar(bytes[index - 1])).isLetter || (48...57).contains(bytes[index - 1]) else {
                continue
            }
            let word = bytes[..<index].reversed().prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") }
            if isRef, word.elementsEqual([UInt8(ascii: "v")]) { continue }
            return true
        }
        return false
    }
}
