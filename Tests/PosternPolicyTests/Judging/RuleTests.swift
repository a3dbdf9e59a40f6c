import PosternPolicy
import PosternSQL
import Testing

struct RuleTests {
    // MARK: The set of accesses

    @Test func `a statement runs only if every access is allowed, by one rule or another`() throws {
        let bench = Bench(allow(.write, on: ["public.orders"]), allow(.read, on: ["public.lines"]))
        let update = access(.update, "public.orders")
        let reads = access(.update, "public.lines", class: .read, part: .other)
        let elsewhere = access(.update, "public.users", class: .read, part: .other)
        #expect(try bench.allows(update))
        #expect(try bench.allows(update, reads))
        #expect(try !bench.allows(update, reads, elsewhere))
        #expect(try !bench.allows(read("public.orders")))
    }

    @Test func `a deny that matches wins, wherever it stands`() throws {
        for rules in [
            [allow(.read, on: ["public.*"]), deny(.read, on: ["public.users"])],
            [deny(.read, on: ["public.users"]), allow(.read, on: ["public.*"])],
        ] {
            var bench = Bench()
            bench.rules = rules
            #expect(try bench.allows(read("public.orders")))
            let decision = try bench.decide(statement([read("public.orders"), read("public.users")]))
            #expect(decision.verdict == .deny)
            #expect(decision.rule?.id == "deny-it")
            #expect(decision.denial?.reason == "rule")
        }
    }

    @Test func `a deny is told before an access that no rule allows`() throws {
        let bench = Bench(allow(.read, on: ["public.*"]), deny(.read, on: ["public.users"]))
        #expect(try bench.denial(read("other.t"), read("public.users"))?.reason == "rule")
    }

    @Test func `a statement about all of a schema meets every deny in it, and no allow that covers less`() throws {
        let everything = access(.grant, "public.*")
        let role = Rule.Subject.role
        #expect(try Bench(allow(role, on: ["public.*"])).allows(everything))
        #expect(try Bench(allow(role, on: ["*.*"])).allows(everything))
        #expect(try Bench(allow(role)).allows(everything))
        for less in ["public.a*", "public.secret", "other.*"] {
            #expect(try !Bench(allow(role, on: [less])).allows(everything), "\(less)")
        }
        for part in ["public.secret", "public.s*", "*.secret"] {
            #expect(try !Bench(allow(role), deny(role, on: [part])).allows(everything), "\(part)")
        }
        #expect(try Bench(allow(role), deny(role, on: ["other.*", "function:public.f"])).allows(everything))
    }

    @Test func `a statement without accesses is allowed to every role`() throws {
        #expect(try Bench(deny(.read)).allows())
    }

