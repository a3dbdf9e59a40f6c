import Foundation
import PosternConfiguration
import PosternPolicy
import Testing

/// What a profile says of an issuer's entry and of the policies for it.
struct IssuerProfileTests {
    private static let github = "https://token.actions.githubusercontent.com"

    private func workspace(
        _ profile: String,
        url: String = "https://ci.example.com",
        more: String = "",
        entry: String = "claims: {ref: refs/heads/main}"
    ) throws -> Workspace {
        let issuer = "{profile: generic, issuer: \"https://ci.example.com\", audience: postern.example.com}"
        let own = "{profile: \(profile), issuer: \"\(url)\", audience: postern.example.com\(more)}"
        return try Workspace(
            configuration: Workspace.configuration.replacing(issuer, with: own),
            policies: ["a.yaml": Workspace.policy.replacing("claims: {ref: refs/heads/main}", with: entry)]
        )
    }

    @Test(arguments: IssuerProfile.allCases)
    func `every profile is taken, with its defaults`(profile: IssuerProfile) throws {
        let entry =
            profile == .circleci ? "claims: {\"oidc.circleci.com/vcs-origin\": github.com/a/b}" : "claims: {sub: x}"
        let url: [IssuerProfile: String] = [
            .github: "https://git.acme.example/_services/token", .forgejo: "https://forge.acme.example/api/actions",
            .buildkite: "https://agent.buildkite.com",
            .bitbucket: "https://api.bitbucket.org/2.0/workspaces/a/pipelines-config/identity/oidc",
        ]
        let bound = profile == .buildkite ? "claims: {pipeline_id: x}" : entry
        let result = try workspace(profile.rawValue, url: url[profile] ?? "https://ci.example.com", entry: bound).load()
        #expect(result.diagnostics == [])
        let issuer = try #require(result.snapshot?.configuration.issuers.first)
        #expect(issuer.profile == profile)
        #expect(issuer.algorithms == profile.facts.algorithms)
        #expect(Set(issuer.algorithms).isSubset(of: IssuerConfiguration.algorithmNames))
        #expect(issuer.trust == profile.trust)
        let lifetimes: [IssuerProfile: Duration] = [
            .github: .seconds(900), .gitlab: .seconds(86_400), .kubernetes: .seconds(86_400),
        ]
        #expect(issuer.maximumTokenLifetime == lifetimes[profile] ?? .seconds(3900))
    }

