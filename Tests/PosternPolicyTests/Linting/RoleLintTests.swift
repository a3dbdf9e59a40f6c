import PosternPolicy
import PosternSQL
import Testing

struct RoleLintTests {
    @Test func `a role says what it is for and how long its statements run`() {
        let role = LintFixture.role(description: nil, limits: RoleLimits())
        #expect(LintFixture.lint([role]) == ["limits/statement", "style/description"])
    }

    @Test func `two roles that the same jobs may be are reported`() {
        let write = RoleRules.rules([
            LintFixture.rule("write", .allow, [.tag(.insert)], on: ["public.a"])
        ])
        let roles = [LintFixture.role("a"), LintFixture.role("b", rules: write)]
        #expect(LintFixture.lint(roles) == ["roles/overlap"])
        #expect(LintFixture.lint([LintFixture.role("a"), LintFixture.role("b")]) == [])
    }

    private static let touched = TestEvidence.Case(
        role: "r",
        expectsNo: false,
        rules: ["read"],
        objects: [ObjectReference(.relation, ObjectName(schema: "public", "orders"))]
    )

    @Test func `a role needs tests, some of them of what must not be`() {
        let refused = TestEvidence.Case(role: "r", expectsNo: true, rules: [], objects: [])
        let role = [LintFixture.role()]
        #expect(LintFixture.lint(role, tests: TestEvidence(cases: [])) == ["testing/untested-role"])
        #expect(LintFixture.lint(role, tests: TestEvidence(cases: [refused])) == ["testing/untested-rule"])
        #expect(LintFixture.lint(role, tests: TestEvidence(cases: [Self.touched])) == ["testing/only-allows"])
        #expect(LintFixture.lint(role, tests: TestEvidence(cases: [Self.touched, refused])) == [])
    }

    @Test(arguments: [("public.orders", true), ("public.*", true), ("public.order", false), ("shop.orders", false)])
    func `a pattern must match something that the tests touch`(pattern: String, matches: Bool) {
        let rule = LintFixture.rule("read", .allow, [.statementClass(.read)], on: ["public.orders*", pattern])
        let role = LintFixture.role(rules: .rules([rule]))
        let refused = TestEvidence.Case(role: "r", expectsNo: true, rules: [], objects: [])
        let found = LintFixture.lint([role], tests: TestEvidence(cases: [Self.touched, refused]))
        #expect(found == (matches ? [] : ["testing/unmatched-pattern"]))
    }
}
