import PosternPolicy
import PosternSQL
import Testing

struct RuleLintTests {
    private static let read = LintFixture.rule("read", .allow, [.statementClass(.read)], on: ["public.*"])

    @Test func `an allow is dead when denies cover all of it`() {
        let drop = LintFixture.rule("drop", .allow, [.tag(.dropTable)], on: ["public.a", "public.b"])
        let deny = { (patterns: [String]?) in LintFixture.rule("no", .deny, [.tag(.dropTable)], on: patterns) }
        #expect(LintFixture.lint(rules: [drop, deny(nil)]) == ["statements/dead-allow"])
        #expect(LintFixture.lint(rules: [deny(nil), drop]) == ["statements/dead-allow"])
        #expect(LintFixture.lint(rules: [drop, deny(["public.*"])]) == ["statements/dead-allow"])
        #expect(LintFixture.lint(rules: [drop, deny(["public.a"])]) == ["statements/dead-part"])
        #expect(LintFixture.lint(rules: [drop, deny(["public.aa"])]) == [])
        let byClass = LintFixture.rule("no", .deny, [.statementClass(.ddl)])
        #expect(LintFixture.lint(rules: [drop, byClass]) == ["statements/dead-allow"])
    }

    @Test func `a deny of one statement leaves the class`() {
        let ddl = LintFixture.rule("ddl", .allow, [.statementClass(.ddl)], on: ["public.*"])
        let deny = LintFixture.rule("no", .deny, [.tag(.dropTable)])
        #expect(LintFixture.lint(rules: [ddl, deny]) == [])
    }

    @Test func `a word that a deny takes away is reported`() {
        let write = LintFixture.rule(
            "write",
            .allow,
            [.tag(.insert), .tag(.delete)],
            on: ["public.a"]
        )
        let deny = LintFixture.rule("no", .deny, [.tag(.delete)])
        #expect(LintFixture.lint(rules: [write, deny]) == ["statements/dead-part"])
    }

    @Test func `a rule that another covers is reported once`() {
        let one = LintFixture.rule("one", .allow, [.statementClass(.read)], on: ["public.a"])
        #expect(LintFixture.lint(rules: [Self.read, one]) == ["statements/redundant-rule"])
        #expect(LintFixture.lint(rules: [one, Self.read]) == ["statements/redundant-rule"])
        let twin = LintFixture.rule("twin", .allow, [.statementClass(.read)], on: ["public.*"])
        #expect(LintFixture.lint(rules: [Self.read, twin]) == ["statements/redundant-rule"])
    }

