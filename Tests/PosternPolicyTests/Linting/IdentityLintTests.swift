import PosternCore
import PosternPolicy
import PosternSQL
import Testing

struct IdentityLintTests {
    @Test func `what a role asks of tokens is held against the issuer`() {
        let gitlab = LintFixture.entry("gitlab", ["project_id": .text("1"), "ref_path": .text("refs/heads/main")])
        func lint(_ binding: TokenBinding, who: [WhoEntry]? = nil) -> [String] {
            LintFixture.lint([
                LintFixture.role(who: who ?? [LintFixture.entry("github", LintFixture.push)], binding: binding)
            ])
        }
        #expect(lint(TokenBinding(singleUse: true)) == [])
        #expect(lint(TokenBinding(singleUse: true), who: [gitlab]) == ["identity/single-use-token"])
        #expect(lint(TokenBinding(maximumTokenAge: .seconds(3599))) == [])
        #expect(lint(TokenBinding(maximumTokenAge: .seconds(3600))) == ["identity/token-age-unreached"])
        let networks = ["10.0.0.0/8", "::/0"].compactMap { try? ClientNetwork($0) }
        #expect(lint(TokenBinding(clientNetworks: networks)) == ["identity/every-network"])
        #expect(lint(TokenBinding(clientNetworks: Array(networks.prefix(1)))) == [])
    }

    @Test func `a sound role is left alone`() {
        #expect(LintFixture.lint([LintFixture.role()]) == [])
    }

    @Test(arguments: [
        ("identity/weak-claims", "gitlab", ["ref_path": ClaimMatcher.text("refs/heads/main")]),
        ("identity/weak-claims", "own", ["email": .text("a@example.com")]),
        ("identity/loose-glob", "own", ["anything": .pattern("*/main")]),
        ("identity/unknown-claim", "gitlab", ["project_id": .text("1"), "reff": .text("main")]),
        ("identity/claim-type", "gitlab", ["project_id": .exactly(.number(JSONNumber(1)))]),
        ("identity/claim-type", "gitlab", ["project_id": .text("1"), "ref_protected": .text("yes")]),
        ("identity/claim-type", "gitlab", ["project_id": .text("1"), "groups_direct": .text("a")]),
        ("identity/names-without-ids", "gitlab", ["project_path": .text("acme/app")]),
        ("identity/subject", "gitlab", ["sub": .text("project_path:acme/app")]),
        ("identity/gitlab-ref-kind", "gitlab", ["project_id": .text("1"), "ref": .text("main")]),
        ("identity/kubernetes-uid", "kubernetes", ["/kubernetes.io/namespace": .text("ns")]),
        (
            "identity/environment-without-ref", "github",
            ["repository_id": .text("1"), "environment": .text("production"), "event_name": .text("push")]
        ),
        (
            "identity/self-hosted-runner", "github",
            ["repository_id": .text("1"), "runner_environment": .text("self-hosted"), "event_name": .text("push")]
        ),
        (
            "identity/reusable-workflow", "github",
            [
                "repository": .text("a/b"), "job_workflow_ref": .text("a/b/.github/workflows/x.yml@refs/tags/v1"),
                "event_name": .text("push"), "repository_owner_id": .pattern("1-*"),
            ]
        ),
    ])
    func `an entry is reported`(rule: String, issuer: String, claims: [String: ClaimMatcher]) {
        #expect(LintFixture.lint(entry: LintFixture.entry(issuer, claims)).contains(rule))
    }

    @Test(arguments: [
        ("identity/ref-without-trigger", "drone", ["repository_uid": .text("1"), "branch": .text("main")]),
        (
            "identity/ref-without-trigger", "drone",
            ["repository_uid": .text("1"), "ref": .text("refs/heads/main"), "event": .texts("push", "custom")]
        ),
        ("identity/ref-without-trigger", "buildkite", ["pipeline_id": .text("1"), "build_branch": .text("main")]),
        ("identity/missing-event", "github", ["repository_id": .text("1")]),
        ("identity/missing-event", "forgejo", ["repository_id": .text("1")]),
        ("identity/circleci-origin", "circleci", ["oidc.circleci.com/project-id": ClaimMatcher.text("1")]),
    ])
    func `an entry that takes untrusted tokens is reported, and one that the profile guards is not`(
        rule: String,
        issuer: String,
        claims: [String: ClaimMatcher]
    ) {
        #expect(LintFixture.lint(entry: LintFixture.entry(issuer, claims, untrusted: true)).contains(rule))
        #expect(!LintFixture.lint(entry: LintFixture.entry(issuer, claims)).contains(rule))
    }

