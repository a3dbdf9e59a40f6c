internal import PosternCore

/// Rules about what may start a job.
extension LintRule {
    static let identityTriggers = [
        refWithoutTrigger, untrustedTriggerWrites, neverTrusted, missingEvent, publicRepository,
    ]

    static let refWithoutTrigger = ofEntries(
        "identity/ref-without-trigger",
        .error,
        "A branch is asked for, but not a trigger that proves it",
        reason: """
            In Drone, Woodpecker and Buildkite whoever starts a build by hand or through the API names the branch that the \
            token then bears. Only pushes and tags come from the repository itself.
            """
    ) { view in
        let refs: [String]
        let trigger: String
        let proven: Set<String>
        // A profile takes no other triggers, unless the entry wants them.
        guard !view.isGuarded else { return [] }
        switch view.kind {
        case .drone: (refs, trigger, proven) = (["ref", "branch"], "event", ["push", "tag"])
        case .buildkite: (refs, trigger, proven) = (["build_branch", "build_tag"], "build_source", ["webhook"])
        default: return []
        }
        guard let ref = refs.compactMap(view.claim).first else { return [] }
        let wanted = proven.sorted().joined(separator: ", ")
        guard let claim = view.claim(trigger) else {
            return [
                Complaint(
                    ref.location,
                    "`\(ref.name)` without `\(trigger)`: who starts a build by hand chooses its branch",
                    hint: "add `\(trigger): [\(wanted)]`"
                )
            ]
        }
        let others = claim.matcher.alternatives.filter { alternative in
            guard case .exactly(.string(let value)) = alternative else { return true }
            return !proven.contains(value)
        }
        guard !others.isEmpty else { return [] }
        return [
            Complaint(
                claim.location,
                "`\(ref.name)` proves nothing for every trigger that `\(trigger)` takes here",
                hint: "only \(wanted) come from the repository itself"
            )
        ]
    }

    static let untrustedTriggerWrites = ofEntries(
        "identity/untrusted-trigger-writes",
        .error,
        "Jobs that outsiders can start may change data",
        reason: """
            Pull requests, comments and builds by hand run code, or are steered by text, that nobody of the project has \
            reviewed, while their tokens name the project.
            """
    ) { view in
        guard view.role.canChange else { return [] }
        if view.entry.takesUntrusted {
            return [
                Complaint(
                    view.entry.location,
                    "role `\(view.role.name)` can change data, and this entry takes tokens of untrusted triggers",
                    hint: "give such jobs a role that only reads"
                )
            ]
        }
        // With a profile such tokens do not match: `identity/never-trusted` says so.
        guard !view.isGuarded, let table = view.facts?.triggers, let trust = view.issuer?.trust else { return [] }
        for claim in view.entry.claims where table.claims.contains(claim.plainName) {
            let outside = table.rows.filter { !$0.isTrusted && $0.claim == claim.plainName }.flatMap(\.texts)
            let accepted = outside.filter { claim.accepts($0) && trust.canTrust(claim.plainName, .string($0)) }
            guard !accepted.isEmpty else { continue }
            return [
                Complaint(
                    claim.location,
                    "role `\(view.role.name)` can change data, and `\(claim.plainName)` may be "
                        + Words.list(accepted.map { "`\($0)`" }),
                    hint: "give such jobs a role that only reads"
                )
            ]
        }
        return []
    }

    static let neverTrusted = ofEntries(
        "identity/never-trusted",
        .error,
        "An entry asks for triggers that its issuer's trust leaves out",
        reason: """
            Tokens of triggers that the issuer's profile or its `trust` does not cover match only entries that say \
            `untrusted: true`. This entry waits for what never comes, and its author believes that such jobs get in.
            """
    ) { view in
        guard !view.entry.takesUntrusted, let trust = view.issuer?.trust else { return [] }
        for claim in view.entry.claims {
            let never = claim.matcher.scalars.filter { !trust.canTrust(claim.plainName, $0.value) }
            guard !never.isEmpty else { continue }
            // A slip must not lead to `untrusted: true`.
            let known = view.facts?.triggers?.rows.filter { $0.claim == claim.plainName }.flatMap(\.texts) ?? []
            let near = never.compactMap { scalar -> String? in
                guard case .string(let text) = scalar, !known.contains(text) else { return nil }
                return Spelling.nearest(to: text, among: known)
            }.first
            return [
                Complaint(
                    claim.location,
                    "`\(claim.name)` is never \(Words.list(never.map(\.spelling))) here: "
                        + "issuer `\(view.entry.issuer)` does not trust such tokens",
                    hint: near.map { "did you mean `\($0)`?" }
                        ?? "take it out, or say `untrusted: true` on an entry of a role that only reads"
                )
            ]
        }
        return []
    }

    static let missingEvent = ofEntries(
        "identity/missing-event",
        .warning,
        "An entry for GitHub or Forgejo does not say which events it is for",
        reason: """
            `pull_request_target`, `workflow_run` and `issue_comment` run with the identity of the repository and the ref \
            of its default branch, so a ref alone does not keep them out.
            """
    ) { view in
        guard view.kind == .github || view.kind == .forgejo, !view.isGuarded, !view.names("event_name") else {
            return []
        }
        return [
            Complaint(
                view.entry.location,
                "no `event_name`: comments and foreign pull requests can start jobs that match",
                hint: "add `event_name: push`, or the events that it is for"
            )
        ]
    }

    static let publicRepository = ofEntries(
        "identity/public-repository",
        .warning,
        "Jobs of a public repository may change data",
        reason:
            "Anybody can open pull requests against a public repository, read its logs and look for a way into its workflows."
    ) { view in
        guard view.role.canChange else { return [] }
        for name in ["repository_visibility", "project_visibility", "visibility"] {
            guard let claim = view.claim(name), claim.accepts("public") else { continue }
            return [
                Complaint(
                    claim.location,
                    "role `\(view.role.name)` can change data, and public repositories may be it",
                    hint: "give them a role that only reads, or deploy from a private repository"
                )
            ]
        }
        return []
    }
}

extension TriggerTable.Row {
    /// The texts that it spells out.
    fileprivate var texts: [String] {
        values.compactMap { value in
            switch value {
            case .text(let text): text
            case .number, .flag, .anyText, .holding, .sameAs, .anythingElse, .missing, .missingBeside: nil
            }
        }
    }
}
