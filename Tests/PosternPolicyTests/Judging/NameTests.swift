import PosternPolicy
import PosternSQL
import Testing

struct NameTests {
    @Test func `an unqualified name stands for every schema of the path`() throws {
        var bench = Bench(allow(.read, on: ["public.*"]))
        #expect(try bench.allows(read("orders")))
        bench.path = ["app", "public"]
        #expect(try !bench.allows(read("orders")))
        bench.rules.append(rule("second", .allow, [.read], on: ["app.orders"]))
        let decision = try bench.decide(statement([read("orders")]))
        #expect(decision.verdict == .allow)
        #expect(decision.accesses[0].candidates == [name("app.orders"), name("public.orders")])
        #expect(decision.rule?.id == "second")
        #expect(try !bench.allows(read("users")))
    }

    @Test func `an unqualified name is denied if one of the things that it stands for is`() throws {
        var bench = Bench(allow(.read, on: ["public.*", "app.*"]), deny(.read, on: ["app.users"]))
        bench.path = ["public", "app"]
        #expect(try bench.allows(read("orders")))
        #expect(
            try bench.denial(read("users"))?.detail
                == "role migrator: rule deny-it at policies/orders.yaml:14 denies SELECT on app.users"
        )
        #expect(try bench.allows(read("public.users")))
    }

    @Test func `with an empty path an unqualified name stands for nothing and is not allowed`() throws {
        var bench = Bench(allow(.read, .ddl))
        bench.path = []
        let denial = try #require(try bench.denial(read("orders")))
        #expect(denial.reason == "search path")
        #expect(
            denial.detail
                == "role migrator at policies/orders.yaml:2: the search path is empty, and the name has no schema"
        )
        #expect(denial.hint == "write the schema: `schema.orders`")
        #expect(try bench.allows(read("public.orders"), read("pg_class"), call("now")))
    }

    @Test func `names stand for all paths that the session has used`() throws {
        let bench = Bench(allow(.read, on: ["public.*"]))
        var paths = bench.paths
        func verdict() -> Decision.Verdict? {
            bench.judge.judge(
                .success(AnalyzedText(statements: [statement([read("orders")])], otherReading: nil)),
                byteCount: 1,
                paths: paths
            ).statements.first?.decision.verdict
        }
        #expect(verdict() == .allow)
        paths.add([])
        #expect(verdict() == .allow)
        paths.add(["sqitch", "public"])
        #expect(paths.schemas == ["public", "sqitch"])
        #expect(verdict() == .deny)
    }

    @Test func `a name of three parts must begin with the upstream database's name`() throws {
        let bench = Bench(allow(.read, on: ["public.*"]))
        #expect(try bench.allows(read("shop.public.orders")))
        // The name that the job knows the database by is not its name upstream.
        #expect(try bench.denial(read("orders.public.orders"))?.reason == "other database")
        #expect(try bench.denial(call("other.pg_catalog.now"))?.reason == "other database")
        #expect(try bench.allows(call("shop.pg_catalog.now")))
    }

    @Test func `names are compared byte by byte`() throws {
        let bench = Bench(allow(.read, on: ["public.caf\u{E9}", "public.Orders"]))
        #expect(try bench.allows(read("public.caf\u{E9}")))
        #expect(try !bench.allows(read("public.cafe\u{301}")))
        #expect(try !bench.allows(read("public.orders")))
    }

    // MARK: Temporary relations

    private func makes(_ temporary: String, _ tag: CommandTag = .createTable) -> StatementFacts {
        statement([access(tag, temporary)]) { $0.temporaryRelations = [name(temporary)] }
    }

    @Test(arguments: ["scratch", "pg_temp.scratch"])
    func `CREATE TEMP needs pg_temp`(temporary: String) throws {
        #expect(try Bench(allow(.ddl, on: ["public.*", "*.scratch"])).decide(makes(temporary)).verdict == .deny)
        #expect(try Bench(allow(.ddl)).decide(makes(temporary)).verdict == .deny)
        let decision = try Bench(allow(.ddl, on: ["pg_temp.*"])).decide(makes(temporary))
        #expect(decision.verdict == .allow)
        #expect(decision.accesses[0].candidates == [name("pg_temp.scratch")])
    }

    @Test func `a temporary relation may not bear a name that the role's rules use`() throws {
        let bench = Bench(allow(.ddl, on: ["pg_temp.*"]), deny(.read, on: ["public.orders", "app.lines_*"]))
        let denial = try #require(try bench.decide(makes("orders")).denial)
        #expect(denial.reason == "temporary name")
        #expect(denial.detail?.contains("rule deny-it at policies/orders.yaml:14 names a relation `orders`") == true)
        #expect(try bench.decide(makes("lines_1")).verdict == .allow)
        #expect(try bench.decide(makes("pg_class")).denial?.reason == "temporary name")
        #expect(try bench.decide(makes("orders", .createView)).verdict == .deny)
        // Nor get it later.
        #expect(try !bench.allows(access(.alterTable, "pg_temp.scratch"), access(.alterTable, "pg_temp.orders")))
        let own = Bench(allow(.ddl, on: ["pg_temp.orders"]))
        #expect(try own.decide(makes("orders")).verdict == .allow)
    }

    @Test func `reading a temporary relation takes its qualified name`() throws {
        let bench = Bench(allow(.read, on: ["pg_temp.*", "public.orders"]))
        #expect(try bench.allows(read("pg_temp.scratch")))
        #expect(try bench.denial(read("scratch"))?.hint == "if it is a temporary relation, write pg_temp.scratch")
    }
}