    @Test func `a deny that teaches something else is not superfluous`() {
        let all = LintFixture.rule("all", .deny, [.statementClass(.ddl)])
        let told = LintFixture.rule("told", .deny, [.tag(.dropTable)], message: "ask")
        #expect(LintFixture.lint(rules: [Self.read, all, told]) == [])
        let silent = LintFixture.rule("silent", .deny, [.tag(.dropTable)], message: nil)
        #expect(
            LintFixture.lint(rules: [Self.read, all, silent]) == ["statements/redundant-rule", "style/deny-message"]
        )
    }

    @Test func `a class does not stand in for what only its own tag allows`() {
        let ddl = LintFixture.rule("ddl", .allow, [.statementClass(.ddl)], on: ["public.*"])
        let policy = LintFixture.rule("policy", .allow, [.tag(.createPolicy)], on: ["public.a"])
        let table = LintFixture.rule("table", .allow, [.tag(.createTable)], on: ["public.a"])
        #expect(LintFixture.lint(rules: [ddl, policy]) == [])
        #expect(LintFixture.lint(rules: [ddl, table]) == ["statements/redundant-rule"])
    }

    @Test func `write does not stand in for a tag, which allows reading the target`() {
        let write = LintFixture.rule("write", .allow, [.statementClass(.write)], on: ["public.*"], requiresWhere: true)
        let insert = LintFixture.rule("insert", .allow, [.tag(.insert)], on: ["public.a"])
        #expect(LintFixture.lint(rules: [write, insert]) == [])
    }

    @Test(arguments: [
        (CommandTag.do, "statements/opaque-code"), (.createFunction, "statements/opaque-code"),
        (.createTrigger, "statements/opaque-code"), (.createExtension, "statements/opaque-code"),
        (.copyProgram, "statements/server-access"), (.alterSystem, "statements/server-access"),
        (.createSubscription, "statements/server-access"), (.setRole, "statements/identity-change"),
        (.createRole, "statements/identity-change"), (.begin, "statements/needless-tag"),
        (.explain, "statements/needless-tag"), (.update, "statements/require-where"),
        (.delete, "statements/require-where"),
    ])
    func `a statement is reported`(tag: CommandTag, rule: String) {
        let allow = LintFixture.rule("x", .allow, [.tag(tag)], on: ["public.a"])
        #expect(LintFixture.lint(rules: [Self.read, allow]) == [rule])
        let anywhere = LintFixture.rule("x", .allow, [.tag(tag)])
        #expect(LintFixture.lint(rules: [Self.read, anywhere]).contains(rule))
    }

    @Test func `changing every object is reported, reading is not`() {
        let ddl = LintFixture.rule("x", .allow, [.statementClass(.ddl)])
        #expect(LintFixture.lint(rules: [ddl]) == ["statements/any-object"])
        #expect(LintFixture.lint(rules: [LintFixture.rule("x", .allow, [.statementClass(.read)])]) == [])
    }

    @Test func `a WHERE need not be asked for where UPDATE and DELETE are denied`() {
        let write = LintFixture.rule("write", .allow, [.statementClass(.write)], on: ["public.a"])
        let deny = LintFixture.rule("no", .deny, [.tag(.update), .tag(.delete)], on: ["public.*"])
        #expect(LintFixture.lint(rules: [write]) == ["statements/require-where"])
        #expect(LintFixture.lint(rules: [write, deny]) == [])
    }

    @Test(arguments: [
        (ObjectName(schema: "pg_catalog", "pg_read_file"), ["statements/dangerous-function"]),
        (ObjectName("dblink"), []), (ObjectName(schema: "pg_catalog", "lower"), ["statements/needless-function"]),
        (ObjectName(schema: "pg_catalog", "lowr"), ["statements/unknown-function"]),
        (ObjectName(schema: "public", "lower"), []), (ObjectName(schema: "public", "pg_read_file"), []),
    ])
    func `an entry of functions is looked up`(function: ObjectName, rules: [String]) {
        #expect(LintFixture.lint([LintFixture.role(functions: [function])]) == rules)
    }

    @Test func `a deny of what needs no rule has its effect`() {
        let deny = LintFixture.rule("no", .deny, [.tag(.begin)])
        #expect(LintFixture.lint(rules: [Self.read, deny]) == [])
    }

    @Test func `an allow on any object leaves PostgreSQL's own schemas to others`() {
        let any = LintFixture.rule("any", .allow, [.statementClass(.read)])
        let temporary = LintFixture.rule("temporary", .allow, [.statementClass(.read)], on: ["pg_temp.*"])
        let all = LintFixture.rule("all", .allow, [.statementClass(.read)], on: ["*.t"])
        #expect(LintFixture.lint(rules: [any, temporary]) == [])
        #expect(LintFixture.lint(rules: [any, all]) == ["statements/redundant-rule"])
        let one = LintFixture.rule("one", .allow, [.statementClass(.read)], on: ["pg_temp.t"])
        #expect(LintFixture.lint(rules: [all, one]) == [])
        let deny = LintFixture.rule("no", .deny, [.statementClass(.read)])
        #expect(LintFixture.lint(rules: [temporary, deny]) == ["statements/dead-allow"])
    }

    @Test func `a literal name of a secret relation is reported`() {
        let rule = { LintFixture.rule("x", .allow, [.statementClass(.read)], on: [$0]) }
        #expect(LintFixture.lint(rules: [rule("pg_catalog.pg_authid")]) == ["statements/secret-relation"])
        #expect(LintFixture.lint(rules: [rule("pg_catalog.pg_class")]) == [])
        #expect(LintFixture.lint(rules: [rule("public.pg_authid")]) == [])
    }
}
