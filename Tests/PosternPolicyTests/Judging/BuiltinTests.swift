import PosternPolicy
import PosternSQL
import Testing

struct BuiltinTests {
    private let nothing = Bench(deny(.tag(.dropTable)))

    // MARK: Functions

    @Test(arguments: ["now", "pg_catalog.lower", "count", "information_schema._pg_expandarray", "shop.pg_catalog.now"])
    func `safe built-in functions are allowed to every role`(function: String) throws {
        #expect(try nothing.allows(call(function)))
    }

    @Test(arguments: [
        "pg_read_file", "pg_catalog.query_to_xml", "lo_import", "set_config", "pg_catalog.no_such_function",
    ])
    func `dangerous and unknown built-in functions need their name in functions`(function: String) throws {
        for rules in [allow(.function), allow(.function, on: ["function:pg_catalog.*", "pg_catalog.*"])] {
            #expect(try Bench(rules).denial(call(function))?.reason == "function")
        }
        let bare = try #require(function.split(separator: ".").last.map(String.init))
        for listed in [bare, "pg_catalog.\(bare)"] {
            var bench = nothing
            bench.functions = [name(listed)]
            #expect(
                try bench.decide(statement([call(function)])).accesses[0].outcome == .allowedAlways("in `functions`")
            )
        }
        var bench = nothing
        bench.functions = [name("public.\(bare)")]
        #expect(try !bench.allows(call(function)))
    }

    @Test func `a literal pattern does not allow a dangerous function`() throws {
        #expect(try !Bench(allow(.function, on: ["function:pg_catalog.pg_read_file"])).allows(call("pg_read_file")))
    }

    @Test func `user functions need function, or their name in functions`() throws {
        #expect(try nothing.denial(call("public.next_invoice"))?.reason == "no rule")
        #expect(try Bench(allow(.function, on: ["public.*"])).allows(call("next_invoice")))
        var bench = nothing
        bench.functions = [name("public.next_invoice")]
        #expect(try bench.allows(call("next_invoice"), call("public.next_invoice")))
        #expect(try !bench.allows(call("app.next_invoice")))
        bench.path = ["public", "app"]
        #expect(try !bench.allows(call("next_invoice")))
        // Without a schema it names a built-in one.
        bench.functions = [name("next_invoice")]
        #expect(try !bench.allows(call("public.next_invoice")))
    }

    @Test func `CALL is allowed by its tag or if functions has the procedure`() throws {
        let call = access(.call, "public.close_month", .function)
        #expect(try !Bench(allow(.function)).allows(call))
        #expect(try Bench(allow(.tag(.call), on: ["public.*"])).allows(call))
        #expect(try Bench(allow(.tag(.call), on: ["function:public.close_month"])).allows(call))
        var bench = nothing
        bench.functions = [name("public.close_month")]
        #expect(try bench.allows(call))
        bench.rules = [deny(.tag(.call))]
        #expect(try !bench.allows(call))
    }

    @Test func `a deny wins over what is always allowed`() throws {
        #expect(try !Bench(deny(.function, on: ["function:pg_catalog.now"])).allows(call("now")))
        #expect(try !Bench(deny(.function)).allows(call("now")))
        #expect(try !Bench(deny(.read, on: ["pg_catalog.pg_class"])).allows(read("pg_class")))
        #expect(try !Bench(deny(.read)).allows(read("pg_class")))
    }

    // MARK: With a catalogue

    private func snapshot() -> CatalogSnapshot {
        CatalogSnapshot(
            relations: [
                (schema: "public", name: "orders", columns: ["id", "total"]),
                (schema: "app", name: "orders", columns: ["id"]),
            ],
            functions: [
                .init(schema: "public", name: "lower", takesRow: false),
                .init(schema: "public", name: "total", takesRow: true),
                .init(schema: "public", name: "secret", takesRow: true),
                .init(schema: "public", name: "scalar", takesRow: false),
                .init(schema: "elsewhere", name: "hidden", takesRow: true),
            ],
            generation: 1
        )
    }

    @Test func `a user function with a safe function's name must be allowed too`() throws {
        var bench = nothing
        #expect(try bench.allows(call("lower")))
        bench.catalog = snapshot()
        #expect(try !bench.allows(call("lower")))
        #expect(try bench.allows(call("pg_catalog.lower"), call("upper")))
        bench.path = []
        #expect(try bench.allows(call("lower")))
        bench.path = ["public"]
        bench.rules = [allow(.function, on: ["public.lower"])]
        #expect(try bench.allows(call("lower")))
    }

    private func select(_ column: String, of alias: String?, _ ranges: [RangeAlias]) -> StatementFacts {
        statement([read("orders")]) {
            $0.qualifiedColumns = [
                QualifiedColumn(qualifier: alias.map { [Identifier($0)] } ?? [], name: Identifier(column))
            ]
            $0.ranges = ranges
        }
    }

    @Test(
        arguments: [
            // The relation's own column hides the function.
            ("total", "o", "public.orders", true), ("secret", "o", "public.orders", false),
            // A column that neither is.
            ("nothing", "o", "public.orders", true), ("scalar", "o", "public.orders", true),
            // What is no relation can be a scalar.
            ("scalar", "f", nil, false), ("scalar", nil, nil, false), ("total", nil, nil, false),
            ("total", "f", nil, false),
            // Not in the path: the server does not find it.
            ("hidden", "o", "public.orders", true),
            // Columns that are not known.
            ("secret", "o", "public.unknown", false), ("secret", "x", nil, false),
        ] as [(String, String?, String?, Bool)]
    )
    func `a function called as a column must be allowed`(
        column: String,
        alias: String?,
        relation: String?,
        isAllowed: Bool
    ) throws {
        var bench = Bench(allow(.read, on: ["public.*"]))
        let ranges = [
            RangeAlias(alias: "o", relation: name(relation ?? "public.orders")), RangeAlias(alias: "f", relation: nil),
        ]
        bench.catalog = snapshot()
        let decision = try bench.decide(select(column, of: alias, ranges))
        #expect((decision.verdict == .allow) == isAllowed)
        #expect((decision.accesses.last?.access == call(column)) == !isAllowed)
        bench.rules.append(rule("f", .allow, [.function], on: ["public.*"]))
        #expect(try bench.decide(select(column, of: alias, ranges)).verdict == .allow)
    }

    @Test func `an unqualified relation has the column only if each that it can stand for has`() throws {
        var bench = Bench(allow(.read, on: ["*.*"]), allow(.read))
        bench.catalog = snapshot()
        bench.path = ["app", "public"]
        let ranges = [RangeAlias(alias: "orders", relation: name("orders"))]
        #expect(try bench.decide(select("id", of: "orders", ranges)).verdict == .allow)
        #expect(try bench.decide(select("total", of: "orders", ranges)).verdict == .deny)
    }

    @Test func `a dangerous built-in function called as a column is seen without a catalogue`() throws {
        let bench = Bench(allow(.read, on: ["public.*"]))
        let relation = [RangeAlias(alias: "o", relation: name("public.orders"))]
        let function = [RangeAlias(alias: "o", relation: nil)]
        #expect(try bench.decide(select("pg_read_file", of: nil, [])).denial?.reason == "function")
        #expect(try bench.decide(select("pg_read_file", of: "o", function)).denial?.reason == "function")
        #expect(try bench.decide(select("pg_read_file", of: "other", relation)).denial?.reason == "function")
        #expect(try bench.decide(select("pg_read_file", of: "o", relation)).verdict == .allow)
        #expect(try bench.decide(select("upper", of: nil, [])).verdict == .allow)
    }

    @Test func `unknown names are told as unknown`() throws {
        var bench = nothing
        #expect(try bench.denial(read("public.ordrs"))?.hint?.contains("has no relation") == false)
        bench.catalog = snapshot()
        #expect(try bench.denial(read("public.ordrs"))?.hint == "the database has no relation public.ordrs")
        #expect(try bench.denial(call("public.f"))?.hint == "the database has no function public.f")
        #expect(try bench.denial(read("public.orders"))?.hint?.contains("has no relation") == false)
        #expect(try bench.denial(access(.createTable, "public.fresh"))?.hint?.contains("has no relation") == false)
    }

    // MARK: The catalogue

    @Test(arguments: ["pg_class", "pg_catalog.pg_proc", "information_schema.columns"])
    func `readable catalogue relations are allowed by read`(relation: String) throws {
        #expect(try nothing.allows(read(relation)))
        #expect(try nothing.allows(access(.select, relation, part: .other)))
        #expect(try !nothing.allows(access(.alterTable, relation)))
    }

    @Test(arguments: ["pg_stats", "pg_statistic", "pg_stat_activity", "pg_authid", "pg_shadow", "pg_largeobject"])
    func `what shows values, secrets or other sessions needs a literal on`(relation: String) throws {
        #expect(try Bench(allow(.read)).denial(read(relation))?.reason == "catalogue")
        #expect(
            try !Bench(allow(.read, on: ["*.*", "pg_catalog.*", "*.\(relation)", "pg_*.\(relation)"])).allows(
                read(relation)
            )
        )
        #expect(try Bench(allow(.read, on: ["pg_catalog.\(relation)"])).allows(read(relation)))
        let denial = try #require(try nothing.denial(read(relation)))
        #expect(denial.hint == "only the literal name in `on` allows it: `on: [pg_catalog.\(relation)]`")
    }

    @Test(arguments: [CommandTag.insert, .update, .delete, .copyFrom, .truncateTable, .selectForUpdate, .merge])
    func `DML on the catalogue is never allowed`(tag: CommandTag) throws {
        for relation in ["pg_class", "pg_catalog.pg_class", "information_schema.tables", "pg_toast.pg_toast_1"] {
            let bench = Bench(
                allow(
                    .write,
                    .tag(tag),
                    on: ["pg_catalog.pg_class", "information_schema.tables", "pg_toast.pg_toast_1"]
                )
            )
            #expect(try bench.denial(access(tag, relation))?.reason == "catalogue")
        }
    }

    @Test func `a name that is not the catalogue's is the user's`() throws {
        #expect(try Bench(allow(.read, on: ["public.*"])).allows(read("pg_klass")))
        #expect(try !nothing.allows(read("pg_catalog.no_such")))
    }
}
