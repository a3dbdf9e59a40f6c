import PosternCore
import Testing

/// Names of guarded tables, what may be lost of them, and the one shape of a guard's claim.
struct GuardTests {
    @Test(arguments: [
        ("public.users", "public.users", #""public"."users""#),
        ("Public.USERS", "public.users", #""public"."users""#),
        (#"public."Order Items""#, #"public."Order Items""#, #""public"."Order Items""#),
        (#""a""b"."c.d,e""#, #""a""b"."c.d,e""#, #""a""b"."c.d,e""#),
        ("_x.t$1", "_x.t$1", #""_x"."t$1""#),
        ("  straße . bücher ", "straße.bücher", #""straße"."bücher""#),
        (#"public."select""#, "public.select", #""public"."select""#),
        (#"public."1a""#, #"public."1a""#, #""public"."1a""#),
        ("a.\"b\"\"\u{301}c\"", "a.\"b\"\"\u{301}c\"", "\"a\".\"b\"\"\u{301}c\""),
    ])
    func `a name is read as SQL has it, and always quoted for a statement`(text: String, shown: String, quoted: String)
        throws
    {
        let name = try TableName(text)
        #expect(name.description == shown)
        #expect(name.quoted == quoted)
        #expect(try TableName(name.description) == name)
        #expect(try TableName(name.quoted) == name)
    }

    @Test(arguments: [
        "", "users", "public.", ".users", "a.b.c", "public.users;drop", "public.\"users", "public.\"\"", "1.x",
        "public.us ers", "public.\"a\u{7}\"", "public.\"a\nb\"", "public.\"a\u{202E}b\"", "public.\u{200B}",
        "public.\"a\u{0}\"", "public." + String(repeating: "x", count: 64), "public.users,", "public.users public.x",
    ])
    func `what is no name with its schema is refused`(text: String) {
        #expect(throws: TableName.Failure.self) { try TableName(text) }
        #expect(throws: TableName.Failure.self) { try TableName.list("a.b," + text) }
    }

    @Test func `a list is names with commas between them`() throws {
        #expect(
            try TableName.list(#"public.users, "a,b".c,x.y"#).map(\.description)
                == ["public.users", #""a,b".c"#, "x.y"]
        )
        #expect(throws: TableName.Failure.self) { try TableName.list("") }
        #expect(throws: TableName.Failure.self) { try TableName.list("a.b c.d") }
    }

    @Test(arguments: [
        ("0%", "0%"), ("5%", "5%"), ("0.5%", "0.5%"), ("2.50%", "2.5%"), ("0.01%", "0.01%"), ("100%", "100%"),
        ("0", "0"), ("100", "100"), ("100.00%", "100%"),
    ])
    func `a limit is a part or a number of rows`(text: String, shown: String) {
        #expect(MaxLoss(text)?.description == shown)
    }

    @Test(arguments: ["", "%", "-1%", "101%", "100.01%", "1.234%", ".5%", "1.%", "1,5%", "x", "1e3", "-1", "5 %", "+5"])
    func `what is no limit is refused`(text: String) {
        #expect(MaxLoss(text) == nil)
    }

    @Test(
        arguments: [
            (GuardCount.rows(10), GuardCount.rows(10), "0%", GuardVerdict.kept),
            (.rows(10), .rows(11), "0%", .kept), (.rows(10), .rows(9), "0%", .lost), (.rows(0), .rows(0), "0%", .kept),
            (.rows(10), .rows(9), "10%", .kept), (.rows(10), .rows(9), "9.99%", .lost),
            (.rows(10), .rows(8), "10%", .lost),
            (.rows(10), .rows(7), "3", .kept), (.rows(10), .rows(6), "3", .lost), (.rows(10), .rows(0), "100%", .kept),
            (.rows(.max), .rows(.max - 1), "0%", .lost), (.rows(.max), .rows(0), "99.99%", .lost),
            (.rows(.max), .rows(1), "100%", .kept),
            // A table that is gone is a loss of everything, also of nothing.
            (.rows(10), .missing, "100%", .vanished), (.rows(0), .missing, "0%", .vanished),
            (.missing, .rows(3), "0%", .new), (.missing, .missing, "0%", .absent),
            (.unknown, .rows(1), "0%", .unknown), (.rows(1), .unknown, "100%", .unknown),
            (.missing, .unknown, "0%", .unknown),
        ] as [(GuardCount, GuardCount, String, GuardVerdict)]
    )
    func `the verdict follows from the counts`(
        before: GuardCount,
        after: GuardCount,
        limit: String,
        verdict: GuardVerdict
    )
        throws
    {
        #expect(GuardVerdict(before: before, after: after, maxLoss: try #require(MaxLoss(limit))) == verdict)
    }

    private static let claim = #"""
        {"guard.result":{"verdict":"lost","max_loss":"0%","exit":0,"part":1,"parts":1,"tables":[\#
        {"table":"public.users","before":10,"after":7,"verdict":"lost"},\#
        {"table":"public.\"Order Items\"","before":3,"after":"missing","verdict":"vanished"},\#
        {"table":"public.later","before":"missing","after":2,"verdict":"new"}]}}
        """#

    private func read(_ text: String) throws -> GuardClaim? {
        let value = try JSONParser.parse(Array(text.utf8), limits: .init(bytes: 4096, depth: 32))
        return value.objectValue?[GuardClaim.member].flatMap { GuardClaim($0) }
    }

    @Test func `a claim is read back as it is written`() throws {
        let claim = try #require(try read(Self.claim))
        #expect(claim.note.text == Self.claim)
        #expect(claim.tables.map(claim.verdict) == [.lost, .vanished, .new])
    }

    @Test(arguments: [
        (#""verdict":"lost","max"#, #""verdict":"kept","max"#), (#""verdict":"lost","max"#, #""verdict":"fine","max"#),
        (#""max_loss":"0%""#, #""max_loss":"0.0%""#), (#""max_loss":"0%""#, #""max_loss":"50%""#),
        (#""max_loss":"0%""#, #""max_loss":0"#), (#""exit":0"#, #""exit":256"#), (#""exit":0"#, #""exit":-1"#),
        (#""exit":0"#, #""exit":0.0"#), (#""exit":0"#, #""exit":"0""#), (#""part":1"#, #""part":0"#),
        (#""part":1"#, #""part":2"#), (#""parts":1"#, #""parts":101"#), (#""exit":0,"#, ""),
        (#""exit":0"#, #""exit":0,"more":1"#), (#""before":10"#, #""before":-10"#), (#""before":10"#, #""before":1e1"#),
        (#""before":10"#, #""before":null"#), (#""before":10"#, #""before":10,"x":1"#),
        (#""before":10,"after":7"#, #""after":7,"before":10"#),
        (#""after":7,"verdict":"lost""#, #""after":7,"verdict":"kept""#),
        (#""after":7"#, #""after":10"#), (#""table":"public.users""#, #""table":"users""#),
        (#""table":"public.users""#, #""table":"Public.Users""#), (#""after":"missing""#, #""after":"gone""#),
        (#"\"Order Items\""#, #"Order Items"#),
    ])
    func `any other shape, spelling or verdict is none`(part: String, other: String) throws {
        let text = Self.claim.replacing(part, with: other)
        #expect(text != Self.claim)
        #expect(try read(text) == nil)
    }

    @Test func `a part may say worse of the whole than of its own tables, and no better`() throws {
        func part(_ outcome: String, _ after: String, _ verdict: String) throws -> GuardClaim? {
            try read(
                #"{"guard.result":{"verdict":"\#(outcome)","max_loss":"0%","exit":0,"part":1,"parts":2,"tables":["#
                    + #"{"table":"a.b","before":1,"after":\#(after),"verdict":"\#(verdict)"}]}}"#
            )
        }
        for outcome in ["kept", "unknown", "lost"] { #expect(try part(outcome, "1", "kept") != nil) }
        #expect(try part("kept", #""unknown""#, "unknown") == nil)
        #expect(try part("unknown", #""unknown""#, "unknown") != nil)
        #expect(try part("unknown", "0", "lost") == nil)
        #expect(try part("lost", "0", "lost") != nil)
    }
}
