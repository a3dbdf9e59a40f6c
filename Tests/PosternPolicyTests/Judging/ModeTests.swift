import PosternPolicy
import PosternSQL
import Testing

private func setting(_ name: String, _ value: String?, _ route: SettingChange.Route = .set) -> StatementFacts {
    statement([], .set) {
        let value = value.map { SettingChange.Value.constants([$0]) } ?? .unknown
        $0.settings = [SettingChange(name: name, value: value, route: route, isLocal: false)]
    }
}

private func alterRole(_ target: RoleChange.Target, changesLogin: Bool = true) -> StatementFacts {
    statement([access(.alterRole, "somebody", .role)]) {
        $0.roleChanges = [RoleChange(target: target, changesLogin: changesLogin)]
    }
}

struct ModeTests {
    private func bench(_ mode: RoleMode, isUnrestricted: Bool = false) -> Bench {
        var bench = Bench(
            allow(.read, on: ["public.*"]),
            rule("roles", .allow, [.role, .tag(.set), .tag(.update)], on: ["*.*", "role:*", "parameter:*"])
        )
        bench.mode = mode
        bench.isUnrestricted = isUnrestricted
        return bench
    }

    private var all: [Bench] {
        [
            bench(.enforce), bench(.observe), bench(.enforce, isUnrestricted: true),
            bench(.observe, isUnrestricted: true),
        ]
    }

    // MARK: What holds in every mode

    @Test(arguments: [
        setting("client_encoding", "LATIN1"), setting("client_encoding", "sjis", .setConfig),
        setting("client_encoding", nil, .setConfig), setting("postern.subject", "other"),
        setting("postern.session", nil, .setConfig), setting("postern.run", "x", .stored),
        alterRole(.own), alterRole(.all), alterRole(.named("orders_login")),
        statement([access(.update, "pg_settings")]), statement([access(.update, "pg_catalog.pg_settings")]),
    ])
    func `in every mode these are denied`(facts: StatementFacts) throws {
        for bench in all {
            let judged = bench.judge(facts)
            #expect(judged.denial?.sqlState == "42501")
            #expect(judged.wouldDeny == nil)
            #expect(judged.statements[0].decision.verdict == .deny)
        }
    }

    @Test func `standard_conforming_strings stays on unless the role is unrestricted`() {
        for value in ["off", "false", nil] {
            #expect(
                all.map { $0.judge(setting("standard_conforming_strings", value)).denial != nil } == [
                    true, true, false, false,
                ]
            )
        }
        for bench in all { #expect(bench.judge(setting("standard_conforming_strings", "on")).denial == nil) }
    }

    @Test func `other roles, and what of the own login gives no credential, are for the rules`() {
        for bench in all {
            #expect(bench.judge(alterRole(.named("another"))).denial == nil)
            #expect(bench.judge(alterRole(.own, changesLogin: false)).denial == nil)
        }
    }

    @Test func `a statement larger than the role may send is denied in every mode`() {
        for var bench in all {
            bench.limits.statementSize = 10
            let text = Result<AnalyzedText, AnalysisError>.success(
                AnalyzedText(statements: [statement([])], otherReading: nil)
            )
            #expect(bench.judge.judge(text, byteCount: 10, paths: bench.paths).denial == nil)
            let denied = bench.judge.judge(text, byteCount: 11, paths: bench.paths)
            #expect(denied.denial?.sqlState == "54000")
            #expect(denied.denial?.detail == "role migrator at policies/orders.yaml:2: `statement_size` is 10 bytes")
            #expect(bench.judge.sizeDenial(byteCount: 11) == denied.denial)
            #expect(bench.judge.sizeDenial(byteCount: 10) == nil)
        }
    }

    // MARK: Modes

    @Test func `observe forwards what enforce would deny, and says so`() {
        let drop = statement([access(.dropTable, "public.orders")])
        let enforced = bench(.enforce).judge(drop)
        let observed = bench(.observe).judge(drop)
        #expect(enforced.denial != nil)
        #expect(enforced.wouldDeny == nil)
        #expect(observed.denial == nil)
        #expect(observed.wouldDeny == enforced.denial)
        #expect(observed.statements[0].decision == enforced.statements[0].decision)
        #expect(bench(.observe).judge(statement([read("public.t")])).wouldDeny == nil)
    }

