import Foundation
import PosternConfiguration
import PosternCore
import PosternPolicy
import Testing

struct PolicyLoaderTests {
    private func complaints(_ policy: String) throws -> [String] {
        try Workspace(policies: ["a.yaml": policy]).complaints()
    }

    @Test(arguments: [
        ("roles:", "role:", "1:1 unknown key `role` in a policy file"),
        ("  migrator:", "  Migrator:", "2:3 `Migrator` cannot be a role's name"),
        (
            "  migrator:", "  " + String(repeating: "m", count: 39) + ":",
            "2:3 `MMM` cannot be a role's name"
        ),
        (
            "database: orders", "database: order",
            "2:3 role `migrator` leads to the database `order`, which does not exist"
        ),
        (
            "login: migrator", "login: migrater",
            "2:3 role `migrator` uses the login `migrater`, which database `orders` does not have"
        ),
        ("issuer: ci", "issuer: cl", "6:18 there is no issuer `cl`"),
        ("    who:", "    whom:", "3:5 a role needs `who`"),
        ("{ref: refs/heads/main}", "{}", "6:30 `claims` must not be empty"),
        (", claims: {ref: refs/heads/main}", "", "6:9 an entry of `who` needs `claims`"),
        ("refs/heads/main}", "[]}", "6:36 a list of values must have 1 to 256 elements"),
        ("refs/heads/main}", "[[a]]}", "6:37 a list inside a list of values"),
        ("refs/heads/main}", "null}", "6:36 a claim's value must not be empty"),
        ("refs/heads/main}", "{glob: 5}}", "6:43 `glob` must be text, not a number"),
        ("refs/heads/main}", "{blog: x}}", "6:37 unknown key `blog` in a claim's matcher"),
        (
            "refs/heads/main}", "{glob: a, contains: b}}",
            "6:37 unknown key `glob` in a `contains` matcher"
        ),
        ("refs/heads/main}", "{contains: {contains: x}}}", "6:47 `contains` inside `contains`"),
        ("ref: refs/heads/main", "/a~2: x", "6:31 `/a~2` is neither a claim's name nor a JSON pointer"),
        ("rules: unrestricted", "rules: unrestrained", "7:12 `rules` cannot be `unrestrained`"),
        ("rules: unrestricted", "mode: enforce", "3:5 a role needs `rules`"),
        ("rules:", "single_use: 1\n    rules:", "7:17 `single_use` must be `true` or `false`, not a number"),
        ("rules:", "max_token_age: 8d\n    rules:", "7:20 `max_token_age` must be from 1s to 7d"),
        ("rules:", "client_networks: [x]\n    rules:", "7:23 `x` is not a network"),
        (
            "rules:", "client_networks: [10.0.0.1/8]\n    rules:", "7:23 `10.0.0.1/8` has bits behind its prefix"
        ),
        ("rules:", "end_with_token: x\n    rules:", "7:21 `end_with_token` must be `true` or `false`, not text"),
        (
            "rules:", "limits: {sessions: 0}\n    rules:",
            "7:24 `sessions` must be a whole number from 1 to 100000"
        ),
        ("rules:", "limits: {session: 1y}\n    rules:", "7:23 `1y` is not a duration"),
        (
            "rules:", "shared_login: yes\n    rules:",
            "7:19 `shared_login` must be `true` or `false`, not text"
        ),
    ])
    func `a mistake is found in its place`(old: String, new: String, complaint: String) throws {
        try #require(Workspace.policy.contains(old))
        let found = try complaints(Workspace.policy.replacing(old, with: new))
        let expected =
            "policies/a.yaml:" + complaint.replacing("MMM", with: String(repeating: "m", count: 39))
        #expect(found.contains(expected), "\(found)")
    }