    @Test func `of an issuer that is called generic the linter knows what its URL tells`() {
        let issuers = [LintFixture.issuer("github", profile: .generic)]
        #expect(LintFixture.lint([], issuers: issuers) == ["identity/generic-profile"])
        let entry = LintFixture.entry("github", ["repository_id": .text("1"), "reff": .text("main")])
        let found = LintFixture.lint([LintFixture.role(who: [entry])], issuers: issuers)
        #expect(found == ["identity/generic-profile", "identity/missing-event", "identity/unknown-claim"])
    }

    @Test(arguments: [
        ("own", ["service": ClaimMatcher.text("orders")]),
        ("gitlab", ["/project_id": .text("1"), "ref_path": .text("refs/heads/main")]),
        ("gitlab", ["project_id": .text("1"), "project_path": .text("acme/app")]),
        ("gitlab", ["project_id": .text("1"), "groups_direct": .contains(.text("acme"))]),
        ("gitlab", ["project_id": .text("1"), "ref_path": .pattern("refs/tags/v*")]),
        ("github", ["repository_id": .text("1"), "repo_property_tier": .text("gold"), "event_name": .text("push")]),
        ("drone", ["repository_uid": .text("1"), "ref": .text("refs/heads/main"), "event": .texts("push", "tag")]),
        (
            "kubernetes",
            ["/kubernetes.io/namespace": .text("ns"), "/kubernetes.io/serviceaccount/uid": .text("0c7c")]
        ),
    ])
    func `an entry is left alone`(issuer: String, claims: [String: ClaimMatcher]) {
        #expect(LintFixture.lint(entry: LintFixture.entry(issuer, claims)) == [])
    }

    @Test(arguments: [
        ("repository", "acme*/app", true), ("repository", "*/app", true), ("repository", "acme/*", false),
        ("repository", "acme/app*", true), ("repository", "acme/app-*", false), ("repository_id", "12*", true),
        ("ref", "refs/heads/release-*", false), ("ref", "refs/heads/release*", true), ("ref", "refs/tags/v*", false),
        ("ref", "refs/heads/*", false), ("ref", "*", true), ("workflow", "v*", true), ("actor", "bot-*", false),
    ])
    func `a glob is loose or not`(claim: String, pattern: String, isLoose: Bool) {
        let claims: [String: ClaimMatcher] = [
            "repository_owner_id": .text("1"), "event_name": .text("push"), claim: .pattern(pattern),
        ]
        let found = LintFixture.lint(entry: LintFixture.entry("github", claims))
        #expect(found == (isLoose ? ["identity/loose-glob"] : []))
    }

    @Test(arguments: [
        ("github", "event_name", "pull_request_target"), ("github", "event_name", "workflow_run"),
        ("github", "event_name", "issue_comment"), ("gitlab", "pipeline_source", "merge_request_event"),
        ("gitlab", "pipeline_source", "trigger"), ("github", "event_name", "check_run"),
    ])
    func `outsiders' triggers must not write where only the policy keeps them out`(
        issuer: String,
        claim: String,
        value: String
    ) {
        let id = ["github": "repository_id", "gitlab": "project_id"][issuer] ?? ""
        let issuers = [LintFixture.issuer(issuer, profile: .generic)]
        let who = [LintFixture.entry(issuer, [id: .text("1"), claim: .text(value)])]
        let write = LintFixture.rule(
            "write",
            .allow,
            [.tag(.insert)],
            on: ["public.orders"]
        )
        func lint(_ rules: RoleRules?, _ issuers: [LintSubject.Issuer]) -> [String] {
            let role = rules.map { LintFixture.role(who: who, rules: $0) } ?? LintFixture.role(who: who)
            return LintFixture.lint([role], issuers: issuers).filter { $0 != "identity/generic-profile" }
        }
        #expect(lint(.rules([write]), issuers) == ["identity/untrusted-trigger-writes"])
        #expect(lint(nil, issuers) == [])
        #expect(lint(.rules([write]), [LintFixture.issuer(issuer)]) == ["identity/never-trusted"])
    }

    @Test func `tokens of untrusted triggers must not write`() {
        let who = [LintFixture.entry("github", LintFixture.push, untrusted: true)]
        let found = LintFixture.lint([LintFixture.role(who: who, rules: .unrestricted)])
        #expect(found == ["identity/untrusted-trigger-writes", "roles/unrestricted"])
    }

    @Test func `a star in a plain value is told`() throws {
        func lint(_ ref: ClaimMatcher) -> [String] {
            let claims = LintFixture.push.merging(["ref": ref]) { $1 }
            return LintFixture.lint([LintFixture.role(who: [LintFixture.entry("github", claims)])])
        }
        #expect(lint(.text("refs/heads/*")) == ["identity/star-in-value"])
        #expect(lint(.texts("refs/heads/main", "refs/heads/v*")) == ["identity/star-in-value"])
        #expect(lint(.text("refs/heads/main")) == [])
        let glob = try #require(Glob("refs/tags/v*"))
        #expect(lint(.glob(glob)) == [])
    }

