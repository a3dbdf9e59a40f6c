import PosternCore
import PosternJournal
import Testing

/// The members that an event writes, as JSON text.
private func text(_ event: some JournalEvent) -> String {
    var writer = JSONWriter()
    writer.beginObject()
    event.encode(into: &writer)
    writer.endObject()
    return String(decoding: writer.bytes, as: UTF8.self)
}

private func record(
    sql: String? = "UPDATE orders SET x = 1",
    accesses: [AccessRecord] = [],
    decision: StatementRecord.Verdict = .allow,
    would: StatementRecord.Verdict? = nil,
    rule: RuleRecord? = RuleRecord(id: "write-orders", file: "orders.yaml", line: 12),
    reason: String? = nil
) -> StatementRecord {
    StatementRecord(
        tag: "UPDATE",
        statementClass: "write",
        sql: sql,
        textMAC: "ab12",
        fingerprint: "0123456789abcdef",
        accesses: accesses,
        decision: decision,
        would: would,
        rule: rule,
        reason: reason
    )
}

private func access(
    kind: String? = nil,
    _ object: [String],
    candidates: [[String]] = [],
    isOther: Bool = false,
    _ outcome: AccessRecord.Outcome
) -> AccessRecord {
    AccessRecord(
        statementClass: "write",
        tag: "UPDATE",
        kind: kind,
        object: object,
        candidates: candidates,
        isOther: isOther,
        outcome: outcome
    )
}

@Suite struct StatementEventsTests {
    private let session = SessionID("k3j9x0a81b2c4d5e") ?? SessionID()

    private func decision(_ record: StatementRecord, forwarded: Bool = true) -> StatementDecision {
        StatementDecision(
            session: session,
            statement: 7,
            transaction: 2,
            judged: record.encoded,
            forwarded: forwarded
        )
    }

