import PosternCore
import PosternPolicy
import PosternSQL

/// A role that reads `public.orders`, must not delete from it, and tests of it whose SQL is a word for its facts.
struct RunnerFixture {
    static let place = SourceLocation(file: "policies/p_test.yaml", line: 4, column: 5)

    static func role(mode: RoleMode = .enforce) -> Role {
        let read = LintFixture.rule("read", .allow, [.statementClass(.read)], on: ["public.orders"], line: 7)
        let deny = LintFixture.rule("no-delete", .deny, [.tag(.delete)], message: "cancel them", line: 8)
        return Role(
            name: "r",
            database: "orders",
            login: "r",
            who: [LintFixture.entry("github", ["ref": .text("main")], line: 5)],
            mode: mode,
            rules: .rules([read, deny]),
            location: LintFixture.location(3)
        )
    }

    static func test(
        _ sql: String?,
        _ expectation: PolicyTest.Expectation,
        ref: String = "main",
        would: Decision.Verdict? = nil,
        rule: String? = nil,
        reason: String? = nil,
        sqlState: String? = nil,
        message: String? = nil,
        role: String = "r",
        name: String = "a test"
    ) -> PolicyTest {
        var claims = JSONObject()
        claims.append("ref", .string(ref))
        return PolicyTest(
            name: name,
            role: role,
            issuer: "github",
            claims: claims,
            sql: sql,
            expectation: expectation,
            would: would,
            rule: rule,
            reason: reason,
            sqlState: sqlState,
            message: message,
            location: place
        )
    }

    /// `read`, `delete`, `begin`, `nothing`; all else is a syntax error.
    static func analyze(_ text: [UInt8]) -> Result<AnalyzedText, AnalysisError> {
        let orders = ObjectReference(.relation, ObjectName("orders"))
        func one(_ tag: CommandTag, _ accesses: [Access]) -> Result<AnalyzedText, AnalysisError> {
            var facts = StatementFacts(range: 0..<1, tag: tag, statementClass: tag.statementClass)
            facts.accesses = accesses
            return .success(AnalyzedText(statements: [facts], otherReading: nil))
        }
        return switch String(decoding: text, as: UTF8.self) {
        case "read": one(.select, [Access(.read, .select, orders)])
        case "delete": one(.delete, [Access(.write, .delete, orders, restriction: .usesTarget)])
        case "begin": one(.begin, [])
        case "nothing": .success(AnalyzedText(statements: [], otherReading: nil))
        default: .failure(.syntax(message: "syntax error at or near \"x\"", position: 3))
        }
    }

    static func run(_ tests: [PolicyTest], mode: RoleMode = .enforce) -> PolicyTestReport {
        var ticks: Int64 = 0
        var runner = PolicyTestRunner(
            PolicyTestRunner.Subject(
                roles: [role(mode: mode)],
                trust: { _ in .all },
                database: { _ in JudgedDatabase(name: "orders", searchPath: ["public"], login: "r") },
                analyze: analyze
            )
        ) {
            ticks += 12
            return .microseconds(ticks)
        }
        return runner.run(tests)
    }

    static func outcome(_ test: PolicyTest, mode: RoleMode = .enforce) -> PolicyTestResult.Outcome? {
        run([test], mode: mode).results.first?.outcome
    }
}
