import PosternPolicy
import PosternSQL
import Testing

/// Rules against SQL: the words of the contract's section 4, from text to decision.
struct TextTests {
    private let bench = Bench(
        rule("read-all", .allow, [.read], on: ["public.*"], line: 12),
        rule(
            "write-orders",
            .allow,
            [.tag(.insert), .tag(.update), .tag(.delete)],
            on: ["public.orders", "public.order_lines"],
            where: true,
            line: 13
        ),
        rule("migrate", .allow, [.ddl], on: ["public.*"], line: 14),
        rule(
            "no-drop",
            .deny,
            [.tag(.dropTable), .tag(.dropSchema), .tag(.truncateTable)],
            message: "drop tables by hand with a reviewer",
            line: 15
        )
    )

    private func judge(_ sql: String, _ bench: Bench? = nil) -> JudgedText {
        let bench = bench ?? self.bench
        let text = Result { () throws(AnalysisError) in try SQLAnalyzer.analyze(Array(sql.utf8)) }
        return bench.judge.judge(text, byteCount: sql.utf8.count, paths: bench.paths)
    }

    @Test(arguments: [
        "", "-- nothing", "select 1", "select now(), count(*), lower('x')", "begin; commit", "select * from orders",
        "select * from public.orders o join order_lines l using (id)", "table orders", "show search_path",
        "update orders set note = 'x' where id = 1",
        "delete from orders where orders.id in (select id from order_lines)",
        "insert into orders (id) values (1) returning id", "insert into orders select * from order_lines",
        "update orders o set note = l.note from order_lines l where o.id = l.id",
        "alter table orders add column note text", "create table fresh (id int primary key, o int references orders)",
        "create index on orders (id)", "select relname from pg_class", "select * from information_schema.tables",
        "set statement_timeout = '5s'", "set client_encoding = 'UTF8'", "set search_path = public",
        "select set_config('search_path', '', false)", "explain analyze select * from orders", "reset all",
        "prepare p as select * from orders", "execute p(1)", "declare c cursor for select * from orders",
        "copy orders to stdout", "copy (select * from orders) to stdout", "discard all", "unlisten *",
        "create view v as select * from orders", "create table t2 as select * from orders", "select o.id from orders o",
        #"select U&"order\0073".id from U&"order\0073""#, "select * from shop.public.orders",
        "select $1::int + $2", "values (1), (2)", "set session characteristics as transaction read only",
    ])
    func `an everyday statement is allowed`(sql: String) {
        #expect(judge(sql).denial == nil)
    }