    @Test func `a decision has the contract's members in its order`() {
        let allowed = record(accesses: [access(["public", "orders"], .allowedByRule("write-orders"))])
        #expect(
            text(decision(allowed))
                == #"{"session":"k3j9x0a81b2c4d5e","statement":7,"transaction":2,"tag":"UPDATE","class":"write","#
                + #""sql":"UPDATE orders SET x = 1","text_mac":"ab12","fingerprint":"0123456789abcdef","#
                + #""accesses":[{"class":"write","tag":"UPDATE","object":"public.orders","rule":"write-orders"}],"#
                + #""decision":"allow","rule":"write-orders","file":"orders.yaml","line":12,"forwarded":true}"#
        )
        let denied = record(sql: nil, decision: .deny, rule: nil, reason: "no rule")
        #expect(
            text(decision(denied, forwarded: false)).hasSuffix(
                #""fingerprint":"0123456789abcdef","accesses":[],"decision":"deny","reason":"no rule","forwarded":false}"#
            )
        )
        let observed = record(would: .deny, rule: nil, reason: "no rule")
        #expect(
            text(decision(observed)).hasSuffix(
                #""decision":"allow","would":"deny","reason":"no rule","forwarded":true}"#
            )
        )
    }

    @Test(arguments: [
        (
            access(["orders"], candidates: [["app", "orders"]], .notAllowed),
            #""object":"app.orders","decision":"deny""#
        ),
        (
            access(["orders"], candidates: [["a", "orders"], ["b", "orders"]], .deniedByRule("r")),
            #""object":"orders","candidates":["a.orders","b.orders"],"decision":"deny","rule":"r""#
        ),
        (
            access(kind: "function", ["pg_catalog", "now"], isOther: true, .allowedAlways("safe function")),
            #""kind":"function","object":"pg_catalog.now","part":"other","always":"safe function""#
        ),
        (access([], .allowedAlways("transaction control")), #""always":"transaction control""#),
        (
            access(["a.b", "Größe", "größe", "1\"", ""], .notAllowed),
            #""object":"\"a.b\".\"Größe\".größe.\"1\"\"\".\"\"","decision":"deny""#
        ),
    ])
    func `an access says what, as which object, and by which rule`(access: AccessRecord, expected: String) {
        let members = String(decoding: record(accesses: [access]).encoded.bytes, as: UTF8.self)
        #expect(members.contains(#""accesses":[{"class":"write","tag":"UPDATE","# + expected + "}],"), "\(members)")
    }

    @Test func `an outcome leaves out what the server did not say`() {
        let outcome = StatementOutcome(
            session: session,
            statement: 7,
            result: .ok,
            tag: "INSERT",
            rows: 5,
            bytes: 1024,
            sqlState: nil,
            duration: .microseconds(1250)
        )
        #expect(
            text(outcome)
                == #"{"session":"k3j9x0a81b2c4d5e","statement":7,"result":"ok","tag":"INSERT","rows":5,"bytes":1024,"#
                + #""duration_us":1250}"#
        )
        let failed = StatementOutcome(
            session: session,
            statement: 8,
            result: .error,
            tag: nil,
            rows: nil,
            bytes: 0,
            sqlState: "42P01",
            duration: .zero
        )
        #expect(text(failed).hasSuffix(#""result":"error","bytes":0,"sqlstate":"42P01","duration_us":0}"#))
        #expect(
            text(TransactionEnd(session: session, transaction: 2, result: .rollback))
                == #"{"session":"k3j9x0a81b2c4d5e","transaction":2,"result":"rollback"}"#
        )
    }

    @Test func `a long text is cut between two characters`() throws {
        let limit = StatementRecord.maximumText
        for (text, kept) in [
            (String(repeating: "x", count: limit), limit), (String(repeating: "x", count: limit + 1), limit),
            ("x" + String(repeating: "é", count: limit), limit - 1),
            ("xx" + String(repeating: "漢", count: limit), limit - 2),
            ("xxx" + String(repeating: "😀", count: limit), limit - 1),
        ] {
            let bytes = [UInt8(ascii: "{")] + record(sql: text).encoded.bytes + [UInt8(ascii: "}")]
            let members = try #require(JSONParser.parse(bytes, limits: .init(bytes: 1 << 20, depth: 8)).objectValue)
            let sql = try #require(members["sql"]?.stringValue)
            #expect(sql.utf8.count == kept && text.hasPrefix(sql))
            #expect(members["sql_cut"]?.boolValue == (text.utf8.count > limit ? true : nil))
        }
    }

    @Test func `whatever is put into a decision, a line has room for it`() throws {
        let long = String(repeating: "\u{1}", count: 1 << 20)
        let wide = AccessRecord(
            statementClass: long,
            tag: long,
            kind: long,
            object: [long],
            candidates: Array(repeating: [long, long], count: 100),
            isOther: true,
            outcome: .deniedByRule(long)
        )
        let narrow = access(["public", "orders"], .allowedByRule("r"))
        for accesses in [[wide, wide], Array(repeating: narrow, count: 100_000)] {
            let record = StatementRecord(
                tag: long,
                statementClass: long,
                sql: long,
                textMAC: long,
                fingerprint: long,
                accesses: accesses,
                decision: .deny,
                would: .deny,
                rule: RuleRecord(id: long, file: long, line: .max),
                reason: long
            )
            let line = text(decision(record))
            #expect(line.utf8.count < RecordEncoder.maximumLine - 1000)
            let limits = JSONParser.Limits(bytes: RecordEncoder.maximumLine, depth: 8, values: 200_000)
            let members = try #require(JSONParser.parse(Array(line.utf8), limits: limits).objectValue)
            let kept = try #require(members["accesses"]?.arrayValue).count
            let leftOut = members["accesses_left_out"]?.numberValue?.integer ?? 0
            #expect(kept + Int(leftOut) == accesses.count && leftOut > 0)
        }
    }

    @Test func `encoded members stand among others, and none leave no comma`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.members(EncodedMembers { _ in })
        writer.members(EncodedMembers { $0.text("a", "x") })
        writer.members(EncodedMembers { _ in })
        writer.members(
            EncodedMembers {
                $0.text("b", "\"")
                $0.name("c")
                $0.integer(UInt64.max)
            }
        )
        writer.text("d", "")
        writer.endObject()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"a":"x","b":"\"","c":18446744073709551615,"d":""}"#)
    }
}
