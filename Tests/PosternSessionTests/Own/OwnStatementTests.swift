import PosternSession
import PostgresWire
import Testing

/// Statements that the gateway answers itself, on sessions that began with `_pq_.postern=1`.
struct OwnStatementTests {
    private static let receiptText = "SELECT ''::pg_catalog.text AS \"postern.receipt\""
    private static let noteText = "SELECT ''::pg_catalog.text AS record"
    /// One row of one empty column.
    private static let emptyRow = Wire.message("D", [0, 1, 0, 0, 0, 0])

    private func driver(piece: Int? = nil) -> Driver {
        var driver = Driver(piece: piece)
        driver.relay.speaksPostern = true
        return driver
    }

    private func answer(_ text: String) -> [UInt8] { ResultMessage.row(Array(text.utf8)) }

    @Test(arguments: [
        "SHOW postern.receipt", "show postern.receipt;", "  \n\tShow\tPOSTERN.Receipt ; ;\n",
    ])
    func `the receipt stands in place of the row, wherever the answer is cut`(text: String) {
        let reply = rowDescription + Self.emptyRow + complete("SELECT 1") + ready()
        for piece in 1...12 {
            var driver = driver(piece: piece)
            driver.job(query(text))
            #expect(driver.upstream == query(Self.receiptText))
            driver.server(reply)
            #expect(driver.downstream == rowDescription + answer("receipt") + complete("SHOW") + ready())
            #expect(driver.log.isEmpty)
            #expect(driver.relay.totals == SessionRelay.Totals())
            #expect((driver.begun, driver.ended) == (1, 1))
        }
    }

    @Test(arguments: [
        "show postern.receipts", "show postern_receipt", "show postern.receipt; select 1", "show",
        "showpostern.receipt",
        "/* x */ show postern.receipt", "show postern . receipt", "select postern.recorder('{}')", "select 1",
        "select postern.record", "", "s",
    ])
    func `what is none goes to the server`(text: String) {
        var driver = driver()
        driver.job(query(text))
        #expect(driver.upstream == query(text))
    }

    @Test func `without the option nothing is the gateway's`() {
        for text in ["show postern.receipt", "select postern.record('{}')"] {
            var driver = Driver()
            driver.job(query(text) + extended(text) + sync)
            #expect(driver.upstream == query(text) + extended(text) + sync)
        }
    }

