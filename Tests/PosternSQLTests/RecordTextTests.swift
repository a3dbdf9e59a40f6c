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
            ("select 'c:\\d'", "select $1"),
            // Read the other way the name is inside a literal.
            ("select 'x\\', hunter2 /*\\'y'*/", "SELECT"),
            ("set app.key = hunter2", "set app.key = $1"),
            ("set local app.key to \"hunter2\", hunter3", "set local app.key to $1, $2"),
            ("alter role r set app.key = hunter2", "alter role r set app.key = $1"),
            ("set app.key to default", "set app.key to default"),
            ("set datestyle to iso, mdy", "set datestyle to iso, mdy"),
            ("update t set a = b, c = d", "update t set a = b, c = d"),
            ("alter table t alter a.b set default c", "alter table t alter a.b set default c"),
            ("select eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln", "SELECT"),
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
            ("selec 'secret', 5", "?"),
            ("select 'secret', 5 +", "select ?, ? +"),
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
            // Rows of a copy that failed come as text.
            ("1\talice\tsecret", "?"),
            ("alice\tsecret\n\\.", "?"),
            ("(select 'a' +", "(select ? +"),
            ("create user u identified by hunter2", "create user u identified by ?"),
            ("alter role r password = hunter2", "alter role r password = ?"),
            ("set api.key = hunter2 hunter3", "set api.key = ? ?"),
            ("set key to hunter2; select hunter4 +", "set key to ?; select hunter4 +"),
            ("select eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln +", "SELECT"),
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
            ("select dblink('postgresql://u:hunter2@h/d', 'x')", "select dblink($1, $2)"),
            ("select 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln'", "select $1"),
            ("set app.secret = hunter2", "set app.secret = $1"),
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

    /// It has no key: what went into it could be guessed by trying.
    @Test(arguments: [
        "alter role r password 'SECRET'", "create user u password $$SECRET$$", "do $$ begin perform SECRET; end $$",
        "create function f() returns int language sql as 'select SECRET'", "comment on table t is 'SECRET'",
        "create subscription s connection 'password=SECRET' publication p", "notify c, 'SECRET'",
        "create user mapping for u server s options (password 'SECRET')", "copy t from program 'curl SECRET'",
        "set app.key = SECRET", "set app.key = 'SECRET'", "create role r valid until E'SECRET'",
        "insert into t values ('SECRET', U&'SECRET', x'12')", "copy t (a) from stdin (delimiter 'SECRET')",
    ])
    func `a fingerprint does not depend on a secret`(sql: String) {
        let prints = ["hunter2", "hunter3"].map { secret in
            SQLAnalyzer.fingerprint(Array(sql.replacing("SECRET", with: secret).utf8))
        }
        #expect(prints[0] != nil)
        #expect(prints[0] == prints[1])
    }
}
