import PosternCore
import PosternJournal
import Testing

@Suite struct JournalNarratorTests {
    /// What the narrator says of a record of this event with these members, written as JSON.
    private func tell(_ event: String, _ members: String, width: Int = 100) throws -> String {
        let object = try #require(
            JSONParser.parse(Array("{\(members)}".utf8), limits: .init(bytes: 1 << 20, depth: 8)).objectValue
        )
        let chain = try #require(ChainID(Array("00112233445566778899aabbccddeeff".utf8)))
        var encoder = RecordEncoder(chain: chain)
        _ = encoder.encode(
            in: HashChain(id: chain),
            time: Timestamp(microseconds: 1_795_224_581_250_999),
            event: event
        ) { writer in
            for member in object.members {
                writer.name(member.name)
                writer.value(member.value)
            }
        }
        let record = try #require(JournalRecord(Array(encoder.lines.dropLast())))
        return JournalNarrator(width: width).tell(record)
    }

    @Test func `a session's start`() throws {
        let told = try tell(
            "session.start",
            #"""
            "session":"k3j9x0a81b2c4d5e","role":"orders_migrator","database":"orders","login":"orders_migrator",
            "client":{"address":"127.0.0.1:53422","application":"psql","tls":"TLSv1.3"},
            "identity":{"issuer":"github","subject":"repo:acme/shop:ref:refs/heads/main","claims":{"ref":"x"}},
            "run":{"repository":"acme/shop","ref":"refs/heads/main","sha":"3f2a9c1d4b5e6f708192a3b4","id":"4711"},
            "policy_hash":"ab","upstream":{"host":"db1.internal","port":5432,"backend_pid":4242,
            "login":"orders_migrator","server_version":"15.14 (Debian 15.14-0+deb12u1)","tls":"TLSv1.3",
            "connected_at":"2026-11-21T01:29:40.000000Z"}
            """#
        )
        #expect(
            told == """
                01:29:41.250  session.start       k3j9x0a81b2c4d5e orders_migrator on orders
                              issuer github subject repo:acme/shop:ref:refs/heads/main
                              repository acme/shop ref refs/heads/main commit 3f2a9c1d4b5e run 4711
                              from 127.0.0.1:53422 as psql over TLSv1.3
                              → orders_migrator at db1.internal:5432 over TLSv1.3 backend 4242 PostgreSQL 15.14
                """
        )
    }

    @Test func `a refusal`() throws {
        let told = try tell(
            "session.refused",
            #"""
            "session":"k3j9x0a81b2c4d5e","stage":"grant","reason":"the claim `ref` is not one of the role's",
            "role":"orders_migrator","database":"orders","client":{"address":"127.0.0.1:53422"},
            "unverified_issuer":"https://ci.example.com","unverified_key_id":"key 1",
            "identity":{"issuer":"github","subject":"repo:acme/shop"},"claim":"ref"
            """#
        )
        #expect(
            told == """
                01:29:41.250  session.refused     k3j9x0a81b2c4d5e at grant: the claim `ref` is not one of the
                                role's
                              asked to be orders_migrator on orders from 127.0.0.1:53422 without TLS
                              failing claim ref
                              issuer github subject repo:acme/shop
                              the token says, unverified: issuer https://ci.example.com key "key 1"
                """
        )
    }

    @Test(arguments: [
        (
            "session.end",
            #""session":"k3j9x0a81b2c4d5e","reason":"terminate","statements":1,"denied":0,"rows":340,"#
                + #""bytes_in":1023,"bytes_out":2047,"duration_us":1250000"#,
            "session.end         k3j9x0a81b2c4d5e terminate: 1 statement, 340 rows, 1023 B in,\n                1.9 KiB out, 1.2 s"
        ),
        (
            "session.cancel", #""session":"k3j9x0a81b2c4d5e","source":"192.0.2.7""#,
            "session.cancel      k3j9x0a81b2c4d5e asked by 192.0.2.7"
        ),
        ("session.refused.summary", #""count":23,"sources":4"#, "session.refused.summary  23 more from 4 sources"),
        (
            "gateway.start", #""gateway":"gw-1","version":"0.1.0","policy_hash":"0123456789abcdef","revision":"r1""#,
            "gateway.start       gw-1 version 0.1.0\n              policy 0123456789ab revision r1"
        ),
        ("gateway.stop", #""gateway":"gw-1","version":"0.1.0""#, "gateway.stop        gw-1 version 0.1.0"),
        (
            "issuer.refuse",
            #""route":"drone/env","stage":"build","reason":"a build of a fork","#
                + #""run":{"repository":"acme/app","event":"push","id":"7"},"address":"192.0.2.7""#,
            "issuer.refuse       at build: a build of a fork\n              repository acme/app event push build 7\n"
                + "              asked at drone/env from 192.0.2.7"
        ),
        (
            "issuer.mint",
            #""route":"drone/env","jti":"t1","kid":"0123456789abcdef","subject":"drone:x","expires":"2026-12-01","#
                + #""run":{"ref":"refs/heads/main"}"#,
            "issuer.mint         t1 for drone:x until 2026-12-01\n              ref refs/heads/main\n"
                + "              asked at drone/env signed by 0123456789ab"
        ),
        ("issuer.refuse.summary", #""count":23,"sources":4"#, "issuer.refuse.summary  23 more from 4 sources"),
        (
            "issuer.state", #""change":"start","issuer":"https://ci.test","keys":["a","b"]"#,
            "issuer.state        start https://ci.test keys a, b"
        ),
        ("issuer.state", #""change":"reload","error":"no""#, "issuer.state        not taken: no"),
        (
            "policy.reload", #""policy_hash":"ab","files":["a.yaml","b.yaml"],"changed_roles":["x","y"]"#,
            "policy.reload       policy ab of a.yaml, b.yaml\n              changed: x, y"
        ),
        (
            "policy.reload", #""policy_hash":"ab","changed_roles":[],"error":"a.yaml:3:1: unknown key `rol`""#,
            "policy.reload       not taken: a.yaml:3:1: unknown key `rol`\n              still policy ab"
        ),
        (
            "chain.start", #""gateway":"gw-1","public_key":"ebVWLo""#,
            "chain.start         gw-1 chain 001122334455 key ebVWLo"
        ),
        (
            "journal.checkpoint", #""key_id":"65b60673d6ed884b","heads":{"ff":{"name":"loop-1","seq":41}}"#,
            "journal.checkpoint  record 0 signed by 65b60673d6ed with loop-1 at 41"
        ),
        (
            "journal.recovered", #""file":"loop-0-000001.jsonl","whole_bytes":812,"torn_bytes":40"#,
            "journal.recovered   loop-0-000001.jsonl: 812 bytes whole, 40 torn bytes cut off"
        ),
        (
            "later.event", #""tables":["a","b"],"rows":3,"note":"a b","ok":true"#,
            #"later.event         tables=["a","b"] rows=3 note="a b" ok=true"#
        ),
        (
            "journal.lost", #""records":3"#,
            "journal.lost        3 records are missing: they could be neither written nor kept"
        ),
        (
            "session.receipt",
            #""session":"k3j9x0a81b2c4d5e","policy_hash":"0123456789abcdef","digest":"fedcba9876543210""#,
            "session.receipt     k3j9x0a81b2c4d5e was given a receipt with digest fedcba987654\n"
                + "                under policy 0123456789ab"
        ),
        (
            "session.note", #""session":"k3j9x0a81b2c4d5e","claimed_by_job":{"step":"42","n":[1.50,null]}"#,
            "session.note        k3j9x0a81b2c4d5e had the gateway note, as the job's own word:\n"
                + #"              {"step":"42","n":[1.50,null]}"#
        ),
        (
            "session.note", #""session":"k3j9x0a81b2c4d5e","claimed_by_job":"it's done""#,
            "session.note        k3j9x0a81b2c4d5e had the gateway note, as the job's own word:\n"
                + #"              "it's done""#
        ),
        ("session.note", "", "session.note        had the gateway note, as the job's own word:\n              ?"),
        (
            "guard.result",
            #""session":"k3j9x0a81b2c4d5e","claimed_by_job":{"verdict":"lost","max_loss":"0%","exit":0,"part":1,"parts":2,"#
                + #""tables":[{"table":"public.users","before":10,"after":"missing","verdict":"vanished"}]}"#,
            "guard.result        k3j9x0a81b2c4d5e had the gateway note, as the job's own word:\n"
                + "              guard: lost, 0% may be lost, the command's exit 0, part 1 of 2\n"
                + "              public.users: 10 before, missing after, vanished"
        ),
        (
            "retention.removed",
            #""files":3,"first_file":"loop-0-000001.jsonl","last_file":"loop-0-000003.jsonl","through":{"seq":12},"#
                + #""last_time":"2024-01-01T00:00:00.000000Z","retain":"400d""#,
            "retention.removed   3 files, loop-0-000001.jsonl to loop-0-000003.jsonl, records up to\n"
                + "                12, removed by retention: the last record is of 2024-01-01T00:00:00.000000Z, older\n"
                + "                than 400d"
        ),
        (
            "retention.removed",
            #""files":1,"first_file":"loop-0-000001.jsonl","last_file":"loop-0-000001.jsonl","retain":"400d""#,
            "retention.removed   1 file, loop-0-000001.jsonl, removed by retention: the last record\n"
                + "                is of ?, older than 400d"
        ),
        // Members that are missing or of another kind are left out.
        ("session.end", #""session":7,"rows":"many""#, "session.end         7"),
        ("session.start", #""role":"x""#, "session.start       x\n              → ? at ? without TLS"),
    ])
    func `the other events`(event: String, members: String, expected: String) throws {
        #expect(try tell(event, members) == "01:29:41.250  " + expected)
    }

    @Test(arguments: [
        (
            #""tag":"UPDATE","sql":"UPDATE orders\n\tSET  x = 1","accesses":[{"object":"public.orders"},"#
                + #"{"kind":"function","object":"pg_catalog.now","always":"safe function"},"#
                + #"{"kind":"schema","object":"app"},{"object":"public.orders"}],"#
                + #""decision":"allow","rule":"write-orders","file":"orders.yaml","line":12,"forwarded":true"#,
            "UPDATE public.orders, schema app: allowed by\n                write-orders at orders.yaml:12\n"
                + "              UPDATE orders SET x = 1"
        ),
        (
            #""tag":"SELECT","accesses":[{"object":"a.b"},{"object":"a.c","decision":"deny"}],"decision":"deny","#
                + #""reason":"no rule","forwarded":false"#,
            "SELECT a.b, a.c: denied (no rule) for a.c"
        ),
        (
            #""tag":"DROP TABLE","accesses":[{"object":"a","decision":"deny","rule":"r"}],"accesses_left_out":7,"#
                + #""decision":"allow","would":"deny","rule":"r","forwarded":true"#,
            "DROP TABLE a and 7 more: allowed, would be\n                denied by r"
        ),
        (#""tag":"BEGIN","accesses":[],"decision":"allow","forwarded":false"#, "BEGIN: allowed and not forwarded"),
        (#""accesses":7,"sql":8"#, "statement: ?"),
    ])
    func `a decision`(members: String, expected: String) throws {
        #expect(
            try tell("statement.decision", #""session":"k3j9x0a81b2c4d5e","statement":7,"# + members)
                == "01:29:41.250  statement.decision  k3j9x0a81b2c4d5e #7 " + expected
        )
    }

    @Test(arguments: [
        (
            "statement.outcome",
            #""statement":7,"result":"ok","tag":"UPDATE","rows":1,"bytes":120,"duration_us":1250"#,
            "#7 UPDATE: 1 row, 120 B, 1.2 ms"
        ),
        (
            "statement.outcome", #""statement":8,"result":"error","bytes":0,"sqlstate":"42P01","duration_us":9"#,
            "#8 error SQLSTATE 42P01: 0 B, 9 µs"
        ),
        ("statement.outcome", #""statement":9,"result":"skipped""#, "#9 skipped"),
        ("transaction.end", #""transaction":2,"result":"commit""#, "transaction 2 committed"),
        ("transaction.end", #""transaction":3,"result":"rollback""#, "transaction 3 rolled back"),
        ("transaction.end", #""transaction":4,"result":"unknown""#, "transaction 4 ended nobody knows how"),
        ("transaction.end", #""result":"x y""#, "x y"),
    ])
    func `an outcome and a transaction's end`(event: String, members: String, expected: String) throws {
        let padding = String(repeating: " ", count: 20 - event.count)
        #expect(
            try tell(event, #""session":"k3j9x0a81b2c4d5e","# + members)
                == "01:29:41.250  " + event + padding + "k3j9x0a81b2c4d5e " + expected
        )
    }

    @Test func `strangers' text cannot steer the terminal or forge a record`() throws {
        let hostile = "\\u001b[2J\\r\\n01:29:41.250  gateway.stop\\u0085\\u202e\\u200b\\u2028\\u0301 \\\"x\\\" \\\\n"
        for (event, members) in [
            ("session.refused", #""reason":"HERE","stage":"HERE","role":"HERE","client":{"address":"HERE"}"#),
            ("session.start", #""identity":{"subject":"HERE"},"run":{"ref":"HERE"},"upstream":{"host":"HERE"}"#),
            (
                "statement.decision",
                #""tag":"HERE","sql":"HERE","rule":"HERE","file":"HERE","line":1,"accesses":[{"object":"HERE","kind":"HERE"}]"#
            ),
            ("statement.decision", #""decision":"HERE","reason":"HERE""#),
            ("statement.outcome", #""tag":"HERE","result":"HERE","sqlstate":"HERE""#),
            ("transaction.end", #""result":"HERE""#), ("session.end", #""reason":"HERE""#),
            ("policy.reload", #""error":"HERE","files":["HERE"]"#),
            (
                "guard.result",
                #""claimed_by_job":{"verdict":"HERE","max_loss":"HERE","tables":[{"table":"HERE","before":"HERE"}]}"#
            ),
            ("session.note", #""claimed_by_job":{"HERE":"HERE"}"#), ("session.receipt", #""digest":"HERE""#),
            ("retention.removed", #""files":1,"last_file":"HERE","last_time":"HERE""#),
            ("issuer.mint", #""jti":"HERE","subject":"HERE","run":{"repository":"HERE","ref":"HERE"},"route":"HERE""#),
            ("issuer.refuse", #""stage":"HERE","reason":"HERE","run":{"trigger":"HERE"},"address":"HERE""#),
            ("issuer.state", #""change":"HERE","keys":["HERE"]"#), ("issuer.state", #""error":"HERE""#),
            ("unknown.event", #""HERE":"HERE","deep":{"HERE":["HERE"]}"#),
        ] {
            let told = try tell(
                event,
                members.split(separator: "HERE", omittingEmptySubsequences: false).joined(separator: hostile)
            )
            let lines = told.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("              ") })
            let strange = told.unicodeScalars.filter { !(" "..."~").contains($0) && $0 != "\n" && $0 != "→" }
            #expect(strange.isEmpty)
        }
        #expect(
            try tell("session.cancel", "\"session\":\"\(hostile)\"").hasPrefix(
                #"01:29:41.250  session.cancel      "\u{1B}[2J\r\n01:"#
            )
        )
    }

    @Test func `no line is wider than the terminal, whatever the words`() throws {
        let long = String(repeating: "x", count: 5000)
        for text in [long, "a " + long, String(repeating: "漢", count: 5000), String(repeating: "ab ", count: 500)] {
            let told = try tell("session.end", "\"reason\":\"\(text)\",\"session\":\"\(text)\"", width: 80)
            for line in told.split(separator: "\n") {
                let columns = line.unicodeScalars.reduce(0) { $0 + ($1.value > 0x2E7F ? 2 : 1) }
                #expect(columns <= 80 && !line.hasSuffix(" "))
            }
            #expect(told.count < 1000)
        }
    }
}
