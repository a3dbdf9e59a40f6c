import PosternConfiguration
import PosternPolicy
import PosternSQL
import Testing

struct RuleTests {
    /// The sound policy with these lines in the place of its `rules`.
    private static func policy(_ lines: String) -> String {
        Workspace.policy.replacing("    rules: unrestricted", with: lines)
    }

    private func role(_ lines: String) throws -> Role {
        let result = try Workspace(policies: ["a.yaml": Self.policy(lines)]).load()
        #expect(result.diagnostics == [])
        return try #require(result.snapshot?.policies.role(named: "migrator"))
    }

    private func rules(_ lines: String) throws -> [Rule] {
        guard case .rules(let rules) = try role(lines).rules else {
            Issue.record("unrestricted")
            return []
        }
        return rules
    }

    @Test func `rules are read with their subjects, objects and conditions`() throws {
        let rules = try rules(
            """
                rules:
                  - {id: read-all, allow: read, on: ["public.*"]}
                  - {id: write, allow: [INSERT, UPDATE, DELETE], on: public.orders, require_where: true}
                  - id: no-drop
                    deny: [DROP TABLE, TRUNCATE]
                    message: drop tables by hand
                  - {id: short, allow: [COPY, LOCK, COPY TO], on: any}
                  - {id: literal-any, deny: misc, on: ["*.*"]}
            """
        )
        #expect(rules.map(\.id) == ["read-all", "write", "no-drop", "short", "literal-any"])
        #expect(rules.map(\.effect) == [.allow, .allow, .deny, .allow, .deny])
        #expect(rules[0].subjects == [.statementClass(.read)])
        #expect(rules[1].subjects == [.tag(.insert), .tag(.update), .tag(.delete)])
        #expect(rules[1].requiresWhere)
        #expect(rules[2].subjects == [.tag(.dropTable), .tag(.truncateTable)])
        #expect(rules[2].scope == .any)
        #expect(rules[2].message == "drop tables by hand")
        #expect(rules[2].location.line == 10)
        #expect(rules[3].subjects == [.tag(.copyTo), .tag(.copyFrom), .tag(.lockTable)])
        #expect(rules[3].scope == .any)
        #expect(rules[4].scope == .any)
        guard case .patterns(let patterns) = rules[1].scope else {
            Issue.record("no patterns")
            return
        }
        #expect(patterns.map(\.description) == ["public.orders"])
        #expect(patterns[0].kind == .relation)
        #expect(patterns[0].schema?.literal == "public")
        #expect(patterns[0].name.literal == "orders")
    }

    @Test func `every tag and class is taken`() throws {
        let words = StatementClass.allCases.map(\.rawValue) + CommandTag.allCases.map(\.rawValue)
        var found: [Rule.Subject] = []
        for start in stride(from: 0, to: words.count, by: 64) {
            let part = words[start..<min(start + 64, words.count)].joined(separator: ", ")
            found += try rules("    rules: [{id: all, allow: [\(part)], on: any}]")[0].subjects
        }
        #expect(found.count == words.count)
    }