    @Test func `a trigger that the issuer does not trust needs the word untrusted`() throws {
        let event = try #require(ClaimName("event_name"))
        let trust = TrustRule.claim(event, .texts("push", "schedule"))
        let issuers = [LintFixture.issuer("github", profile: .generic, trust: trust)]
        func lint(_ events: ClaimMatcher, untrusted: Bool = false) -> [String] {
            let claims: [String: ClaimMatcher] = ["repository_id": .text("7"), "event_name": events]
            let entry = LintFixture.entry("github", claims, untrusted: untrusted)
            return LintFixture.lint([LintFixture.role(who: [entry])], issuers: issuers)
                .filter { $0 != "identity/generic-profile" }
        }
        #expect(lint(.text("push")) == [])
        #expect(lint(.text("release")) == ["identity/never-trusted"])
        #expect(lint(.texts("push", "release")) == ["identity/never-trusted"])
        #expect(lint(.text("release"), untrusted: true) == [])
    }

    @Test(arguments: [
        ("github", "event_name", ClaimMatcher.texts("push", "pull_request"), true),
        ("github", "event_name", .texts("push", "release"), false),
        ("github", "event_name", .text("some_day"), true),
        ("drone", "parent", .exactly(.number(JSONNumber(7))), true),
        ("drone", "parent", .exactly(.number(JSONNumber(0))), false),
        ("drone", "fork", .exactly(.bool(true)), true),
        ("circleci", "oidc.circleci.com/ssh-rerun", .exactly(.bool(true)), true),
        ("buildkite", "build_branch", .text("mallory:main"), true),
        ("buildkite", "/build_source", .text("ui"), true),
        ("gitlab", "job_project_id", .text("20"), false),
        ("github", "ref", .text("refs/heads/main"), false),
    ])
    func `what a profile never trusts needs the word untrusted`(
        issuer: String,
        claim: String,
        value: ClaimMatcher,
        isNever: Bool
    ) {
        let found = LintFixture.lint(entry: LintFixture.entry(issuer, [claim: value]))
        #expect(found.contains("identity/never-trusted") == isNever)
        let open = LintFixture.lint(entry: LintFixture.entry(issuer, [claim: value], untrusted: true))
        #expect(!open.contains("identity/never-trusted"))
    }

    @Test func `an entry that another covers is reported once, whichever comes first`() {
        let wide = LintFixture.entry(
            "github",
            ["repository_id": .text("7"), "event_name": .texts("push", "schedule")],
            line: 2
        )
        let narrow = LintFixture.entry("github", LintFixture.push, line: 9)
        for who in [[wide, narrow], [narrow, wide]] {
            let subject = LintSubject(
                issuers: [LintFixture.issuer("github")],
                roles: [LintFixture.role(who: who)],
                tests: nil
            )
            let found = Linter.findings(in: subject)
            #expect(found.map(\.rule) == ["identity/duplicate-entry"])
            #expect(found.map(\.location.line) == [9])
        }
        #expect(LintFixture.lint([LintFixture.role(who: [narrow, narrow])]) == ["identity/duplicate-entry"])
    }

    @Test func `an entry without trust does not cover one that takes untrusted tokens`() {
        let plain = LintFixture.entry("github", LintFixture.push)
        let untrusted = LintFixture.entry("github", LintFixture.push, untrusted: true)
        #expect(
            LintFixture.lint([LintFixture.role(who: [untrusted, plain])]) == ["identity/duplicate-entry"]
        )
    }

    @Test(arguments: [
        ("github", "https://github.com/acme"), ("github", "sts.amazonaws.com"),
        ("github", "https://token.actions.githubusercontent.com/"), ("circleci", "0f0f"),
        ("buildkite", "https://buildkite.com/acme"),
    ])
    func `an audience of another service is reported`(issuer: String, audience: String) {
        let issuers = [LintFixture.issuer(issuer, audience: audience)]
        #expect(LintFixture.lint([], issuers: issuers) == ["identity/shared-audience"])
    }

    @Test func `long tokens are for GitLab and Kubernetes`() {
        let lint = { (name: String) in
            LintFixture.lint([], issuers: [LintFixture.issuer(name, lifetime: .seconds(86_400))])
        }
        #expect(lint("github") == ["identity/token-lifetime"])
        #expect(lint("gitlab") == [] && lint("kubernetes") == [])
    }
}
