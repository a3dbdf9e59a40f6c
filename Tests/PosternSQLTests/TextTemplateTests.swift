import PosternSQL
import Testing

/// Facts do not compare their place in the text here: the numbers' lengths move it.
private func facts(_ text: String) throws -> [StatementFacts] {
    try SQLAnalyzer.analyze(Array(text.utf8)).statements.map { facts in
        var facts = facts
        facts.range = 0..<0
        return facts
    }
}

private func template(_ text: String) -> String? {
    let bytes = Array(text.utf8)
    return TextTemplate(bytes.span).map { String(decoding: $0.bytes, as: UTF8.self) }
}

@Suite("Templates of texts")
struct TextTemplateTests {
    @Test(arguments: [
        ("select 12 from t where a = 7", "select 0 from t where a = 0"),
        ("SELECT a1 FROM t2 WHERE a=-5;", "SELECT a1 FROM t2 WHERE a=-0;"),
        ("update t set a = a + 123456789 where b in (1,22 , 333)", "update t set a = a + 0 where b in (0,0 , 0)"),
    ])
    func `whole numbers are made equal`(text: String, expected: String) {
        #expect(template(text) == expected)
    }

    @Test(arguments: [
        "select a from t", "select 'x', 1", "select 1 -- two", "select 1 /* 2 */", "select $1, 2", "select \"a\", 1",
        "select 1.5", "select .5", "select 1e5", "select 0x1F", "select 1_000", "select 12345678901", "select 1a",
        "select t.1", "select é, 1", "select E'\\'', 1", "select 1 :: int", "select 1|2", "",
    ])
    func `what leaves a doubt has none`(text: String) {
        #expect(template(text) == nil)
    }

    @Test(arguments: [
        "select abalance from pgbench_accounts where aid = #", "select # from t limit # offset #",
        "select a from t order by #",
        "update t set a = -# where b = # and c < #", "delete from t where a in (#, #, #)",
        "insert into t values (#, #), (#, #)", "insert into t (a) select # from u where x > #",
        "select f(#, a) from s.t where g(#)", "with d as (delete from t where a = # returning b) select # from d",
        "select cast(a as numeric(#)) from t", "select * from generate_series(#, #)",
    ])
    func `texts of one template have the same facts`(pattern: String) throws {
        var seen: [StatementFacts]?
        for number in ["0", "1", "7", "12", "00", "2147483", "999999999"] {
            let text = pattern.split(separator: "#", omittingEmptySubsequences: false).joined(separator: number)
            guard let found = try? facts(text) else { continue }
            #expect(template(text) != nil)
            let areFree = found.allSatisfy(\.areFreeOfConstants)
            #expect(areFree)
            #expect(seen == nil || seen == found, "\(text)")
            seen = found
        }
        #expect(seen != nil)
    }

    @Test(arguments: ["set work_mem = 5", "execute p (1)", "fetch 5 from c", "lock t", "create table t (a varchar(5))"])
    func `facts that could hold a constant are never shared`(text: String) throws {
        #expect(try facts(text).contains { !$0.areFreeOfConstants })
    }

    @Test func `the statement's place is found between blanks and semicolon`() {
        #expect(TextTemplate.statement(in: Array("  select 1 ; ".utf8)) == 2..<10)
        #expect(TextTemplate.statement(in: Array(";".utf8)) == 0..<0)
    }
}
