import PosternPolicy
import PosternSQL
import Testing

private func change(
    _ setting: String,
    _ values: String...,
    route: SettingChange.Route = .set,
    isLocal: Bool = false
) -> StatementFacts {
    let value: SettingChange.Value = values.isEmpty ? .default : .constants(values)
    return statement([], .set) {
        $0.settings = [SettingChange(name: setting, value: value, route: route, isLocal: isLocal)]
    }
}

private func unknown(_ setting: String, route: SettingChange.Route = .setConfig) -> StatementFacts {
    statement([], .select) {
        $0.settings = [SettingChange(name: setting, value: .unknown, route: route, isLocal: false)]
    }
}

struct SettingTests {
    private let nothing = Bench(deny(.tag(.dropTable)))

    private func reason(_ facts: StatementFacts, _ bench: Bench? = nil) throws -> String? {
        try (bench ?? nothing).decide(facts).denial?.reason
    }

    @Test(arguments: [
        CommandTag.begin, .commit, .rollback, .savepoint, .release, .startTransaction, .setTransaction,
        .prepareTransaction, .show, .reset, .discardAll, .deallocate, .unlisten, .closeCursor, .fetch, .execute,
    ])
    func `transaction control and housekeeping need no rule, and a deny has to name them`(tag: CommandTag) throws {
        let one = Access(.misc, tag, nil)
        #expect(try nothing.allows(one))
        #expect(try Bench(deny(.misc)).allows(one))
        #expect(try !Bench(deny(.tag(tag))).allows(one))
    }

    @Test(arguments: [
        ("statement_timeout", "5s"), ("client_encoding", "UTF8"), ("standard_conforming_strings", "on"),
        ("application_name", "x"), ("timezone", "UTC"), ("datestyle", "ISO"),
    ])
    func `the printed list may be set`(setting: String, value: String) throws {
        #expect(try reason(change(setting, value)) == nil)
        #expect(try reason(change(setting, value, route: .setConfig)) == nil)
        #expect(try reason(change(setting, route: .reset)) == nil)
    }

    @Test(arguments: ["session_replication_role", "work_mem", "myapp.user", "no_such_setting"])
    func `other settings need a rule with the tag SET`(setting: String) throws {
        let denial = try #require(try nothing.decide(change(setting, "x")).denial)
        #expect(denial.reason == "setting")
        #expect(denial.message == "permission denied by policy: SET \(setting)")
        #expect(try reason(change(setting, "x"), Bench(allow(.misc))) == "setting")
        #expect(try reason(change(setting, "x"), Bench(allow(.tag(.set)))) == nil)
        #expect(try reason(change(setting, "x", route: .setConfig), Bench(allow(.tag(.set)))) == nil)
        #expect(try reason(change(setting, "x"), Bench(allow(.tag(.set), on: ["parameter:\(setting)"]))) == nil)
        #expect(try reason(change(setting, "x"), Bench(allow(.tag(.set), on: ["parameter:other"]))) == "setting")
        #expect(
            try reason(change(setting, "x"), Bench(allow(.tag(.set)), deny(.tag(.set), on: ["parameter:\(setting)"])))
                == "rule"
        )
    }

    // MARK: search_path

    @Test func `the search path may be the database's, the empty one or one of the role's`() throws {
        var bench = nothing
        bench.path = ["public", "app"]
        bench.searchPaths = [["sqitch"], ["sqitch", "public"]]
        let permitted = [
            change("search_path", "public", "app"), change("search_path", ""), change("search_path", "sqitch"),
            change("search_path", "sqitch", "public"), change("search_path", "pg_catalog"),
            change("search_path", "pg_catalog", "sqitch"), change("search_path", route: .reset),
            change("all", route: .reset),
            change("search_path", "", route: .setConfig), change("search_path", " public, app", route: .setConfig),
            change("search_path", #""public" , APP"#, route: .setConfig),
        ]
        for facts in permitted { #expect(try reason(facts, bench) == nil) }
        let refused = [
            change("search_path", "public"), change("search_path", "app", "public"), change("search_path", "evil"),
            change("search_path", "public, app"), change("search_path", "sqitch", "pg_catalog"),
            change("search_path", "$user", "public", "app"), change("search_path", "pg_temp"),
            change("search_path", "evil", route: .setConfig),
            change("search_path", "\"PUBLIC\", app", route: .setConfig),
            change("search_path", "public,,app", route: .setConfig),
            change("search_path", "\"public", route: .setConfig),
            unknown("search_path"), unknown("search_path", route: .set),
        ]
        for facts in refused { #expect(try reason(facts, bench) == "search path") }
    }

    @Test func `the path that a statement sets can be read from it`() {
        let path = SearchPaths.path(setBy:)
        func setting(_ facts: StatementFacts) -> SettingChange { facts.settings[0] }
        #expect(path(setting(change("search_path", "a", "B"))) == ["a", "B"])
        #expect(path(setting(change("search_path", "a , \"B\"\"c\"", route: .setConfig))) == ["a", "B\"c"])
        #expect(path(setting(change("search_path", "", route: .setConfig))) == [])
        #expect(path(setting(change("search_path", "a b", route: .setConfig))) == nil)
        #expect(path(setting(change("search_path"))) == nil)
        #expect(path(setting(change("timezone", "UTC"))) == nil)
        #expect(path(setting(unknown("search_path"))) == nil)
    }

    @Test func `every path is permitted to a role without rules`() throws {
        var bench = nothing
        bench.isUnrestricted = true
        #expect(bench.paths.permits(["evil"], bench.role))
        bench.isUnrestricted = false
        #expect(!bench.paths.permits(["evil"], bench.role))
    }

    // MARK: Roles

    @Test(arguments: [("role", CommandTag.setRole), ("session_authorization", .setSessionAuthorization)])
    func `another role is taken by its tag only, whatever the spelling`(setting: String, tag: CommandTag) throws {
        let spellings = [
            change(setting, "other"), change(setting, "other", route: .setConfig), unknown(setting),
            statement([access(tag, "other", .role)]) {
                $0.settings = [SettingChange(name: setting, value: .constants(["other"]), route: .set, isLocal: false)]
            },
        ]
        for facts in spellings {
            #expect(try reason(facts) == "no rule")
            #expect(try reason(facts, Bench(allow(.misc, .role, .tag(.set)))) == "no rule")
            #expect(try reason(facts, Bench(allow(.tag(tag)))) == nil)
            #expect(try reason(facts, Bench(allow(.tag(tag)), deny(.tag(tag)))) == "rule")
        }
        #expect(try reason(change(setting, route: .reset)) == nil)
    }

    // MARK: Stored settings

    @Test func `stored settings are decided by the statement that stores them`() throws {
        let bench = Bench(allow(.role, on: ["role:*"]), allow(.tag(.createFunction), on: ["function:public.*"]))
        let stored = SettingChange(name: "work_mem", value: .constants(["1GB"]), route: .stored, isLocal: false)
        let alter = statement([access(.alterRole, "ci", .role)]) { $0.settings = [stored] }
        let path = SettingChange(name: "search_path", value: .constants(["x"]), route: .stored, isLocal: false)
        let create = statement([access(.createFunction, "public.f", .function)]) { $0.settings = [path] }
        #expect(try bench.decide(alter).verdict == .allow)
        #expect(try bench.decide(create).verdict == .allow)
        #expect(try nothing.decide(alter).verdict == .deny)
    }
}