    @Test func `all kinds of claims are read`() throws {
        let claims = """
            {id: 74, fork: false, event: [push, {glob: tag-*}], groups: {contains: ops}, /k8s/ns: prod, "74": "74"}
            """
        let policy = Workspace.policy.replacing("{ref: refs/heads/main}", with: claims)
        let role = try #require(
            try Workspace(policies: ["a.yaml": policy]).load().snapshot?.policies.role(named: "migrator")
        )
        var token: JSONObject = [
            "id": .number(JSONNumber(74)), "fork": .bool(false), "event": .string("tag-1"),
            "groups": .array([.string("ops")]), "k8s": .object(["ns": .string("prod")]),
        ]
        let refused = role.match(issuer: "ci", claims: token, trust: .all)
        guard case .refused(.claim(entry: 0, let mismatch)) = refused else {
            Issue.record("\(refused)")
            return
        }
        #expect(mismatch.claim == "74")
        #expect(mismatch.isMissing)
        #expect(mismatch.location.line == 6)
        token.append("74", .string("74"))
        #expect(role.match(issuer: "ci", claims: token, trust: .all) == .matched(entry: 0))
    }

    @Test func `a role's name is unique across files`() throws {
        let workspace = try Workspace(policies: [
            "a.yaml": Workspace.policy, "z/b.yaml": Workspace.policy,
        ])
        #expect(workspace.complaints() == ["policies/z/b.yaml:2:3 role `migrator` is there twice"])
    }

    @Test func `one login serves one role unless both say shared_login`() throws {
        let other = Workspace.policy.replacing("  migrator:", with: "  other:")
        func shared(_ policy: String) -> String {
            policy.replacing("    rules:", with: "    shared_login: true\n    rules:")
        }
        let complaint = "policies/b.yaml:2:3 roles `migrator` and `other` use the same login `migrator`"
        let cases = [
            (Workspace.policy, other, [complaint]), (shared(Workspace.policy), other, [complaint]),
            (Workspace.policy, shared(other), [complaint]), (shared(Workspace.policy), shared(other), []),
        ]
        for (first, second, expected) in cases {
            #expect(
                try Workspace(policies: ["a.yaml": first, "b.yaml": second]).complaints() == expected
            )
        }
    }

    @Test func `tests, hidden files and other endings are not policies`() throws {
        let workspace = try Workspace(policies: [
            "a.yaml": Workspace.policy, "a_test.yaml": "tests: []", ".hidden.yaml": "][",
            "..data/x.yaml": "][",
            "notes.txt": "][", "old.yml": "][",
        ])
        let result = workspace.load()
        #expect(result.snapshot?.policies.files.map(\.path) == ["a.yaml"])
        #expect(result.diagnostics.map(\.message) == ["the file is not read"])
    }

    @Test func `policies are found through a ConfigMap's links`() throws {
        let workspace = try Workspace(policies: ["..2026/a.yaml": Workspace.policy])
        let manager = FileManager.default
        try manager.createSymbolicLink(
            atPath: workspace.path + "/policies/..data",
            withDestinationPath: "..2026"
        )
        try manager.createSymbolicLink(
            atPath: workspace.path + "/policies/a.yaml",
            withDestinationPath: "..data/a.yaml"
        )
        #expect(workspace.load().snapshot?.policies.roles.map(\.name) == ["migrator"])
    }

    @Test func `a circle of links ends`() throws {
        let workspace = try Workspace()
        try FileManager.default.createSymbolicLink(
            atPath: workspace.path + "/policies/loop",
            withDestinationPath: "."
        )
        #expect(workspace.complaints() == ["policies/loop:the directory is reached a second time"])
    }

    @Test func `a folder that is missing or empty is told`() throws {
        let empty = try Workspace(policies: [:])
        #expect(
            empty.complaints() == ["10:11 cannot read the directory `policies/`: no such directory"]
        )
        try FileManager.default.createDirectory(
            atPath: empty.path + "/policies",
            withIntermediateDirectories: false
        )
        let result = empty.load()
        #expect(result.snapshot != nil)
        #expect(
            result.diagnostics.contains { $0.message == "there are no roles: every job will be refused" }
        )
    }

    @Test func `tests in a policy file are told apart`() throws {
        #expect(
            try complaints("tests: []") == ["policies/a.yaml:1:1 tests do not belong into a policy file"]
        )
    }
}
