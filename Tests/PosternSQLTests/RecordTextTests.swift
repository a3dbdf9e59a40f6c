import PosternSQL
import Testing

@Suite("Texts for the record")
struct RecordTextTests {
    private func normalized(_ sql: String) -> String? { SQLAnalyzer.normalized(Array(sql.utf8)) }
    private func masked(_ sql: String) -> String { SQLAnalyzer.masked(Array(sql.utf8)) }
    private func full(_ sql: String) -> String? { SQLAnalyzer.withoutPasswords(Array(sql.utf8)) }

    @Test func `constants become parameters, counted on from the text's own`() {
        let texts = [
            (
                "select 'a', 1.5, E'b\\'', $$c$$, $t$d$t$, x'1f', U&'\\0061', -2",
                "select $1, $2, $3, $4, $5, $6, $7, -$8"
            ),
            ("select * from t where a = $2 and b = 'x'", "select * from t where a = $2 and b = $3"),
            ("select a1, \"b '1' c\" from t2", "select a1, \"b '1' c\" from t2"),
            ("select 1 -- 'secret'\n, /* 'secret' */ 2", "select $1 , $2"),
            ("select 'a'\n  'b'", "select $1"),
            ("  select\t1\n", "select $1 "),
            ("copy t from program 'curl http://u:p@h'", "copy t from program $1"),
            ("create user u password 'x' valid until 'y'", "create user u password $1 valid until $2"),
            ("do $$ begin perform 'secret'; end $$", "do $1"),
            (
                "create function f() returns int as 'select 1' language sql",
                "create function f() returns int as $1 language sql"
            ),
            ("alter server s options (set password 'x')", "alter server s options (set password $1)"),
            ("comment on table t is 'x'", "comment on table t is $1"),
            ("select 'x\\'", "select $1"),
        ]
        for (sql, expected) in texts { #expect(normalized(sql) == expected, "\(sql)") }
    }

    @Test func `what is not closed is not normalised`() {
        for sql in ["select 'a", "select \"a", "select /* 'a'", "select $$a", "select E'a\\'", "select 'a\0'"] {
            #expect(normalized(sql) == nil, "\(sql)")
        }
    }

    @Test func `a text that was not understood is masked`() {
        let texts = [
            ("selec 'secret', 5", "selec ?, ?"),
            (
                "select * from json_table(js, '$.a' columns (a int path '$'))",
                "select * from json_table(js, ? columns (a int path ?))"
            ),
            ("select 1_000, 0x1F, 1e-5, .5, 5.", "select ?, ?, ?, ?, ?"),
            ("alter role r password secret", "alter role r password ?"),
            ("alter role r password \"secret\"", "alter role r password ?"),
            ("alter role r password null", "alter role r password null"),
            ("select $1", "select $1"),
            ("select 'open", "SELECT"),
            ("insert into t values ('a\\'), ('secret')", "INSERT"),
            (" /* x */ Copy t from 'x", "COPY"),
            ("hunter2 'open", "?"),
            ("'open", "?"),
            ("", ""),
        ]
        for (sql, expected) in texts { #expect(masked(sql) == expected, "\(sql)") }
        #expect(SQLAnalyzer.masked([0xFF, 0x27]) == "?")
        #expect(SQLAnalyzer.masked(Array("select 1\0".utf8)) == "?")
    }

    @Test func `a text is kept whole unless it can hold a password`() {
        for sql in ["select 'a', 1 -- x", "create role r", "insert into t values ('ä')", "set work_mem = 5"] {
            #expect(full(sql) == sql)
        }
        let secrets = [
            ("create role r password 'x'", "create role r password $1"),
            ("ALTER USER r PASSWORD 'x'", "ALTER USER r PASSWORD $1"),
            (
                "create user mapping for u server s options (user 'a')",
                "create user mapping for u server s options (user $1)"
            ),
            (
                "create subscription s connection 'host=x' publication p",
                "create subscription s connection $1 publication p"
            ),
            ("select 1; alter role r password 'x'", "select $1; alter role r password $2"),
            ("select dblink('host=x PassWord=y')", "select dblink($1)"),
            ("do $$ begin alter role r password 'x'; end $$", "do $1"),
            ("select 1 -- password x", "select $1 "),
        ]
        for (sql, expected) in secrets { #expect(full(sql) == expected, "\(sql)") }
        #expect(full("select 'open") == nil)
    }

    @Test func `a text that breaks the library's normalisation is harmless`() {
        let sql = "SET search_path TO false;\n/* G\n8 */\nSELECT ARRAY[] FROM d8 WHERE a = 7"
        #expect(normalized(sql) == "SET search_path TO false; SELECT ARRAY[] FROM d8 WHERE a = $1")
    }

    @Test func `a fingerprint groups statements that differ in constants only`() {
        let one = SQLAnalyzer.fingerprint(Array("select * from t where a = 1".utf8))
        #expect(one != nil)
        #expect(one == SQLAnalyzer.fingerprint(Array("select  *  from t where a = 2".utf8)))
        #expect(one != SQLAnalyzer.fingerprint(Array("select * from u where a = 1".utf8)))
        #expect(SQLAnalyzer.fingerprint(Array("select from where".utf8)) == nil)
    }
}