    @Test(arguments: [
        (#"select postern.record('{"a": [1, 2.50]}')"#, #"{"a":[1,2.50]}"#),
        (#"SELECT postern.record ( '"it''s"' ) ;"#, #""it's""#),
        (#"select postern.record(E'{"a": "\\n\'"}')"#, #"{"a":"\n'"}"#),
        (#"select postern.record($${"a": "$"}$$)"#, #"{"a":"$"}"#),
        (#"select postern.record($x$null$x$)"#, "null"),
    ])
    func `a note is taken as compact JSON`(text: String, json: String) {
        var driver = driver()
        driver.job(query(text))
        #expect(driver.upstream == query(Self.noteText))
        driver.server(rowDescription + Self.emptyRow + complete("SELECT 1") + ready())
        #expect(driver.downstream == rowDescription + answer(json) + complete("SELECT 1") + ready())
        #expect(driver.log.isEmpty)
    }

    private static let guardTables =
        #""tables":[{"table":"a.b","before":2,"after":1,"verdict":"lost"}]"#
    private static let guardResult =
        #"{"guard.result":{"verdict":"lost","max_loss":"0%","exit":0,"part":1,"parts":1,"# + guardTables + "}}"

    @Test func `a guard's result is the claim alone`() {
        var driver = driver()
        driver.job(query("select postern.record('\(Self.guardResult)')"))
        driver.server(rowDescription + Self.emptyRow + complete("SELECT 1") + ready())
        let claim = String(Self.guardResult.dropFirst(#"{"guard.result":"#.count).dropLast())
        #expect(driver.downstream == rowDescription + answer(claim) + complete("SELECT 1") + ready())
    }

    @Test(arguments: [
        (#""verdict":"lost","max"#, #""verdict":"kept","max"#), (#""exit":0,"#, ""), (#"}]}}"#, #"}]},"x":1}"#),
        (#"{"guard.result":"#, #"{"x":1,"guard.result":"#),
    ])
    func `what only looks like a guard's result is refused`(part: String, other: String) {
        let note = Self.guardResult.replacing(part, with: other)
        #expect(note != Self.guardResult)
        var driver = driver()
        driver.job(query("select postern.record('\(note)')"))
        #expect(!driver.upstream.isEmpty && driver.upstream != query(Self.noteText))
    }

    @Test(arguments: [
        ("select postern.record()", "22023"), ("select postern.record($1)", "22023"),
        ("select postern.record('{}', 1)", "22023"), ("select postern.record('{}') from t", "22023"),
        ("select postern.record('{}", "22023"), ("select postern.record(E'\\x')", "22023"),
        ("select postern.record('{a}')", "22P02"), ("select postern.record('{\"a\":1,\"a\":2}')", "22P02"),
        ("select postern.record('\"" + String(repeating: "x", count: 4095) + "\"')", "54000"),
        ("select postern.record('\"" + String(repeating: "x", count: 20_000) + "\"')", "54000"),
    ])
    func `a note that is none is the server's error`(text: String, state: String) {
        var simple = driver()
        simple.job(query(text))
        #expect(!simple.upstream.isEmpty)
        simple.server(failure("42601", "syntax error at or near \"\(FakeJudge.nonce)\"") + ready())
        #expect(simple.errors.first?.sqlState?.rawValue == state)
        var pipeline = driver()
        pipeline.job(extended(text) + sync)
        #expect(types(pipeline.upstream) == "PS")
        pipeline.server(failure("42601", "syntax error at or near \"\(FakeJudge.nonce)\"") + ready())
        #expect(pipeline.errors.first?.sqlState?.rawValue == state)
        #expect(simple.log.isEmpty && pipeline.log.isEmpty)
    }

    @Test func `a note of the largest size is taken`() {
        var driver = driver()
        driver.job(query("select postern.record('\"" + String(repeating: "x", count: 4094) + "\"')"))
        #expect(driver.upstream == query(Self.noteText))
    }

    @Test func `by the extended protocol it stands in its place among others`() {
        var driver = driver()
        let receipt = "show postern.receipt"
        driver.job(extended("select 1") + extended(receipt) + extended("select 2") + sync)
        #expect(driver.upstream == extended("select 1") + extended(Self.receiptText) + extended("select 2") + sync)
        let one = parsed + bound + rowDescription
        driver.server(one + row() + complete("SELECT 1") + one + Self.emptyRow + complete("SELECT 1"))
        driver.server(one + row() + complete("SELECT 1") + ready())
        let own = one + answer("receipt") + complete("SHOW")
        #expect(
            driver.downstream
                == one + row() + complete("SELECT 1") + own + one + row() + complete("SELECT 1") + ready()
        )
        #expect(
            driver.log == [
                "+1/1 select 1", "+2/1 select 2", "=1 ok SELECT 1r", "=2 ok SELECT 1r", ".1 commit",
            ]
        )
    }

    @Test func `a prepared one answers each time, under any policy`() {
        var driver = driver()
        driver.job(parse("show postern.receipt", as: "r") + sync)
        driver.server(parsed + ready())
        for _ in 0..<3 {
            driver.judge.strict.toggle()
            driver.forget()
            driver.job(bind("r") + execute() + sync)
            driver.server(bound + Self.emptyRow + complete("SELECT 1") + ready())
            #expect(driver.downstream == bound + answer("receipt") + complete("SHOW") + ready())
        }
        #expect(driver.log.isEmpty)
    }

    @Test func `a portal by portions answers once`() {
        var driver = driver()
        driver.job(parse("show postern.receipt") + bind(to: "p") + execute("p", rows: 1) + execute("p", rows: 1) + sync)
        driver.server(parsed + bound + Self.emptyRow + suspended + complete("SELECT 0") + ready())
        #expect(
            driver.downstream == parsed + bound + answer("receipt") + suspended + complete("SHOW") + ready()
        )
    }

    @Test func `in a failed transaction it fails as the server says`() {
        var driver = driver()
        driver.job(query("begin"))
        driver.server(complete("BEGIN") + ready("T"))
        driver.job(query("select 1"))
        driver.server(failure("22012") + ready("E"))
        driver.forget()
        driver.job(query("show postern.receipt") + query("rollback"))
        driver.server(failure("25P02", "current transaction is aborted") + ready("E"))
        driver.server(complete("ROLLBACK") + ready())
        #expect(driver.downstream.starts(with: failure("25P02", "current transaction is aborted") + ready("E")))
        #expect(driver.log == ["+3/1 rollback", "=3 ok ROLLBACK", ".1 rollback"])
    }

    @Test func `a session takes a hundred notes`() {
        var driver = driver()
        for number in 1...101 {
            driver.forget()
            driver.job(query("select postern.record('\(number)')"))
            if number <= 100 {
                driver.server(rowDescription + Self.emptyRow + complete("SELECT 1") + ready())
                #expect(driver.errors.isEmpty)
            } else {
                driver.server(failure("42601", "syntax error at or near \"\(FakeJudge.nonce)\"") + ready())
                #expect(driver.errors.first?.sqlState?.rawValue == "53400")
            }
        }
        driver.forget()
        driver.job(extended("select postern.record('1')") + sync)
        #expect(types(driver.upstream) == "PBDES")
        #expect(messages(driver.upstream).first { $0.type == "E" }?.body.starts(with: FakeJudge.nonce.utf8) == true)
    }
}