    @Test(
        arguments: [
            ("delete from orders", "no rule"), ("delete from orders where true", "no rule"),
            ("delete from users where users.id = 1", "no rule"), ("update users set a = 1 where id = 1", "no rule"),
            ("with d as (delete from users where users.id = 1 returning *) select * from d", "no rule"),
            ("select * into other.fresh from orders", "no rule"), ("select * from orders for update", "no rule"),
            ("explain delete from users", "no rule"), ("prepare p as delete from users", "no rule"),
            ("declare c cursor for select * from other.t", "no rule"),
            ("copy (delete from users returning *) to stdout", "no rule"),
            ("copy orders from '/etc/passwd'", "no rule"), ("copy orders to program 'sh'", "no rule"),
            ("copy orders from stdin", "no rule"), ("do $$ begin end $$", "no rule"), ("call close_month()", "no rule"),
            ("create function f() returns int language sql as 'select 1'", "no rule"),
            ("create extension dblink", "no rule"),
            ("create trigger t before insert on orders execute function f()", "no rule"),
            ("drop table orders", "rule"), ("begin; drop table orders; commit", "rule"), ("truncate orders", "rule"),
            ("drop schema public cascade", "rule"), ("alter table orders set schema other", "no rule"),
            ("alter table orders rename to other", nil), ("create temp table orders (id int)", "temporary name"),
            ("create temp table scratch (id int)", "no rule"), ("select * from other.t", "no rule"),
            ("select * from other.public.orders", "other database"), ("set role postgres", "no rule"),
            ("set session authorization postgres", "no rule"),
            ("select set_config('role', 'postgres', false)", "no rule"),
            ("select set_config('ro' || 'le', 'postgres', false)", "function"),
            (#"select U&"set\005fconfig"('role', 'x', false)"#, "no rule"),
            ("update pg_settings set setting = 'x'", "setting"),
            ("update pg_class set relname = 'x' where oid = 1", "catalogue"), ("set search_path = evil", "search path"),
            ("set search_path = public, pg_catalog", "search path"), ("set schema 'evil'", "search path"),
            ("set client_encoding = 'SJIS'", "setting"), ("set names 'sjis'", "setting"),
            ("set standard_conforming_strings = off", "setting"), ("set postern.subject = 'x'", "setting"),
            ("select set_config('postern.subject', 'x', false)", "setting"),
            ("set session_replication_role = replica", "setting"),
            ("alter role current_user password 'x'", "login"), ("alter role orders_login password 'x'", "login"),
            ("alter user orders_login valid until 'infinity'", "login"),
            ("alter role all set work_mem = '1GB'", "login"),
            ("alter role orders_login set search_path = evil", "login"),
            ("alter system set work_mem = '1GB'", "no rule"),
            ("select pg_read_file('/etc/passwd')", "function"), ("select * from pg_ls_dir('/')", "function"),
            ("select ('/etc/passwd'::text).pg_read_file", "function"),
            ("select t.pg_read_file from unnest(array['/etc/passwd'::text]) t", "function"),
            ("select (id).pg_terminate_backend from orders", "function"),
            ("select query_to_xml('select 1', true, true, '')", "function"),
            ("select lo_import('/etc/passwd')", "function"), ("select pg_sleep(9)", "function"),
            ("select * from pg_authid", "catalogue"), ("select * from pg_stat_activity", "catalogue"),
            ("select passwd from pg_catalog.pg_shadow", "catalogue"), ("notify jobs", "no rule"),
            ("listen jobs", "no rule"),
            ("load 'x'", "no rule"), ("checkpoint", "no rule"), ("grant all on orders to public", "no rule"),
            ("slect 1", "syntax"), ("select 1 \u{0}", "not text"),
            (#"select 'x\' as y, '; drop table orders; --'"#, "other reading"),
        ] as [(String, String?)]
    )
    func `a statement beyond the rules is denied with its reason`(sql: String, reason: String?) {
        #expect(judge(sql).denial?.reason == reason)
    }

    @Test func `a denial reads like the contract's`() throws {
        let denial = try #require(judge("delete from orders").denial)
        #expect(denial.message == "permission denied by policy: DELETE on public.orders")
        #expect(
            denial.detail == "role migrator at policies/orders.yaml:2: no rule allows DELETE (write) on public.orders"
        )
        #expect(denial.hint == "rule write-orders needs a WHERE that names a column of public.orders")
    }

    @Test func `with a catalogue a function called as a column is seen`() {
        var bench = bench
        #expect(judge("select o.secret from orders o", bench).denial == nil)
        bench.catalog = CatalogSnapshot(
            relations: [(schema: "public", name: "orders", columns: ["id"])],
            functions: [CatalogSnapshot.Function(schema: "public", name: "secret", takesRow: true)],
            generation: 1
        )
        #expect(
            judge("select o.secret from orders o", bench).denial?.message
                == "permission denied by policy: function:public.secret"
        )
        #expect(judge("select o.id from orders o", bench).denial == nil)
        #expect(judge("select (o).secret from orders o", bench).denial != nil)
    }

    @Test func `CTEs are no relations, and a WHERE that names only another relation's columns does not count`() {
        #expect(judge("with x as (select * from orders) select * from x", bench).denial == nil)
        #expect(judge("delete from orders using order_lines l where l.id = 1", bench).denial?.reason == "no rule")
        #expect(judge("delete from orders using order_lines l where orders.id = l.id", bench).denial == nil)
    }

    @Test func `CREATE TEMP needs pg_temp, in every spelling`() {
        var bench = bench
        bench.rules.append(rule("temp", .allow, [.ddl, .tag(.insert)], on: ["pg_temp.*"], line: 16))
        for sql in [
            "create temp table scratch (id int)", "create temporary table scratch as select * from orders",
            "create table pg_temp.scratch (id int)", "select * into temp scratch from orders",
            "create temp view scratch as select * from orders", "create temp sequence scratch",
            "insert into pg_temp.scratch values (1)",
        ] {
            #expect(judge(sql, bench).denial == nil, "\(sql)")
            #expect(judge(sql).denial != nil, "\(sql)")
        }
        for sql in [
            "create temp table orders (id int)", "select * into temp orders from order_lines",
            "create temp view orders as select 1", "create table pg_temp.orders (id int)",
            "alter table pg_temp.scratch rename to orders",
        ] {
            #expect(judge(sql, bench).denial?.reason == "temporary name", "\(sql)")
        }
    }
}