    @Test func `all keys of a role are taken`() throws {
        let role = try role(
            """
                mode: observe
                functions: [public.next_invoice, pg_catalog.pg_sleep, nextval, '"App".f']
                search_paths: [[audit, public], [], [Mixed]]
                unparsed: allow
                large_objects: true
                audit: {sql: full}
                limits: {statement: 15m, statement_size: 2MiB, rows_changed: 0}
                rules: [{id: r, allow: read, on: any}]
            """
        )
        #expect(role.mode == .observe)
        #expect(
            role.functions.map(\.description) == [
                "public.next_invoice", "pg_catalog.pg_sleep", "pg_catalog.nextval", "App.f",
            ]
        )
        #expect(role.searchPaths == [["audit", "public"], [], ["Mixed"]])
        #expect(role.unparsed == .allow)
        #expect(role.largeObjects)
        #expect(role.auditedSQL == .full)
        #expect(role.limits.statement == .seconds(900))
        #expect(role.limits.statementSize == 2 << 20)
        #expect(role.limits.rowsChanged == 0)
        #expect(!role.who[0].takesUntrusted)
    }

    @Test(arguments: [
        ("rules: [{allow: read, on: any}]", "7:13 a rule needs `id`"),
        ("rules: [{id: Read, allow: read, on: any}]", "7:18 `Read` cannot be a rule's id"),
        ("rules: [{id: r, allow: read, on: any}, {id: r, deny: DO}]", "7:44 rule `r` is there twice"),
        ("rules: [{id: r, on: any}]", "7:13 a rule needs `allow` or `deny`"),
        (
            "rules: [{id: r, allow: read, deny: write, on: any}]",
            "7:13 a rule cannot have both `allow` and `deny`"
        ),
        ("rules: [{id: r, allow: read}]", "7:13 a rule with `allow` needs `on`"),
        ("rules: [{id: r, allow: [], on: any}]", "7:28 `allow` must have 1 to 64 words"),
        ("rules: [{id: r, allow: select, on: any}]", "7:28 `select` is neither a class nor a tag"),
        ("rules: [{id: r, allow: READ, on: any}]", "7:28 `READ` is neither a class nor a tag"),
        (
            "rules: [{id: r, allow: {a: b}, on: any}]",
            "7:28 `allow` must be a class, a tag or a list of them, not a mapping"
        ),
        ("rules: [{id: r, allow: read, on: []}]", "7:38 `on` must have 1 to 256 patterns"),
        (
            "rules: [{id: r, allow: read, on: {a: b}}]",
            "7:38 `on` must be a pattern or a list of patterns, not a mapping"
        ),
        (
            "rules: [{id: r, deny: UPDATE, require_where: true}]",
            "7:50 `require_where` goes with `allow` only"
        ),
        ("rules: [{id: r, allow: read, on: any, where: x}]", "7:43 unknown key `where` in a rule"),
        ("rules: [r]", "7:13 a rule must be a mapping, not text"),
        ("rules: []", "7:12 `rules` must not be empty"),
        ("rules: {r: {}}", "7:12 `rules` must be a list, not a mapping"),
        ("rules: unrestricted\n    functions: [f]", "8:17 PostgreSQL has no function `f` of its own"),
        (
            "rules: unrestricted\n    functions: [a.b.c]",
            "8:17 `a.b.c` has 3 parts, and a function's name has two: schema and name"
        ),
        (
            "rules: unrestricted\n    functions: [public.*]", "8:17 `functions` holds names, not patterns"
        ),
        (
            "rules: unrestricted\n    functions: [public.F]",
            "8:17 `F` has an upper-case letter, which no unquoted name of PostgreSQL has"
        ),
        (
            "rules: unrestricted\n    search_paths: [audit]",
            "8:20 a path of `search_paths` must be a list of schemas, not text"
        ),
        (
            "rules: unrestricted\n    search_paths: [[pg_temp]]",
            "8:21 `search_paths` must not hold `pg_temp`"
        ),
        ("rules: unrestricted\n    unparsed: forward", "8:15 `unparsed` cannot be `forward`"),
        ("rules: unrestricted\n    mode: watch", "8:11 `mode` cannot be `watch`"),
        ("rules: unrestricted\n    audit: {sql: some}", "8:18 `sql` cannot be `some`"),
        (
            "rules: unrestricted\n    limits: {statement_size: 17MiB}",
            "8:30 `statement_size` must be from 1KiB to 16MiB"
        ),
        (
            "rules: unrestricted\n    limits: {rows_changed: -1}",
            "8:28 `rows_changed` must be a whole number from 0 to 1000000000000"
        ),
    ])
    func `a mistake is found in its place`(lines: String, complaint: String) throws {
        let found = try Workspace(policies: ["a.yaml": Self.policy("    " + lines)]).complaints()
        #expect(found == ["policies/a.yaml:" + complaint])
    }

    @Test(arguments: [
        ("select", "did you mean `SELECT`?"), ("READ", "did you mean `read`?"),
        ("DROP TABEL", "did you mean `DROP TABLE`?"),
        ("TRUNCATE TABLES", "did you mean `TRUNCATE TABLE`?"),
    ])
    func `an unknown word gets a suggestion`(word: String, hint: String) throws {
        let policy = Self.policy("    rules: [{id: r, deny: \(word)}]")
        let hints = try Workspace(policies: ["a.yaml": policy]).load().diagnostics.compactMap(\.hint)
        #expect(hints == [hint])
    }

    @Test func `keys that mean nothing without rules are told`() throws {
        let policy = Self.policy("    mode: observe\n    unparsed: allow\n    rules: unrestricted")
        let workspace = try Workspace(policies: ["a.yaml": policy])
        #expect(workspace.complaints(.warning).count == 2)
        #expect(workspace.load().snapshot != nil)
    }

    @Test func `an entry for untrusted tokens says so`() throws {
        let policy = Workspace.policy.replacing("issuer: ci,", with: "issuer: ci, untrusted: true,")
        let role = try Workspace(policies: ["a.yaml": policy]).load().snapshot?.policies.role(
            named: "migrator"
        )
        #expect(role?.who.first?.takesUntrusted == true)
    }

    @Test func `a role with rules has a search path`() throws {
        let workspace = try Workspace()
        let database = try #require(workspace.load().snapshot?.configuration.database(named: "orders"))
        #expect(try database.searchPath(for: role("    rules: unrestricted")) == nil)
        #expect(
            try database.searchPath(for: role("    rules: [{id: r, allow: read, on: any}]")) == ["public"]
        )
    }
}