    @Test func `unrestricted decides nothing and records every access`() {
        let judged = bench(.enforce, isUnrestricted: true).judge(
            statement([access(.dropTable, "orders"), access(.delete, "pg_class"), Access(.function, .do, nil)]),
            setting("role", "postgres")
        )
        #expect(judged.denial == nil)
        #expect(judged.wouldDeny == nil)
        #expect(judged.statements.map(\.decision.verdict) == [.allow, .allow])
        #expect(
            judged.statements[0].decision.accesses.map(\.outcome) == [
                .allowedAlways("unrestricted"), .allowedAlways("unrestricted"), .allowedAlways("unrestricted"),
            ]
        )
        #expect(judged.statements[0].decision.accesses[0].candidates == [name("public.orders")])
    }

    @Test func `a text of several statements is denied for the first of them`() {
        let bench = bench(.enforce)
        let judged = bench.judge(
            statement([read("public.t")]),
            statement([access(.delete, "public.a")]),
            statement([access(.delete, "public.b")])
        )
        #expect(judged.statements.map(\.decision.verdict) == [.allow, .deny, .deny])
        #expect(judged.denial?.message == "permission denied by policy: DELETE on public.a")
    }

    @Test func `in observe what holds in every mode is told before what the rules say`() {
        let judged = bench(.observe).judge(
            statement([access(.delete, "public.a")]),
            setting("client_encoding", "LATIN1")
        )
        #expect(judged.denial?.reason == "setting")
        #expect(judged.statements.map(\.decision.verdict) == [.deny, .deny])
    }

    // MARK: Texts

    private func judge(_ bench: Bench, _ error: AnalysisError) -> JudgedText {
        bench.judge.judge(.failure(error), byteCount: 5, paths: bench.paths)
    }

    private let syntax = AnalysisError.syntax(message: "syntax error at or near \"slect\"", position: 7)

    @Test func `what is not understood is refused with the parser's message and position`() {
        let judged = judge(bench(.enforce), syntax)
        #expect(judged.isUnparsed)
        #expect(
            judged.denial
                == Denial(
                    sqlState: "42601",
                    reason: "syntax",
                    message: "syntax error at or near \"slect\"",
                    detail: "role migrator at policies/orders.yaml:2: not understood by Postern (grammar 15)",
                    hint: "if the server understands it, `unparsed: allow` on the role forwards it",
                    position: 7
                )
        )
    }

    @Test func `unparsed allow forwards what is not understood, and nothing else`() {
        var bench = bench(.enforce)
        bench.unparsed = .allow
        let judged = judge(bench, syntax)
        #expect(judged.isUnparsed)
        #expect(judged.denial == nil)
        #expect(judged.wouldDeny == nil)
        #expect(judge(bench, .tooComplex).denial?.sqlState == "54001")
        #expect(judge(bench, .unclassified("GraphStmt")).denial?.sqlState == "0A000")
        #expect(judge(bench, .notText).denial?.sqlState == "22021")
    }

    @Test func `observe and unrestricted forward what is not understood, but no bytes that are not text`() {
        for error in [syntax, .tooComplex, .unclassified("GraphStmt")] {
            let observed = judge(bench(.observe), error)
            #expect(observed.denial == nil)
            #expect(observed.wouldDeny == judge(bench(.enforce), error).denial)
            #expect(observed.isUnparsed)
            let free = judge(bench(.enforce, isUnrestricted: true), error)
            #expect(free.denial == nil)
            #expect(free.isUnparsed)
        }
        for bench in all { #expect(judge(bench, .notText).denial?.sqlState == "22021") }
    }

    @Test func `a text with two readings is allowed only if both are`() {
        let harmless = statement([read("public.t")])
        let drop = statement([access(.dropTable, "public.t")])
        func judge(_ bench: Bench, _ other: [StatementFacts]?) -> JudgedText {
            bench.judge.judge(
                .success(AnalyzedText(statements: [harmless], otherReading: other)),
                byteCount: 5,
                paths: bench.paths
            )
        }
        #expect(judge(bench(.enforce), [harmless, harmless]).denial == nil)
        let judged = judge(bench(.enforce), [harmless, drop])
        #expect(judged.denial?.reason == "other reading")
        #expect(judged.denial?.message == "permission denied by policy: DROP TABLE on public.t")
        #expect(
            judged.denial?.detail?.hasPrefix(
                "role migrator at policies/orders.yaml:2: with standard_conforming_strings = off"
            ) == true
        )
        #expect(judged.statements.map(\.decision.verdict) == [.deny])
        #expect(judge(bench(.observe), [drop]).denial == nil)
        #expect(judge(bench(.observe), [drop]).wouldDeny == judge(bench(.enforce), [drop]).denial)
        #expect(judge(bench(.enforce, isUnrestricted: true), [drop]).denial == nil)
        for bench in all { #expect(judge(bench, [alterRole(.own)]).denial?.reason == "other reading") }
    }

    // MARK: FunctionCall

    @Test func `FunctionCall takes large objects by number, with large_objects`() {
        var bench = bench(.enforce)
        #expect(bench.judge.judgeFunctionCall(oid: 952).denial?.sqlState == "42501")
        bench.largeObjects = true
        for oid: UInt32 in [
            715, 952, 953, 954, 955, 956, 957, 958, 964, 1004, 3170, 3171, 3172, 3457, 3458, 3459, 3460,
        ] {
            #expect(bench.judge.judgeFunctionCall(oid: oid).denial == nil)
            #expect(bench.judge.judgeFunctionCall(oid: oid).function?.schema == "pg_catalog")
        }
        // lo_import, lo_export, and pg_read_file.
        for oid: UInt32 in [764, 765, 767, 3826, 2624, 0, .max] {
            #expect(bench.judge.judgeFunctionCall(oid: oid).denial?.reason == "function")
        }
        bench.rules.append(deny(.function))
        #expect(bench.judge.judgeFunctionCall(oid: 952).denial?.reason == "rule")
        bench.mode = .observe
        #expect(bench.judge.judgeFunctionCall(oid: 952).denial == nil)
        #expect(bench.judge.judgeFunctionCall(oid: 952).wouldDeny?.reason == "rule")
        bench.isUnrestricted = true
        #expect(bench.judge.judgeFunctionCall(oid: 764).denial == nil)
        #expect(bench.judge.judgeFunctionCall(oid: 764).wouldDeny == nil)
    }
}