    @Test func `the decision names the rule of the first access that one had to allow`() throws {
        let bench = Bench(rule("r1", .allow, [.read], on: ["public.a"]), rule("r2", .allow, [.read], on: ["public.b"]))
        let facts = statement([call("now"), read("public.b"), read("public.a")])
        #expect(try bench.decide(facts).rule?.id == "r2")
        #expect(
            try bench.decide(facts).accesses.map(\.outcome) == [
                .allowedAlways("safe function"),
                .allowedByRule(RuleReference(id: "r2", location: bench.rules[1].location)),
                .allowedByRule(RuleReference(id: "r1", location: bench.rules[0].location)),
            ]
        )
    }

    // MARK: Classes and tags

    @Test func `a class covers its accesses and no others`() throws {
        let all: [(Rule.Subject, Access)] = [
            (.read, read("public.t")),
            (.write, access(.delete, "public.t")),
            (.write, access(.lockTable, "public.t")),
            (.write, access(.truncateTable, "public.t")),
            (.write, access(.selectForUpdate, "public.t")),
            (.ddl, access(.alterTable, "public.t")),
            (.role, access(.grant, "public.t")),
            (.function, call("public.t")),
            (.misc, access(.vacuum, "public.t")),
        ]
        for (subject, access) in all {
            for other in [Rule.Subject.read, .write, .ddl, .role, .function, .misc] {
                #expect(try Bench(allow(other, on: ["public.*"])).allows(access) == (other == subject))
            }
        }
    }

    @Test func `a tag covers its target, reading it included, and nothing else that the statement touches`() throws {
        let bench = Bench(allow(.tag(.update), on: ["public.*"]))
        let target = access(.update, "public.t")
        let reading = access(.update, "public.t", class: .read)
        let other = access(.update, "public.u", class: .read, part: .other)
        #expect(try bench.allows(target, reading))
        #expect(try !bench.allows(target, other))
        #expect(try !bench.allows(target, call("public.f", in: .update)))
        #expect(try !bench.allows(access(.delete, "public.t")))
    }

    @Test(arguments: [
        CommandTag.do, .createFunction, .createProcedure, .createTrigger, .createEventTrigger, .createRule,
        .createPolicy, .createExtension, .createLanguage, .createCast, .createOperator, .createAggregate,
        .createServer, .createUserMapping, .createSubscription, .createPublication, .load, .alterSystem, .copyFile,
        .copyProgram, .listen, .notify, .setRole, .setSessionAuthorization, .call,
    ])
    func `what has to be named is allowed by its tag and by no class`(tag: CommandTag) throws {
        let target = Access(tag.statementClass, tag, nil)
        #expect(try !Bench(allow(.read, .write, .ddl, .role, .function, .misc)).allows(target))
        #expect(try Bench(allow(.tag(tag))).allows(target))
        #expect(try !Bench(allow(.tag(tag)), deny(.statementClass(tag.statementClass))).allows(target))
    }

    @Test func `a statement that has to be named is not allowed because its target is missing`() throws {
        let facts = statement([read("public.t")], .createFunction)
        #expect(try Bench(allow(.read, on: ["public.*"])).decide(facts).verdict == .deny)
        #expect(try Bench(allow(.read, on: ["public.*"]), allow(.tag(.createFunction))).decide(facts).verdict == .allow)
    }

    @Test func `what else such a statement touches is covered by classes`() throws {
        let bench = Bench(allow(.tag(.createTrigger), on: ["public.t"]), allow(.function, on: ["public.*"]))
        #expect(try bench.allows(access(.createTrigger, "public.t"), call("public.f", in: .createTrigger)))
    }

    // MARK: on

    @Test func `on any covers what has no object, and patterns do not`() throws {
        let checkpoint = Access(.misc, .checkpoint, nil)
        #expect(try Bench(allow(.misc)).allows(checkpoint))
        #expect(try !Bench(allow(.misc, on: ["public.*"])).allows(checkpoint))
        #expect(try Bench(allow(.misc), deny(.misc, on: ["public.*"])).allows(checkpoint))
        #expect(try !Bench(allow(.misc), deny(.misc)).allows(checkpoint))
    }

    @Test(arguments: [
        ("public.*", "public.orders", true), ("public.orders", "public.orders", true),
        ("public.orders", "public.order", false), ("public.*", "app.orders", false), ("*.orders", "app.orders", true),
        ("app_*.log", "app_1.log", true), ("public.o*s", "public.orders", true),
        ("public.Orders", "public.orders", false),
        ("*.secret*", "pg_temp.secret", false), ("*.pg_class", "pg_catalog.pg_class", false),
        ("pg_*.x", "pg_toast.x", false), ("pg_temp.*", "pg_temp.x", true), ("*.x", "pg_temp_3.x", false),
        ("*.x", "pg_toast_temp_3.x", false), ("*.tables", "information_schema.tables", false),
        ("pg_temp_3.*", "pg_temp_3.x", true),
    ])
    func `on takes globs per part, and no star reaches a system schema`(on: String, object: String, matches: Bool)
        throws
    {
        #expect(try Bench(allow(.ddl, on: [on])).allows(access(.alterTable, object)) == matches)
    }

    @Test(arguments: ["pg_catalog.pg_class", "information_schema.tables", "pg_toast.pg_toast_1", "pg_temp.t"])
    func `on any never reaches a system schema, and a deny without on does`(object: String) throws {
        #expect(try !Bench(allow(.ddl)).allows(access(.alterTable, object)))
        #expect(try Bench(allow(.ddl, on: [object])).allows(access(.alterTable, object)))
        #expect(try !Bench(allow(.ddl, on: [object]), deny(.ddl)).allows(access(.alterTable, object)))
    }

    @Test func `other objects are named with their kind`() throws {
        let cases: [(String, CommandTag, String, ObjectKind)] = [
            ("schema:app", .createSchema, "app", .schema), ("extension:hstore", .createExtension, "hstore", .extension),
            ("channel:jobs_*", .listen, "jobs_1", .channel), ("role:ci_*", .alterRole, "ci_1", .role),
            ("function:public.f", .createFunction, "public.f", .function),
        ]
        for (on, tag, object, kind) in cases {
            #expect(try Bench(allow(.tag(tag), on: [on])).allows(access(tag, object, kind)))
            #expect(try !Bench(allow(.tag(tag), on: [on])).allows(access(tag, "elsewhere.x", kind)))
            for (other, _, _, _) in cases where other != on {
                #expect(try !Bench(allow(.tag(tag), on: [other])).allows(access(tag, object, kind)))
            }
        }
        #expect(try !Bench(allow(.ddl, on: ["schema:*"])).allows(access(.dropSchema, "pg_catalog", .schema)))
        #expect(try Bench(allow(.ddl, on: ["schema:*"])).allows(access(.dropSchema, "app", .schema)))
    }

    @Test func `types and what else lives in schemas are named as relations are`() throws {
        let bench = Bench(allow(.ddl, on: ["public.*"]))
        #expect(try bench.allows(access(.createType, "public.mood", .type)))
        #expect(try bench.allows(access(.createCollation, "public.german", .schemaObject)))
        #expect(try !bench.allows(access(.createSchema, "public", .schema)))
        #expect(try !bench.allows(access(.dropFunction, "public.f", .function)))
    }

    @Test func `a subject of functions alone takes plain patterns`() throws {
        #expect(try Bench(allow(.function, on: ["public.*"])).allows(call("public.f")))
        #expect(try Bench(allow(.function, on: ["function:public.*"])).allows(call("public.f")))
        #expect(try !Bench(allow(.function, on: ["app.*"])).allows(call("public.f")))
        let create = access(.createFunction, "public.f", .function)
        #expect(try Bench(allow(.tag(.createFunction), on: ["public.*"])).allows(create))
        #expect(try !Bench(allow(.ddl, on: ["public.*"])).allows(access(.dropFunction, "public.f", .function)))
        #expect(try Bench(allow(.ddl, on: ["function:public.*"])).allows(access(.dropFunction, "public.f", .function)))
    }

    // MARK: require_where

    @Test(arguments: [CommandTag.update, .delete])
    func `require_where holds if WHERE names a column of the target`(tag: CommandTag) throws {
        let bench = Bench(rule("w", .allow, [.write], on: ["public.*"], where: true))
        #expect(try bench.allows(access(tag, "public.t", restriction: .usesTarget)))
        #expect(try !bench.allows(access(tag, "public.t", restriction: .none)))
        #expect(try !bench.allows(access(tag, "public.t", restriction: .notApplicable)))
        #expect(try bench.allows(access(tag, "public.t", class: .read, restriction: .notApplicable)) == false)
        #expect(try bench.allows(access(.insert, "public.t")))
        #expect(try !bench.allows(access(.truncateTable, "public.t")))
        #expect(try !bench.allows(access(.merge, "public.t")))
    }

    @Test func `a WHERE among several relations needs the catalogue to tell whose column it is`() throws {
        var bench = Bench(rule("w", .allow, [.write], on: ["public.*"], where: true))
        let known = access(.delete, "public.t", restriction: .ambiguous(["id", "x"]))
        let others = access(.delete, "public.t", restriction: .ambiguous(["y"]))
        #expect(try !bench.allows(known))
        bench.catalog = CatalogSnapshot(
            relations: [(schema: "public", name: "t", columns: ["id", "note"])],
            functions: [],
            generation: 1
        )
        #expect(try bench.allows(known))
        #expect(try !bench.allows(others))
        #expect(try !bench.allows(access(.delete, "public.unknown", restriction: .ambiguous(["id"]))))
    }

    @Test func `a rule whose condition fails does not match, and another may`() throws {
        let bench = Bench(
            rule("w", .allow, [.tag(.delete)], on: ["public.*"], where: true),
            rule("free", .allow, [.tag(.delete)], on: ["public.scratch"])
        )
        #expect(try bench.decide(statement([access(.delete, "public.scratch", restriction: .none)])).rule?.id == "free")
        #expect(try !bench.allows(access(.delete, "public.orders", restriction: .none)))
    }
}
