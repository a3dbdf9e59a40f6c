internal import PosternCore

/// An entry of `who` with what the linter asks of it.
struct EntryView: Sendable {
    let role: Role
    let entry: WhoEntry
    /// nil where the configuration does not have it, or there is none.
    let issuer: LintSubject.Issuer?

    let facts: IssuerFacts?

    init(role: Role, entry: WhoEntry, issuer: LintSubject.Issuer?) {
        self.role = role
        self.entry = entry
        self.issuer = issuer
        facts = issuer?.facts
    }

    /// Of what kind the issuer is.
    var kind: IssuerProfile? { facts?.profile }
    var table: ClaimTable? { facts?.claims }

    /// Whether tokens of untrusted triggers stay out by the table of the issuer's profile, whatever the entry names.
    var isGuarded: Bool {
        switch issuer?.trust {
        case .profile?: !entry.takesUntrusted
        case .all?, .claim?, nil: false
        }
    }

    func claim(_ name: String) -> WhoEntry.Claim? { entry.claims.first { $0.plainName == name } }

    func names(_ name: String) -> Bool { claim(name) != nil }

    /// The claim is there, and every value that it may have is spelt out.
    func pins(_ name: String) -> Bool { claim(name)?.matcher.isExact ?? false }

    func meaning(of claim: WhoEntry.Claim) -> KnownClaim.Meaning? {
        if let known = table?.claim(named: claim.plainName) { return known.meaning }
        return table == nil ? Self.usualMeaning(of: claim.plainName) : nil
    }

    /// Some claim binds the token to an owner, a repository or a project.
    var bindsSomebody: Bool {
        entry.claims.contains { claim in
            switch meaning(of: claim) {
            case .identifier, .name, .subject: true
            // A claim that nobody knows may be the one that binds.
            case nil: true
            case .person, .ref, .trigger, .environment, .workflow, .run, .detail: false
            }
        }
    }

    /// What claims of that name mean with most issuers.
    private static func usualMeaning(of name: String) -> KnownClaim.Meaning? {
        switch name {
        case "sub": .subject
        case "actor", "actor_id", "user", "user_id", "user_login", "user_email", "email", "sender", "author": .person
        case "ref", "ref_type", "ref_path", "branch", "build_branch", "tag", "sha", "ref_protected": .ref
        case "event", "event_name", "pipeline_source", "build_source", "trigger": .trigger
        case "environment", "deploy_to", "deployment_tier": .environment
        case "workflow", "workflow_ref", "job_workflow_ref", "step_key": .workflow
        case "iss", "aud": .detail
        case "repository_id", "repository_owner_id", "project_id", "namespace_id", "repository_uid": .identifier
        case "repository": .name(identifier: "repository_id")
        case "repository_owner": .name(identifier: "repository_owner_id")
        case "project_path": .name(identifier: "project_id")
        case "namespace_path": .name(identifier: "namespace_id")
        default: nil
        }
    }
}

extension WhoEntry.Claim {
    /// The name without the pointer's slash, where the pointer has one step.
    var plainName: String { name.plain }

    /// A value of this text would match.
    func accepts(_ text: String) -> Bool { matcher.matches(.string(text)) }
}

extension ClaimMatcher {
    /// The matchers of which one must match, lists taken apart.
    var alternatives: [ClaimMatcher] {
        switch self {
        case .anyOf(let matchers): matchers.flatMap(\.alternatives)
        case .exactly, .glob, .contains: [self]
        }
    }

    /// Every value is spelt out.
    var isExact: Bool {
        alternatives.allSatisfy { alternative in
            switch alternative {
            case .exactly: true
            case .contains(let inner): inner.isExact
            case .glob, .anyOf: false
            }
        }
    }

    var globs: [Glob] {
        alternatives.flatMap { alternative -> [Glob] in
            switch alternative {
            case .glob(let glob): [glob]
            case .contains(let inner): inner.globs
            case .exactly, .anyOf: []
            }
        }
    }

    /// The values that it asks for outright.
    var scalars: [ClaimScalar] {
        alternatives.compactMap { alternative in
            switch alternative {
            case .exactly(let scalar): scalar
            case .glob, .contains, .anyOf: nil
            }
        }
    }

    /// Every value that this matches, `other` matches too. Says no where it cannot tell.
    func isCovered(by other: ClaimMatcher) -> Bool {
        alternatives.allSatisfy { own in
            other.alternatives.contains { candidate in
                if own == candidate { return true }
                guard case .exactly(.string(let text)) = own, case .glob(let glob) = candidate else { return false }
                return glob.matches(text)
            }
        }
    }
}

extension ClaimScalar {
    /// The only value that it is equal to.
    var value: JSONValue {
        switch self {
        case .string(let text): .string(text)
        case .number(let number): .number(number)
        case .bool(let flag): .bool(flag)
        }
    }

    /// As a policy writes it.
    var spelling: String {
        switch self {
        case .string(let text): "\"\(text)\""
        case .number(let number): number.text
        case .bool(let flag): flag ? "true" : "false"
        }
    }
}
