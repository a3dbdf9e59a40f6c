import PosternPolicy
import PosternSQL
import Testing

/// The words that a job reads: role, rule or "no rule allows", place, access, and what to do.
struct DenialTests {
    private let orders = Bench(
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
            [.tag(.dropTable), .tag(.truncateTable)],
            message: "drop tables by hand with a reviewer",
            line: 15
        )
    )

    private func expect(
        _ accesses: Access...,
        message: String,
        detail: String,
        hint: String?,
        in bench: Bench? = nil,
        location: Testing.SourceLocation = #_sourceLocation
    ) throws {
        let facts = statement(accesses)
        let denial = try #require(try (bench ?? orders).decide(facts).denial, sourceLocation: location)
        #expect(denial.sqlState == "42501", sourceLocation: location)
        #expect(denial.message == "permission denied by policy: \(message)", sourceLocation: location)
        #expect(
            denial.detail
                == (detail.hasPrefix("rule ") ? "role migrator: " : "role migrator at policies/orders.yaml:2: ")
                    + detail,
            sourceLocation: location
        )
        #expect(denial.hint == hint, sourceLocation: location)
    }

    @Test func `a deny names its rule and place, and gives its message as the hint`() throws {
        try expect(
            access(.dropTable, "public.t"),
            message: "DROP TABLE on public.t",
            detail: "rule no-drop at policies/orders.yaml:15 denies DROP TABLE on public.t",
            hint: "drop tables by hand with a reviewer"
        )
        try expect(
            read("public.t"),
            message: "SELECT on public.t",
            detail: "rule deny-it at policies/orders.yaml:14 denies SELECT on public.t",
            hint: "no allow outweighs this rule",
            in: Bench(deny(.read))
        )
    }

    @Test func `what no rule allows names the access, and the rule that came nearest`() throws {
        try expect(
            access(.delete, "orders", restriction: .none),
            message: "DELETE on public.orders",
            detail: "no rule allows DELETE (write) on public.orders",
            hint: "rule write-orders needs a WHERE that names a column of public.orders"
        )
        try expect(
            access(.delete, "orders", restriction: .ambiguous(["id"])),
            message: "DELETE on public.orders",
            detail: "no rule allows DELETE (write) on public.orders",
            hint: "rule write-orders needs a WHERE that names a column of public.orders; "
                + "write the table before the column's name"
        )
        try expect(
            access(.update, "public.users", restriction: .usesTarget),
            message: "UPDATE on public.users",
            detail: "no rule allows UPDATE (write) on public.users",
            hint: "rule write-orders allows it on public.orders, public.order_lines"
        )
        try expect(
            access(.lockTable, "public.orders"),
            message: "LOCK TABLE on public.orders",
            detail: "no rule allows LOCK TABLE (write) on public.orders",
            hint: "a rule has to allow `LOCK TABLE` or `write` on public.orders"
        )
        try expect(
            access(.grant, "public.orders"),
            message: "GRANT on public.orders",
            detail: "no rule allows GRANT (role) on public.orders",
            hint: "a rule has to allow `GRANT` or `role` on public.orders"
        )
    }

    @Test func `reading beside the target is told as reading`() throws {
        let writer = Bench(rule("w", .allow, [.tag(.update)], on: ["public.*"]))
        try expect(
            access(.update, "public.t"),
            access(.update, "public.u", class: .read, part: .other),
            message: "reading public.u in UPDATE",
            detail: "no rule allows reading public.u (read) in UPDATE",
            hint:
                "a rule with a tag covers its target only; reading public.u in UPDATE needs a rule that allows `read`",
            in: writer
        )
        try expect(
            access(.update, "public.t", class: .read),
            message: "reading public.t in UPDATE",
            detail: "no rule allows reading public.t (read) in UPDATE",
            hint: "a rule has to allow `UPDATE` or `read` on public.t",
            in: Bench(allow(.write, on: ["public.*"]))
        )
    }

    @Test func `what has to be named says so`() throws {
        try expect(
            Access(.function, .do, nil),
            message: "DO",
            detail: "no rule allows DO (function)",
            hint: "rule allow-it allows the class; DO has to be named by its tag",
            in: Bench(allow(.function))
        )
        try expect(
            Access(.function, .do, nil),
            message: "DO",
            detail: "no rule allows DO (function)",
            hint: "a rule has to allow `DO` with `on: any`"
        )
        try expect(
            Access(.misc, .checkpoint, nil),
            message: "CHECKPOINT",
            detail: "no rule allows CHECKPOINT (misc)",
            hint: "rule allow-it names objects in `on`; CHECKPOINT has none and needs `on: any`",
            in: Bench(allow(.misc, on: ["public.*"]))
        )
    }

    @Test func `functions are told with the way to allow them`() throws {
        try expect(
            call("pg_read_file"),
            message: "function:pg_catalog.pg_read_file",
            detail: "the function pg_catalog.pg_read_file reads or lists files of the server",
            hint: "only its name in the role's `functions` allows it: `functions: [pg_catalog.pg_read_file]`"
        )
        try expect(
            call("next_invoice"),
            message: "function:public.next_invoice",
            detail: "no rule allows function:public.next_invoice (function) in SELECT",
            hint: "a rule has to allow `function` on function:public.next_invoice, or `functions` has to name it"
        )
    }

    @Test func `the catalogue and the system's schemas are told apart from names`() throws {
        try expect(
            read("pg_stat_activity"),
            message: "SELECT on pg_catalog.pg_stat_activity",
            detail: "no rule allows SELECT (read) on pg_catalog.pg_stat_activity, which shows what other sessions do",
            hint: "only the literal name in `on` allows it: `on: [pg_catalog.pg_stat_activity]`"
        )
        try expect(
            access(.createTable, "pg_temp.scratch"),
            message: "CREATE TABLE on pg_temp.scratch",
            detail: "no rule allows CREATE TABLE (ddl) on pg_temp.scratch",
            hint: "temporary relations need `pg_temp.*` in `on`",
            in: Bench(allow(.ddl, on: ["*.s*"]))
        )
        try expect(
            access(.alterTable, "pg_class"),
            message: "ALTER TABLE on pg_catalog.pg_class",
            detail: "no rule allows ALTER TABLE (ddl) on pg_catalog.pg_class",
            hint: "the name is taken for pg_catalog's; write the schema"
        )
    }

    @Test func `an unqualified name tells what it can stand for`() throws {
        var bench = orders
        bench.path = ["public", "app"]
        try expect(
            read("orders"),
            message: "SELECT on app.orders",
            detail: "no rule allows SELECT (read) on app.orders",
            hint: "orders can stand for public.orders, app.orders, and all must be allowed; write the schema",
            in: bench
        )
    }

    @Test func `a search path that is not permitted is told with those that are`() throws {
        var bench = orders
        bench.searchPaths = [["sqitch"]]
        let facts = statement([], .set) {
            $0.settings = [
                SettingChange(name: "search_path", value: .constants(["Evil", "x"]), route: .set, isLocal: false)
            ]
        }
        let denial = try #require(try bench.decide(facts).denial)
        #expect(denial.message == "permission denied by policy: SET search_path")
        #expect(
            denial.detail
                == "role migrator at policies/orders.yaml:2: `\"Evil\", x` is none of the paths that it may set: "
                + "`public`, `sqitch`, the empty path"
        )
    }

    @Test func `names are quoted where they could be taken for others`() throws {
        let odd = ObjectReference(.relation, ObjectName(schema: "public", "a.b\"c\n"))
        let denial = try #require(try Bench(deny(.read)).denial(Access(.read, .select, odd)))
        #expect(denial.message == "permission denied by policy: SELECT on public.\"a.b\"\"c\\u{a}\"")
    }

    @Test func `no text grows with what a stranger wrote`() throws {
        let long = String(repeating: "x", count: 20_000)
        let syntax = Result<AnalyzedText, AnalysisError>.failure(.syntax(message: long, position: 1))
        #expect(
            try #require(orders.judge.judge(syntax, byteCount: 1, paths: orders.paths).denial).message.utf8.count < 300
        )
        let setting = statement([], .set) {
            $0.settings = [
                SettingChange(name: long, value: .constants([long]), route: .set, isLocal: false)
            ]
        }
        let path = statement([], .set) {
            $0.settings = [
                SettingChange(
                    name: "search_path",
                    value: .constants(Array(repeating: long, count: 50)),
                    route: .set,
                    isLocal: false
                )
            ]
        }
        for facts in [setting, path, statement([read("public.\(long)")])] {
            let denial = try #require(try Bench(deny(.read)).decide(facts).denial)
            #expect(
                denial.message.utf8.count + (denial.detail?.utf8.count ?? 0) + (denial.hint?.utf8.count ?? 0) < 3000
            )
        }
    }
}
