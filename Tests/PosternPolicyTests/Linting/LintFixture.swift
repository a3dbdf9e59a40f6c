import PosternCore
import PosternPolicy
import PosternSQL

/// Builds what the linter looks at, piece by piece, and says what it found.
struct LintFixture {
    static let place = SourceLocation(file: "policies/p.yaml", line: 1, column: 1)

    static func location(_ line: Int) -> SourceLocation {
        SourceLocation(file: "policies/p.yaml", line: line, column: 5)
    }

    static let urls = [
        "github": "https://token.actions.githubusercontent.com", "gitlab": "https://gitlab.example.com",
        "circleci": "https://oidc.circleci.com/org/0f0f", "buildkite": "https://agent.buildkite.com",
        "forgejo": "https://forge.example.com/api/actions", "drone": "https://drone-oidc.example.com",
        "kubernetes": "https://kubernetes.default.svc", "own": "https://issuer.example.com",
    ]

    static func issuer(
        _ name: String,
        audience: String = "postern.example.com",
        lifetime: Duration = .seconds(3600),
        profile: IssuerProfile? = nil,
        trust: TrustRule? = nil
    ) -> LintSubject.Issuer {
        let profile = profile ?? IssuerProfile(rawValue: name) ?? .generic
        return LintSubject.Issuer(
            name: name,
            profile: profile,
            url: urls[name] ?? name,
            audience: audience,
            maximumTokenAge: nil,
            maximumTokenLifetime: lifetime,
            trust: trust ?? profile.trust,
            location: place
        )
    }

    static func entry(_ issuer: String, _ claims: [String: ClaimMatcher], untrusted: Bool = false, line: Int = 2)
        -> WhoEntry
    {
        let claims = claims.sorted { $0.key < $1.key }.compactMap { name, matcher in
            ClaimName(name).map { WhoEntry.Claim(name: $0, matcher: matcher, location: location(line)) }
        }
        return WhoEntry(issuer: issuer, claims: claims, takesUntrusted: untrusted, location: location(line))
    }

    static let push: [String: ClaimMatcher] = [
        "repository_id": .text("7"), "ref": .text("refs/heads/main"), "event_name": .text("push"),
    ]

    static func role(
        _ name: String = "r",
        description: String? = "a role",
        who: [WhoEntry] = [entry("github", push)],
        rules: RoleRules = .rules([rule("read", .allow, [.statementClass(.read)], on: ["public.*"])]),
        functions: [ObjectName] = [],
        limits: RoleLimits = RoleLimits(statement: .seconds(60)),
        binding: TokenBinding = TokenBinding()
    ) -> Role {
        Role(
            name: name,
            description: description,
            database: "orders",
            login: name,
            who: who,
            rules: rules,
            functions: functions,
            limits: limits,
            binding: binding,
            location: location(1)
        )
    }

    /// - Parameter patterns: nil for `on: any`; `schema.name` with stars.
    static func rule(
        _ id: String,
        _ effect: Rule.Effect,
        _ subjects: [Rule.Subject],
        on patterns: [String]? = nil,
        requiresWhere: Bool = false,
        message: String? = "see the manual",
        line: Int = 3
    ) -> Rule {
        Rule(
            id: id,
            effect: effect,
            subjects: subjects,
            scope: patterns.map { .patterns($0.map(pattern)) } ?? .any,
            requiresWhere: requiresWhere,
            message: effect == .deny ? message : nil,
            location: location(line)
        )
    }

    static func pattern(_ text: String) -> ObjectPattern {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        func name(_ part: String) -> NamePattern {
            NamePattern(pieces: part.split(separator: "*", omittingEmptySubsequences: false).map(String.init))
        }
        return ObjectPattern(
            kind: .relation,
            schema: name(parts.first ?? ""),
            name: name(parts.last ?? ""),
            description: text,
            location: place
        )
    }

    /// The ids of what is found, sorted.
    static func lint(_ roles: [Role], issuers: [LintSubject.Issuer]? = nil, tests: TestEvidence? = nil) -> [String] {
        let issuers = issuers ?? urls.keys.sorted().map { issuer($0) }
        return Linter.findings(in: LintSubject(issuers: issuers, roles: roles, tests: tests)).map(\.rule).sorted()
    }

    static func lint(entry: WhoEntry) -> [String] { lint([role(who: [entry])]) }

    static func lint(rules: [Rule]) -> [String] { lint([role(rules: .rules(rules))]) }
}

extension ClaimMatcher {
    static func text(_ value: String) -> ClaimMatcher { .exactly(.string(value)) }

    static func texts(_ values: String...) -> ClaimMatcher { .anyOf(values.map { text($0) }) }

    static func pattern(_ value: String) -> ClaimMatcher { Glob(value).map { .glob($0) } ?? .text(value) }
}
