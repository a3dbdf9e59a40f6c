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
        "select " + times(1_000, "case when a and b then 1 end" + times(100, "+1") + " and "),
    ]

    @Test(arguments: endless.indices.dropLast())
    func `a tree without end is refused before it is parsed`(index: Int) {
        #expect(analyze(Self.endless[index]) == .error(.tooComplex))
    }

    /// What the grammar ends by itself, and what is flat.
    private static let bounded: [(sql: String, isRead: Bool)] = [
        ("select " + times(9_000, "not ") + "true", true),
        ("select " + times(9_000, "- ") + "x", true),
        ("select 1" + times(19_000, "+1"), true),
        ("select x" + times(9_900, "::int"), true),
        ("select 1" + times(15_000, " union select 1, 2"), true),
        ("select * from t" + times(15_000, " natural join t"), true),
        ("select " + times(120, "(select ") + "1" + times(120, ")"), true),
        ("select * from " + times(240, "(select * from ") + "t" + times(240, " a)") + " a", true),
        ("select " + times(480, "f(") + times(480, ")"), true),
        ("select " + times(499, "(1+") + "1" + times(499, ")"), true),
        ("select * from t where a = 0" + times(100_000, " or a = 1"), true),
        ("select * from t where a = 0" + times(50_000, " and b = 2 or a = 1"), true),
        ("select * from t where a in (0" + times(100_000, ", 1") + ")", true),
        ("select 1" + times(100_000, ", 1 + 2"), true),
        ("select 1" + times(10_000, "; select 1 + 1"), true),
        ("insert into t values (0)" + times(100_000, ", (-1, f(2)::text)"), true),
        (times(100_000, ";"), true),
        ("/*" + times(100_000, "(+/*") + times(100_000, "*/") + "*/ select 1", true),
        ("select '" + times(100_000, "+(") + "'", true),
        ("select $$" + times(100_000, "+(") + "$$", true),
        ("select E'\\'" + times(100_000, "+(") + "'", true),
    ]

    @Test(arguments: bounded.indices)
    func `a wide text is read`(index: Int) {
        let (sql, isRead) = Self.bounded[index]
        let outcome = analyze(sql)
        if case .error(.tooComplex) = outcome { Issue.record("refused: \(sql.prefix(60))") }
        if isRead, case .error(let error) = outcome { Issue.record("\(error): \(sql.prefix(60))") }
        #expect(outcome != nil)
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
        let fingerprints = onBigStack { Self.endless.dropLast().map { SQLAnalyzer.fingerprint(Array($0.utf8)) } }
        #expect(fingerprints?.allSatisfy { $0 == nil } == true)
    }

    @Test func `the deepest texts have fingerprints`() {
        let fingerprints = onBigStack { Self.bounded.map { SQLAnalyzer.fingerprint(Array($0.sql.utf8)) } }
        #expect(fingerprints?.allSatisfy { $0 != nil } == true)
    }
}