    @Test func `what the entry says comes before the profile's defaults`() throws {
        let more = ", algorithms: [ES256], max_token_lifetime: 2h"
        let issuer = try #require(
            try workspace("gitlab", more: more).load().snapshot?.configuration.issuers.first
        )
        #expect(issuer.algorithms == ["ES256"])
        #expect(issuer.maximumTokenLifetime == .seconds(7200))
    }

    @Test(arguments: ["all", "{claim: event_name, values: [pull_request]}"])
    func `trust is for generic issuers`(trust: String) throws {
        let found = try workspace("gitlab", more: ", trust: \(trust)").complaints()
        #expect(found == ["5:97 `trust` is for the profile `generic`: `gitlab` knows its triggers"])
    }

    @Test(arguments: [
        ("gitlab", "claims: {project_id: 74}", "`project_id` is a text, and never 74"),
        ("gitlab", "claims: {project_id: '74', ref_protected: true}", "the text \"true\" or \"false\", and never true"),
        ("gitlab", "claims: {project_id: ['74', 75]}", "`project_id` is a text, and never 75"),
        ("gitlab", "claims: {project_id: '74', groups_direct: dev}", "`groups_direct` is a list, and never \"dev\""),
        ("gitlab", "claims: {project_id: '74', runner_id: '1'}", "`runner_id` is a number, and never \"1\""),
        ("gitlab", "claims: {project_id: {contains: '74'}}", "`project_id` is a text, which contains nothing"),
        ("drone", "claims: {drone_host: d, repository_uid: '1', parent: '0'}", "`parent` is a number, and never \"0\""),
        (
            "drone", "claims: {drone_host: d, repository_uid: '1', fork: 'false'}",
            "`fork` is a boolean, and never \"false\""
        ),
        (
            "drone", "claims: {drone_host: d, repository_uid: '1', parent: {glob: '*'}}",
            "`parent` is a number, which no glob matches"
        ),
        ("kubernetes", "claims: {aud: postern.example.com}", "`aud` is a list, and never \"postern.example.com\""),
        ("kubernetes", "claims: {kubernetes.io: x}", "`kubernetes.io` is an object, and never \"x\""),
        ("kubernetes", "claims: {/kubernetes.io/namespace: 7}", "`/kubernetes.io/namespace` is a text, and never 7"),
        ("jenkins", "claims: {build_number: '7'}", "`build_number` is a number, and never \"7\""),
    ])
    func `a value whose type contradicts the profile is an error`(profile: String, entry: String, words: String) throws
    {
        let found = try workspace(profile, entry: entry).complaints()
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("policies/a.yaml:6:") == true, "\(found)")
        #expect(found.first?.hasSuffix(words) == true, "\(found)")
    }

    @Test(arguments: [
        ("gitlab", "claims: {project_id: '74', ref_protected: 'true', groups_direct: {contains: dev}, runner_id: 1}"),
        ("gitlab", "claims: {project_id: '74', aud: a}"), ("gitlab", "claims: {project_id: '74', aud: {contains: a}}"),
        ("drone", "claims: {drone_host: d, repository_uid: '1', parent: 0, fork: false, ref: {glob: refs/tags/v*}}"),
        ("jenkins", "claims: {sub: x, level: 3, team: payments}"),
        ("kubernetes", "claims: {/kubernetes.io/namespace: ci, aud: {contains: a}}"),
        ("generic", "claims: {repository_id: 74}"),
    ])
    func `a value of the claim's type is none`(profile: String, entry: String) throws {
        #expect(try workspace(profile, entry: entry).complaints() == [])
    }

    @Test(arguments: [
        ("claims: {\"oidc.circleci.com/project-id\": p}", true),
        ("claims: {\"oidc.circleci.com/vcs-origin\": {glob: github.com/acme/*}}", true),
        ("claims: {\"oidc.circleci.com/vcs-origin\": [github.com/acme/a, {glob: github.com/acme/*}]}", true),
        ("claims: {\"oidc.circleci.com/vcs-origin\": [github.com/acme/a, github.com/acme/b]}", false),
        ("untrusted: true, claims: {\"oidc.circleci.com/project-id\": p}", false),
    ])
    func `an entry for CircleCI names whose code it is`(entry: String, isError: Bool) throws {
        let found = try workspace("circleci", entry: entry).complaints()
        #expect(found.isEmpty != isError)
        #expect(!isError || found.first?.contains("builds of forks have the ids of their project too") == true)
    }

    @Test(arguments: [
        ("claims: {repository_uid: '1'}", true), ("claims: {repository_id: '42', event: push}", true),
        ("untrusted: true, claims: {repository_uid: '1'}", true),
        ("claims: {repository_uid: '1', drone_host: {glob: '*'}}", true),
        ("claims: {repository_uid: '1', drone_host: drone.internal}", false),
        ("claims: {repository_uid: '1', woodpecker_host: [w1.internal, w2.internal]}", false),
        ("claims: {ref: refs/heads/main}", false),
    ])
    func `an id of Drone or Woodpecker stands beside its server`(entry: String, isError: Bool) throws {
        let found = try workspace("drone", entry: entry).complaints()
        #expect(found.isEmpty != isError, "\(found)")
        #expect(!isError || found.first?.contains("no claim here says which server it is") == true)
    }

    @Test func `the profile does not free a shared issuer from its tenant's claim`() throws {
        for profile in ["github", "generic"] {
            let found = try workspace(profile, url: Self.github, entry: "claims: {repository: a/b}").load().diagnostics
            #expect(
                found.contains { $0.severity == .error && $0.message.hasPrefix("anybody at GitHub ") },
                "\(profile)"
            )
        }
    }

    @Test(arguments: [
        (
            "generic", github,
            "issuer `ci` has a URL of GitHub, of whose tokens and triggers profile `generic` knows nothing"
        ),
        ("gitlab", github, "issuer `ci` has a URL of GitHub, and profile `gitlab`"),
        ("github", "https://ci.example.com", "issuer `ci` has a URL that is none of GitHub"),
    ])
    func `a profile that is not the URL's is a warning`(profile: String, url: String, message: String) throws {
        let claim = profile == "gitlab" ? "namespace_id" : "repository_id"
        let both = url == Self.github ? "claims: {repository_id: '1', \(claim): '1'}" : "claims: {repository_id: '1'}"
        let entry = profile == "gitlab" ? both : "claims: {repository_id: '1'}"
        let result = try workspace(profile, url: url, entry: entry).load()
        #expect(result.snapshot != nil)
        #expect(result.diagnostics.map(\.message) == [message])
        #expect(result.diagnostics.first?.hint != nil)
    }

    @Test func `a test whose claims no token can have is a warning`() throws {
        let test = """
            tests:
              - name: a slip
                role: migrator
                issuer: ci
                claims: {project_id: 74, ref_protected: "true", runner_id: 1, mine: 7}
                expect: refused
            """
        let issuer = "{profile: generic, issuer: \"https://ci.example.com\", audience: postern.example.com}"
        for (profile, isWarned) in [("gitlab", true), ("generic", false)] {
            let own = issuer.replacing("generic", with: profile)
            let workspace = try Workspace(
                configuration: Workspace.configuration.replacing(issuer, with: own),
                policies: ["a.yaml": Workspace.policy, "a_test.yaml": test]
            )
            let result = PolicyWorkspace.load(config: nil, paths: [workspace.path + "/policies"])
            #expect(result.workspace != nil)
            #expect(
                result.diagnostics.map(\.message)
                    == (isWarned ? ["in tokens of GitLab `project_id` is a text, not a number"] : [])
            )
        }
    }

    /// The page's entries of `who` are each put into a role, beside issuers of the page's names.
    @Test func `the examples of the page are sound`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/issuers.md"), encoding: .utf8)
        let blocks = text.matches(of: /```yaml\n([\s\S]*?)```/).map { String($0.1) }
        let issuers = blocks.filter { $0.hasPrefix("issuers:\n") }.map { String($0.dropFirst("issuers:\n".count)) }
        let entries = blocks.filter { $0.hasPrefix("    who:\n") }
        try #require(issuers.count == 2 && entries.count == 3 && blocks.count == 5)
        let others = """
              circleci: {profile: circleci, issuer: "https://oidc.circleci.com/org/0f0f", audience: postern.example.com}
              drone: {profile: drone, issuer: "https://drone-oidc.example.com", audience: postern.example.com}
            """
        let own = "  ci: {profile: generic, issuer: \"https://ci.example.com\", audience: postern.example.com}"
        let configuration = Workspace.configuration.replacing(own, with: issuers.joined() + others)
        for entry in entries + ["    who:\n      - {issuer: ci, claims: {ref: x}}\n"] {
            let policy = Workspace.policy.replacing(
                "    who:\n      - {issuer: ci, claims: {ref: refs/heads/main}}\n",
                with: entry
            )
            let result = try Workspace(configuration: configuration, policies: ["a.yaml": policy]).load()
            #expect(result.diagnostics.filter { $0.severity == .error } == [])
            #expect(result.snapshot != nil)
        }
    }
}
