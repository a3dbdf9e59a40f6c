import PosternCore
import PosternPolicy
import PosternSQL
import Testing

struct ExplanationTests {
    private let bench = Bench(
        rule("read-all", .allow, [.read], on: ["public.*"], line: 12),
        rule("write-orders", .allow, [.tag(.delete)], on: ["public.orders"], where: true, line: 13),
        rule("no-drop", .deny, [.tag(.dropTable)], message: "drop tables by hand", line: 14)
    )

    private func explain(_ facts: StatementFacts..., bench: Bench? = nil) -> Explanation {
        let bench = bench ?? self.bench
        return bench.judge.explain(
            .success(AnalyzedText(statements: facts, otherReading: nil)),
            byteCount: 5,
            paths: bench.paths
        )
    }

    @Test func `every rule is tried on every access, and each says why it does not match`() throws {
        let explanation = explain(statement([access(.delete, "orders", restriction: .none)]))
        #expect(
            explanation.text == """
                role migrator: deny
                  42501 permission denied by policy: DELETE on public.orders
                  detail: role migrator at policies/orders.yaml:2: no rule allows DELETE (write) on public.orders
                  hint: rule write-orders needs a WHERE that names a column of public.orders

                statement 1: DELETE (write): deny
                  DELETE (write) on orders: deny
                    as public.orders: not allowed: no rule allows it
                      allow read-all      policies/orders.yaml:12  does not match: it names neither the class `write` nor the tag `DELETE`
                      allow write-orders  policies/orders.yaml:13  does not match: `require_where`: WHERE names no column of public.orders
                      deny  no-drop       policies/orders.yaml:14  does not match: it names neither the class `write` nor the tag `DELETE`

                """
        )
    }

    @Test func `the words are those of the wire`() {
        let facts = statement([access(.dropTable, "public.t")])
        let explanation = explain(facts)
        #expect(explanation.denial == bench.judge(facts).denial)
        #expect(explanation.text.contains("hint: drop tables by hand"))
        #expect(explanation.text.contains("as public.t: denied by rule no-drop at policies/orders.yaml:14"))
        var observed = bench
        observed.mode = .observe
        let other = explain(facts, bench: observed)
        #expect(other.denial == explanation.denial)
        #expect(other.text.hasPrefix("role migrator: allow (mode observe: enforce would deny)\n"))
    }

    @Test func `an explanation finds what the decision finds`() {
        let accesses = [
            read("orders"), read("pg_class"), read("pg_authid"), access(.delete, "orders", restriction: .usesTarget),
            access(.dropTable, "public.t"), call("now"), call("pg_read_file"), call("f"), Access(.function, .do, nil),
            Access(.misc, .begin, nil), access(.update, "pg_class"), read("other.public.t"),
        ]
        for access in accesses {
            let facts = statement([access])
            let statement = explain(facts).statements[0]
            #expect(statement.decision == bench.judge(facts).statements[0].decision)
            #expect(statement.accesses[0].isAllowed == (statement.decision.verdict == .allow))
            for candidate in statement.accesses[0].candidates {
                let matching = candidate.trials.filter { $0.mismatch == nil }
                switch candidate.finding {
                case .allowedByRule(let rule):
                    #expect(matching.first { $0.effect == .allow }?.rule == rule)
                    #expect(!matching.contains { $0.effect == .deny })
                case .deniedByRule(let rule): #expect(matching.first { $0.effect == .deny }?.rule == rule)
                case .notAllowed, .allowedAlways: #expect(!matching.contains { $0.effect == .deny })
                }
            }
        }
    }

    @Test(arguments: [
        (read("app.t"), "its `on` does not cover app.t"),
        (access(.select, "pg_temp.t"), "its `on` does not cover pg_temp.t"),
        (Access(.read, .select, nil), "its `on` names objects, and the access has none"),
        (access(.select, "schema", .schema), "its `on` does not cover schema:schema"),
    ])
    func `a rule about other objects says so`(access: Access, reason: String) {
        let trial = explain(statement([access])).statements[0].accesses[0].candidates[0].trials[0]
        #expect(trial.reason == reason)
    }

    @Test func `the other reasons have words of their own`() {
        func reason(_ rule: Rule, _ access: Access) -> String? {
            explain(statement([access]), bench: Bench(rule)).statements[0].accesses[0].candidates[0].trials[0].reason
        }
        #expect(
            reason(allow(.function), Access(.function, .do, nil))
                == "it names the class `function`, and `DO` has to be named by its tag"
        )
        #expect(
            reason(allow(.tag(.update)), access(.update, "public.u", class: .read, part: .other))
                == "the tag `UPDATE` covers the statement's target only; here it needs the class `read`"
        )
        #expect(reason(allow(.read, on: ["*.*t"]), read("pg_temp.t")) == "`*` in its `on` never reaches pg_temp.t")
        #expect(
            reason(allow(.ddl), access(.alterTable, "pg_class")) == "`*` in its `on` never reaches pg_catalog.pg_class"
        )
        #expect(reason(allow(.tag(.update)), call("f")) == "it does not name the class `function`")
    }

    @Test func `each candidate of an unqualified name is explained`() {
        var bench = bench
        bench.path = ["public", "app"]
        let candidates = explain(statement([read("t")]), bench: bench).statements[0].accesses[0].candidates
        #expect(candidates.map(\.name) == [name("public.t"), name("app.t")])
        #expect(
            candidates.map(\.finding.words) == [
                "allowed by rule read-all at policies/orders.yaml:12", "not allowed: no rule allows it",
            ]
        )
    }

    @Test func `settings, statements without accesses and what is always allowed are explained`() {
        let set = statement([Access(.misc, .set, nil)], .set) {
            $0.settings = [
                SettingChange(name: "work_mem", value: .constants(["1GB"]), route: .set, isLocal: false),
                SettingChange(name: "timezone", value: .constants(["UTC"]), route: .set, isLocal: false),
                SettingChange(name: "postern.run", value: .constants(["1"]), route: .set, isLocal: false),
            ]
        }
        let text = explain(set, statement([]), statement([call("now")])).text
        #expect(text.contains("  SET work_mem: deny\n    no rule allows SET of work_mem: it decides how much"))
        #expect(text.contains("  SET timezone: allow\n    every role may set it so"))
        #expect(text.contains("  SET postern.run: deny\n    `postern.*` tells the server who the job is"))
        #expect(text.contains("statement 2: SELECT (read): deny\n") == false)
        #expect(text.contains("  no access: allowed to every role"))
        #expect(text.contains("as function:pg_catalog.now: allowed without a rule: safe function"))
    }

    @Test func `what was not understood is explained without statements`() {
        let error = AnalysisError.syntax(message: "syntax error at or near \"x\"", position: 3)
        let explanation = bench.judge.explain(.failure(error), byteCount: 5, paths: bench.paths)
        #expect(explanation.text.hasPrefix("role migrator: deny\n  42601 syntax error at or near \"x\"\n"))
        #expect(explanation.text.contains("\n  position: 3\n"))
        var bench = bench
        bench.unparsed = .allow
        let forwarded = bench.judge.explain(.failure(error), byteCount: 5, paths: bench.paths)
        #expect(forwarded.text == "role migrator: allow (not understood, and forwarded: `unparsed: allow`)\n")
    }

    @Test func `the other reading is explained beside the first`() {
        let text = AnalyzedText(
            statements: [statement([read("public.t")])],
            otherReading: [statement([access(.dropTable, "public.t")])]
        )
        let explanation = bench.judge.explain(.success(text), byteCount: 5, paths: bench.paths)
        #expect(explanation.denial?.reason == "other reading")
        #expect(
            explanation.text.contains("with standard_conforming_strings = off, statement 1: DROP TABLE (ddl): deny")
        )
    }

    @Test func `an unrestricted role is said to be one`() {
        var bench = bench
        bench.isUnrestricted = true
        let explanation = explain(statement([access(.dropTable, "t")]), bench: bench)
        #expect(explanation.text.hasPrefix("role migrator: allow (the role is unrestricted: no rule decides)\n"))
        #expect(explanation.statements[0].accesses[0].candidates[0].trials.isEmpty)
    }

    @Test func `programs read the same as people`() throws {
        let explanation = explain(statement([access(.delete, "orders", restriction: .none), call("now")]))
        let value = try JSONParser.parse(explanation.json.utf8, limits: .init(bytes: 1 << 20, depth: 32))
        let object = try #require(value.objectValue)
        #expect(object["decision"] == .string("deny"))
        #expect(
            object["denial"]?.objectValue?["message"] == .string("permission denied by policy: DELETE on public.orders")
        )
        let first = try #require(object["statements"]?.arrayValue?.first?.objectValue)
        let accesses = try #require(first["accesses"]?.arrayValue).compactMap(\.objectValue)
        #expect(accesses.map { $0["decision"] } == [.string("deny"), .string("allow")])
        let rules = try #require(accesses[0]["candidates"]?.arrayValue?.first?.objectValue?["rules"]?.arrayValue)
        #expect(
            rules.compactMap { $0.objectValue?["rule"] } == ["read-all", "write-orders", "no-drop"].map { .string($0) }
        )
        #expect(rules.compactMap { $0.objectValue?["line"]?.numberValue?.text } == ["12", "13", "14"])
    }
}
