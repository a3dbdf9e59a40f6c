import Glibc
import PosternPolicy
import PosternSQL
import Testing

/// What a decision costs without a cache, printed: `POSTERN_MEASURE=1 swift test -c release --filter DecisionCost`.
/// No gate: machines differ.
@Suite(.enabled(if: getenv("POSTERN_MEASURE") != nil), .serialized)
struct DecisionCostTests {
    private static let here = SourceLocation(file: "policies/bench.yaml", line: 1, column: 1)

    /// Twenty rules of which the last three allow what is measured.
    private let judge: RoleJudge = {
        func pattern(_ schema: String) -> RuleScope {
            .patterns([
                ObjectPattern(
                    kind: .relation,
                    schema: NamePattern(pieces: [schema]),
                    name: NamePattern(pieces: ["", ""]),
                    description: "\(schema).*",
                    location: DecisionCostTests.here
                )
            ])
        }
        var rules = (0..<17).map { number in
            Rule(
                id: "service-\(number)",
                effect: .allow,
                subjects: [.tag(.insert), .tag(.update), .tag(.delete)],
                scope: pattern("service\(number)"),
                location: DecisionCostTests.here
            )
        }
        for one in [StatementClass.read, .write, .ddl] {
            rules.append(
                Rule(
                    id: one.rawValue,
                    effect: .allow,
                    subjects: [.statementClass(one)],
                    scope: pattern("public"),
                    location: DecisionCostTests.here
                )
            )
        }
        let role = Role(
            name: "bench",
            database: "bench",
            login: "bench",
            who: [],
            rules: .rules(rules),
            limits: RoleLimits(statementSize: 16 << 20),
            location: DecisionCostTests.here
        )
        let database = JudgedDatabase(name: "bench", searchPath: ["public"], login: "bench")
        return RoleJudge(role: role, database: database, catalog: nil)
    }()

    private static let join = """
        select o.id, o.placed_at, c.name, sum(l.quantity * l.price) as total from orders o join customers c on c.id = \
        o.customer_id join order_lines l on l.order_id = o.id left join refunds r on r.order_id = o.id where o.placed_at \
        > now() - interval '7 days' and c.country in ('de', 'fr', 'it') and r.id is null group by o.id, o.placed_at, \
        c.name having sum(l.quantity) > 3 order by total desc limit 50 offset 100
        """

    @Test func `cost of a decision`() throws {
        let rows = (0..<20_001).map { "(\($0), 'row number \($0)')" }.joined(separator: ", ")
        try measure("select 1", "select 1", count: 5000)
        try measure("pgbench's SELECT", "SELECT abalance FROM pgbench_accounts WHERE aid = 12345;", count: 5000)
        try measure("a join of \(Self.join.utf8.count) bytes", Self.join, count: 1000)
        let insert = "insert into t (a, b) values \(rows)"
        try measure("an INSERT of \(insert.utf8.count / 1000) kB", insert, count: 3)
    }

    private func measure(_ what: String, _ text: String, count: Int) throws {
        let bytes = Array(text.utf8)
        var parsing = UInt64.max
        var judging = UInt64.max
        for _ in 0..<5 {
            var start = nanoseconds()
            for _ in 0..<count { _ = try SQLAnalyzer.analyze(bytes) }
            parsing = min(parsing, (nanoseconds() - start) / UInt64(count))
            let analyzed = try SQLAnalyzer.analyze(bytes)
            let paths = SearchPaths(own: ["public"])
            start = nanoseconds()
            for _ in 0..<count {
                let judged = judge.judge(.success(analyzed), byteCount: bytes.count, paths: paths)
                #expect(judged.denial == nil)
            }
            judging = min(judging, (nanoseconds() - start) / UInt64(count))
        }
        print("\(what): \(parsing) ns to read, \(judging) ns to judge")
    }

    private func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
