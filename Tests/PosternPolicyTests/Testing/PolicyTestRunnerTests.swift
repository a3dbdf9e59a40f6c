import PosternPolicy
import PosternSQL
import Testing

struct PolicyTestRunnerTests {
    private typealias Fixture = RunnerFixture

    @Test(arguments: [
        Fixture.test("read", .allow), Fixture.test("read", .allow, rule: "read"), Fixture.test("begin", .allow),
        Fixture.test(nil, .allow), Fixture.test("delete", .deny), Fixture.test("delete", .deny, rule: "no-delete"),
        Fixture.test("delete", .deny, reason: "rule", sqlState: "42501", message: "cancel them"),
        Fixture.test(nil, .refused, ref: "try"), Fixture.test("read", .refused, ref: "try"),
        Fixture.test(nil, .refused, ref: "try", reason: "claim `ref` does not match"),
        Fixture.test("no sql", .deny, reason: "syntax"), Fixture.test("no sql", .deny, sqlState: "42601"),
    ])
    func `a test passes`(test: PolicyTest) {
        #expect(Fixture.outcome(test) == .pass)
    }

    @Test(arguments: [
        (Fixture.test("read", .deny), "deny", "allow by rule `read`"),
        (Fixture.test("begin", .deny), "deny", "allow"),
        (Fixture.test("read", .allow, rule: "other"), "allow by rule `other`", "allow by rule `read`"),
        (Fixture.test("delete", .allow), "allow", "deny by rule `no-delete`, reason `rule`"),
        (
            Fixture.test("delete", .deny, rule: "other"), "deny by rule `other`",
            "deny by rule `no-delete`, reason `rule`"
        ),
        (
            Fixture.test("delete", .deny, sqlState: "42601"), "deny, SQLSTATE 42601",
            "deny by rule `no-delete`, reason `rule`"
        ),
        (
            Fixture.test("delete", .deny, message: "nowhere"), "deny, saying `nowhere`",
            "deny by rule `no-delete`, reason `rule`"
        ),
        (Fixture.test("read", .allow, ref: "try"), "allow", "refused: claim `ref` does not match"),
        (Fixture.test("read", .deny, ref: "try"), "deny", "refused: claim `ref` does not match"),
        (Fixture.test(nil, .refused), "refused", "the identity may be the role"),
        (Fixture.test("read", .refused), "refused", "allow by rule `read`"),
        (
            Fixture.test(nil, .refused, ref: "try", reason: "untrusted trigger"), "refused, reason `untrusted trigger`",
            "refused: claim `ref` does not match"
        ),
    ])
    func `a test fails and says what was decided`(test: PolicyTest, expected: String, actual: String) throws {
        guard case .fail(let failure) = Fixture.outcome(test) else {
            Issue.record("it does not fail")
            return
        }
        #expect(failure.expected == expected)
        #expect(failure.actual == actual)
    }

    @Test(arguments: [
        (Fixture.test("no sql", .deny), "`sql` is not understood: syntax error at or near \"x\" at character 3"),
        (Fixture.test("no sql", .allow), "`sql` is not understood: syntax error at or near \"x\" at character 3"),
        (Fixture.test("nothing", .allow), "`sql` has no statement"),
        (Fixture.test("read", .allow, role: "q"), "there is no role `q`"),
    ])
    func `a test that cannot be asked is an error`(test: PolicyTest, reason: String) {
        #expect(Fixture.outcome(test) == .error(reason))
    }

    @Test func `in observe mode the test says what would be denied`() throws {
        let observed = { Fixture.outcome($0, mode: .observe) }
        #expect(observed(Fixture.test("delete", .allow)) == .pass)
        #expect(observed(Fixture.test("delete", .allow, would: .deny, rule: "no-delete", reason: "rule")) == .pass)
        #expect(observed(Fixture.test("read", .allow, would: .allow)) == .pass)
        #expect(observed(Fixture.test("delete", .allow, would: .allow)) != .pass)
        #expect(observed(Fixture.test("read", .allow, would: .deny)) != .pass)
        #expect(observed(Fixture.test("delete", .deny)) != .pass)
    }

    @Test func `a failure tells each rule that was tried`() throws {
        guard case .fail(let failure) = Fixture.outcome(Fixture.test("delete", .allow)) else {
            Issue.record("it does not fail")
            return
        }
        let notes = failure.notes.joined(separator: "\n")
        #expect(notes.contains("no-delete") && notes.contains("policies/p.yaml:8"))
        #expect(notes.contains("read") && notes.contains("does not match"))
    }

    @Test func `coverage counts the rules that decided an access`() {
        let roles = [Fixture.role()]
        let half = PolicyCoverage(of: Fixture.run([Fixture.test("read", .allow)]), roles: roles)
        #expect(half.covered == 1 && half.total == 2 && half.percent == 50)
        #expect(half.uncovered.map(\.rule.id) == ["no-delete"])
        let all = PolicyCoverage(
            of: Fixture.run([Fixture.test("read", .allow), Fixture.test("delete", .deny)]),
            roles: roles
        )
        #expect(all.percent == 100 && all.uncovered.isEmpty)
        #expect(PolicyCoverage(of: Fixture.run([]), roles: []).percent == 100)
    }

    @Test func `the linter learns what the tests touched`() {
        let evidence = Fixture.run([Fixture.test("read", .allow), Fixture.test(nil, .refused, ref: "try")]).evidence
        #expect(evidence.cases.map(\.expectsNo) == [false, true])
        #expect(evidence.cases.first?.rules == ["read"])
        let orders = ObjectReference(.relation, ObjectName(schema: "public", "orders"))
        #expect(evidence.cases.first?.objects.contains(orders) == true)
    }
}
