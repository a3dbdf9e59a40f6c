import PosternSQL
import Testing

@Suite("Deep and long texts")
struct ComplexityTests {
    private enum Outcome: Equatable {
        case statements(Int)
        case error(AnalysisError)
    }

    private func analyze(_ sql: String) -> Outcome? {
        onBigStack {
            do throws(AnalysisError) {
                return .statements(try SQLAnalyzer.analyze(Array(sql.utf8)).statements.count)
            } catch {
                return .error(error)
            }
        }
    }

    private static func times(_ count: Int, _ text: String) -> String { String(repeating: text, count: count) }

    /// Each makes a tree of 100,000 levels, or would.
    private static let endless: [String] = [
        "select 1" + times(100_000, "+1"),
        "select x" + times(100_000, "::int"),
        "select x" + times(100_000, " collate \"C\""),
        "select x" + times(100_000, " at time zone 'UTC'"),
        "select 1" + times(100_000, " union select 1, 2"),
        "select * from t" + times(100_000, " join t using (a)"),
        "select * from t" + times(100_000, " join t on a and b"),
        "select * from t" + times(100_000, " natural join t"),
        "select x" + times(100_000, " || any (select 1)"),
        "select " + times(100_000, "(") + "1" + times(100_000, ")"),
        "select " + times(100_000, "(1+") + "1" + times(100_000, ")"),
        "select " + times(100_000, "(select "),
        "select " + times(100_000, "f(") + times(100_000, ")"),
        "select " + times(100_000, "case when 1 and ") + "1" + times(100_000, " then 1 end + 1 + 1"),
    ]

    @Test(arguments: endless.indices)
    func `a tree without end is refused before it is parsed`(index: Int) {
        #expect(analyze(Self.endless[index]) == .error(.tooComplex))
    }

    /// What the grammar ends by itself, and what is flat.
    private static let bounded: [String] = [
        "select " + times(9_000, "not ") + "true",
        "select " + times(9_000, "- ") + "x",
        "select 1" + times(19_000, "+1"),
        "select x" + times(9_900, "::int"),
        "select 1" + times(15_000, " union select 1, 2"),
        "select * from t" + times(15_000, " natural join t"),
        "select " + times(120, "(select ") + "1" + times(120, ")"),
        "select * from " + times(240, "(select * from ") + "t" + times(240, " a)") + " a",
        "select " + times(480, "f(") + times(480, ")"),
        "select " + times(499, "(1+") + "1" + times(499, ")"),
        "select * from t where a = 0" + times(30_000, " or a = 1"),
        "select * from t where a = 0" + times(10_000, " and b = 2 or a = 1"),
        "select * from t where a in (0" + times(100_000, ", 1") + ")",
        "select 1" + times(20_000, ", 1 + 2"),
        "select 1" + times(10_000, "; select 1 + 1"),
        "insert into t values (0)" + times(20_000, ", (-1, f(2)::text)"),
        times(100_000, ";"),
        "/*" + times(100_000, "(+/*") + times(100_000, "*/") + "*/ select 1",
        "select '" + times(100_000, "+(") + "'",
        "select $$" + times(100_000, "+(") + "$$",
        "select E'\\'" + times(100_000, "+(") + "'",
    ]

    @Test(arguments: bounded.indices)
    func `a wide text is read`(index: Int) {
        let sql = Self.bounded[index]
        let outcome = analyze(sql)
        if case .statements = outcome { return }
        Issue.record("\(outcome.debugDescription): \(sql.prefix(60))")
    }

    @Test func `what the parser's scanner is slow on is refused`() {
        let slow = [
            "select 1" + Self.times(100, "/**/"), "select 1 /*" + Self.times(100, "/*") + Self.times(101, "*/"),
            "select " + Self.times(100, "+") + "1", "select " + Self.times(100, "<-") + "1",
            "select 1" + Self.times(40, "+/**/") + "1",
        ]
        for sql in slow { #expect(analyze(sql) == .error(.tooComplex), "\(sql)") }
        let quick = [
            "select 1 " + Self.times(10_000, "/**/ "), "/" + Self.times(10_000, "*") + "/ select 1",
            Self.times(10_000, "-") + "\nselect 1", "select '" + Self.times(10_000, "/*") + "'",
            "select 1 -- " + Self.times(10_000, "/*"), "select 1" + Self.times(10, "/**/"),
        ]
        for sql in quick { #expect(analyze(sql) == .statements(1), "\(sql.prefix(40))") }
    }

    @Test func `a bracket that a literal hides from one reading is seen in the other`() {
        let deep = "+(1" + Self.times(100_000, "+1") + ")"
        #expect(analyze("select 'x\\', ' \(deep) --'") == .error(.tooComplex))
        #expect(analyze("select E'x\\' \(deep) '") == .statements(1))
        #expect(analyze("select 'a'\n'b' \(deep)") == .error(.tooComplex))
        #expect(analyze("select b'1''0' \(deep)") == .error(.tooComplex))
        #expect(analyze("select $a$ $b$ $a$ \(deep)") == .error(.tooComplex))
        #expect(analyze("select a$$ \(deep) , b$$") == .error(.tooComplex))
        #expect(analyze("select /* /* */ */ 1 \(deep)") == .error(.tooComplex))
        #expect(analyze("select \"a\"\"b\" \(deep)") == .error(.tooComplex))
        #expect(analyze("select U&'\\0061' \(deep)") == .error(.tooComplex))
    }

    @Test func `fingerprints of texts without end are refused too`() {
        let fingerprints = onBigStack { Self.endless.prefix(3).map { SQLAnalyzer.fingerprint(Array($0.utf8)) } }
        #expect(fingerprints?.allSatisfy { $0 == nil } == true)
    }

    @Test func `the deepest texts have fingerprints`() {
        let fingerprints = onBigStack { Self.bounded.map { SQLAnalyzer.fingerprint(Array($0.utf8)) } }
        #expect(fingerprints?.allSatisfy { $0 != nil } == true)
    }
}
