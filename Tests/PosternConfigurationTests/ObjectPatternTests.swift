import PosternConfiguration
import PosternPolicy
import PosternSQL
import Testing

struct ObjectPatternTests {
    private func load(_ pattern: String) throws -> LoadResult {
        let quoted = "'" + pattern.replacing("'", with: "''") + "'"
        let rules = "    rules: [{id: r, deny: ddl, on: \(quoted)}]"
        let policy = Workspace.policy.replacing("    rules: unrestricted", with: rules)
        return try Workspace(policies: ["a.yaml": policy]).load()
    }

    private func pattern(_ text: String) throws -> ObjectPattern {
        let result = try load(text)
        let role = try #require(
            result.snapshot?.policies.role(named: "migrator"),
            "\(result.diagnostics)"
        )
        guard case .rules(let rules) = role.rules, case .patterns(let patterns) = rules.first?.scope
        else {
            return try #require(nil)
        }
        return try #require(patterns.first)
    }

    @Test(
        arguments: [
            ("public.orders", ObjectKind.relation, "public", "orders"),
            ("\"My Schema\".\"T\"\"a.b*\"", .relation, "My Schema", "T\"a.b*"),
            ("schema:audit", .schema, nil, "audit"),
            ("extension:uuid-ossp", .extension, nil, "uuid-ossp"),
            ("function:public.f", .function, "public", "f"), ("channel:\"Jobs\"", .channel, nil, "Jobs"),
            ("event_trigger:t", .eventTrigger, nil, "t"),
            ("parameter:log.Level", .parameter, nil, "log.Level"),
            ("file:/srv/In.csv", .file, nil, "/srv/In.csv"), ("größe.naïve", .relation, "größe", "naïve"),
        ] as [(String, ObjectKind, String?, String)]
    )
    func `a literal pattern has a kind and a name`(
        text: String,
        kind: ObjectKind,
        schema: String?,
        name: String
    ) throws {
        let pattern = try pattern(text)
        #expect(pattern.kind == kind)
        #expect(pattern.schema?.literal == schema)
        #expect(pattern.name.literal == name)
        #expect(pattern.description == text)
    }

    @Test(arguments: [
        ("public.*", "orders", true), ("public.o*s", "orders", true), ("public.o*s", "order", false),
        ("public.*_log", "_log", true), ("public.\"*\"", "orders", false), ("public.\"*\"", "*", true),
        ("public.a*b*c", "abc", true), ("public.a*b*c", "acb", false),
    ])
    func `a star stands for any run of characters`(text: String, name: String, matches: Bool) throws {
        #expect(try pattern(text).name.matches(Identifier(name)) == matches)
    }

    @Test(arguments: [
        ("orders", "`orders` has no schema"), ("*", "`*` has no schema"),
        ("function:f", "`function:f` has no schema"),
        ("a.b.c", "`a.b.c` has 3 parts, and a pattern has two: schema and name"),
        (
            "public.Orders", "`Orders` has an upper-case letter, which no unquoted name of PostgreSQL has"
        ),
        ("public.my table", "`my table` has a character that no unquoted name has"),
        ("public.", "a name is empty"), (".orders", "a name is empty"),
        ("public.\"\"", "a name is empty"),
        ("public.\"a\"*", "a quoted name must end at a dot"),
        ("public.\"a", "a quoted name has no closing quote"),
        ("table:public.orders", "`table` is not a kind of object that a pattern names"),
        ("extention:x", "`extention` is not a kind of object that a pattern names"),
        ("schema:a.b", "`a.b` must be one name, because no schema holds a schema"),
        ("schema:", "a name is empty"), ("file:", "a file must have 1 to 1024 bytes"),
        (
            "public." + String(repeating: "a", count: 64),
            "`\(String(repeating: "a", count: 64))` is longer than 63 bytes"
        ),
    ])
    func `what is no pattern is refused`(text: String, complaint: String) throws {
        #expect(try load(text).diagnostics.map(\.message) == [complaint])
    }

    @Test(arguments: [
        ("orders", "write `public.orders`, or `schema:orders` for the schema"),
        ("public.Orders", "write `orders`, or `'\"Orders\"'` for the name with the upper-case letter"),
        ("public.ÄPFEL", "write `Äpfel`, or `'\"ÄPFEL\"'` for the name with the upper-case letter"),
        ("function:public.f(int)", "leave the arguments out: functions are named without them"),
        ("extention:x", "did you mean `extension`?"),
    ])
    func `the hint says how to write it`(text: String, hint: String) throws {
        #expect(try load(text).diagnostics.compactMap(\.hint) == [hint])
    }
}
