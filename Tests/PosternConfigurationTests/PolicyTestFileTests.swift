import PosternConfiguration
import PosternCore
import PosternPolicy
import Testing

struct PolicyTestFileTests {
    private static let test = """
        tests:
          - name: main may read
            role: migrator
            issuer: ci
            claims: {ref: refs/heads/main, id: 74, fork: false, groups: [ops, null], nested: {a: "1"}}
            sql: select 1
            expect: allow
        """

    private func load(_ test: String) throws -> (
        workspace: PolicyWorkspace?, diagnostics: [Diagnostic]
    ) {
        let workspace = try Workspace(policies: ["a.yaml": Workspace.policy, "a_test.yaml": test])
        let result = PolicyWorkspace.load(
            config: workspace.path + "/postern.yaml",
            paths: [workspace.path + "/policies"]
        )
        return (result.workspace, result.diagnostics)
    }

    @Test func `a test is read with its claims as JSON`() throws {
        let test = try #require(try load(Self.test).workspace?.tests.first)
        #expect(test.name == "main may read")
        #expect(test.role == "migrator")
        #expect(test.issuer == "ci")
        #expect(
            test.claims == [
                "ref": .string("refs/heads/main"), "id": .number(JSONNumber(74)), "fork": .bool(false),
                "groups": .array([.string("ops"), .null]), "nested": .object(["a": .string("1")]),
            ]
        )
        #expect(test.sql == "select 1")
        #expect(test.expectation == .allow)
        #expect(test.location.line == 2)
        #expect(test.location.file.hasSuffix("/policies/a_test.yaml"))
    }

    @Test func `everything that a test can ask is read`() throws {
        let tests = try #require(
            try load(
                """
                tests:
                  - name: denied
                    role: migrator
                    issuer: ci
                    claims: {}
                    sql: drop table orders
                    expect: deny
                    rule: no-drop
                    reason: rule
                    sqlstate: "42501"
                    message: by hand
                  - {name: observed, role: migrator, issuer: ci, claims: {}, sql: x, expect: allow, would: deny, rule: r}
                  - {name: refused, role: migrator, issuer: ci, claims: {}, expect: refused, reason: untrusted trigger}
                  - {name: connects, role: migrator, issuer: ci, claims: {}, expect: allow}
                """
            ).workspace?.tests
        )
        #expect(tests.map(\.expectation) == [.deny, .allow, .refused, .allow])
        #expect(tests[0].rule == "no-drop")
        #expect(tests[0].reason == "rule")
        #expect(tests[0].sqlState == "42501")
        #expect(tests[0].message == "by hand")
        #expect(tests[1].would == .deny)
        #expect(tests[2].reason == "untrusted trigger")
        #expect(tests[3].sql == nil)
    }

    @Test(arguments: [
        ("tests:", "test:", "unknown key `test` in a file of tests"),
        ("tests:", "roles:", "roles do not belong into a file of tests"),
        ("    role: migrator\n", "", "a test needs `role`"),
        ("role: migrator", "role: migratr", "there is no role `migratr`"),
        ("issuer: ci", "issuer: cj", "there is no issuer `cj`"),
        ("expect: allow", "expect: allowed", "`expect` cannot be `allowed`"),
        ("expect: allow", "expect: refused", "`sql` does not go with `expect: refused`"),
        ("    sql: select 1\n    expect: allow", "    expect: deny", "`expect: deny` needs `sql`"),
        (
            "    sql: select 1\n    expect: allow", "    expect: allow\n    rule: r",
            "`rule` does not go with a test without `sql`"
        ),
        ("expect: allow", "expect: deny\n    would: deny", "`would` does not go with `expect: deny`"),
        (
            "expect: allow", "expect: allow\n    reason: rule",
            "`reason` does not go with `expect: allow`"
        ),
        (
            "expect: allow", "expect: allow\n    sqlstate: 42501", "`sqlstate` must be text, not a number"
        ),
        ("sql: select 1", "sql: [select 1]", "`sql` must be text, not a list"),
        ("fork: false", "fork: &f false", "anchors are not supported"),
    ])
    func `a mistake in a test is found`(old: String, new: String, complaint: String) throws {
        try #require(Self.test.contains(old))
        let result = try load(Self.test.replacing(old, with: new))
        #expect(result.workspace == nil)
        #expect(result.diagnostics.map(\.message).contains(complaint), "\(result.diagnostics)")
    }

    @Test func `a test's name is unique in its file`() throws {
        let twice = Self.test + "\n" + Self.test.replacing("tests:\n", with: "")
        #expect(try load(twice).diagnostics.map(\.message) == ["test `main may read` is there twice"])
    }
}
