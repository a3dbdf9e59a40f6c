import PosternSession
import PostgresWire
import Testing

struct SessionRelayTests {
    /// Queries, a pipeline, a copy and the end, with their answers in the order that a driver waits for them.
    private static let exchange: [(job: [UInt8], server: [UInt8])] = [
        (query("select 1"), rowDescription + row(50) + row(3) + complete("SELECT 2") + ready()),
        (
            parse("select 2", as: "s") + bind("s", to: "p", value: [UInt8](repeating: 7, count: 40)) + execute("p")
                + sync,
            parsed + bound + row(9) + notice + complete("SELECT 1") + ready()
        ),
        (query("copy in"), copyIn),
        (copyData(30) + copyDone, complete("COPY 1") + ready()),
        (functionCall(1), functionResult + ready()),
        (query("select secret"), failure("42601", "syntax error at or near \"\(FakeJudge.nonce)\"") + ready()),
        (terminate, []),
    ]

    private static func run(piece: Int?) -> Driver {
        var driver = Driver(piece: piece)
        for (job, server) in exchange {
            driver.job(job)
            driver.server(server)
        }
        return driver
    }

    @Test func `whatever the pieces, the same passes and the same is written`() {
        let whole = Self.run(piece: nil)
        let sent = Self.exchange.flatMap(\.job)
        #expect(types(whole.upstream) == types(sent))
        #expect(whole.begun == 5)
        #expect(whole.ended == 5)
        #expect(whole.ending == .terminated)
        #expect(whole.relay.totals == SessionRelay.Totals(statements: 3, denied: 1, errors: 1, rows: 4))
        #expect(
            whole.log == [
                "+1/1 select 1", "=1 ok SELECT 2r", ".1 commit", "+2/2 select 2", "=2 ok SELECT 1r", ".2 commit",
                "+3/3 copy in", "=3 ok COPY 1r", ".3 commit", "+4/4 call", "=4 ok", ".4 commit", "-5/5 select secret",
            ]
        )
        #expect(whole.bytes == [1: 63, 2: 14, 3: 35, 4: 0])
        for piece in 1...80 {
            let cut = Self.run(piece: piece)
            #expect(cut.upstream == whole.upstream)
            #expect(cut.downstream == whole.downstream)
            #expect(cut.log == whole.log)
            #expect(cut.bytes == whole.bytes)
            #expect(cut.ending == .terminated)
        }
    }

    @Test func `what is allowed passes byte for byte, wherever it is cut`() {
        let stream =
            query("select 1") + parse("select 2", as: "s") + bind("s", to: "p", value: [UInt8](repeating: 7, count: 9))
            + describe("P", "p") + execute("p") + flush + close("S", "s") + sync + functionCall(1) + terminate
        for cut in 0...stream.count {
            var driver = Driver()
            driver.job(stream[..<cut])
            driver.job(stream[cut...])
            #expect(driver.upstream == stream)
            #expect(driver.begun == 3)
            #expect(driver.ending == .terminated)
        }
    }

    @Test func `a query is passed on whole or not at all`() {
        var driver = Driver()
        driver.job(query("delete from accounts").dropLast())
        #expect(driver.upstream.isEmpty)
        #expect(driver.log.isEmpty)
        #expect(!driver.relay.isMidMessage)
        driver.job([0])
        #expect(driver.upstream == query("delete from accounts"))
    }

    @Test func `copy data streams before it is whole`() {
        var driver = Driver()
        driver.job(query("copy in"))
        driver.server(copyIn)
        driver.forget()
        driver.job(copyData(1000).prefix(500))
        #expect(driver.upstream.count == 500)
        #expect(driver.relay.isMidMessage)
    }

    @Test(arguments: [
        ([UInt8(ascii: "Q"), 0, 0, 0, 3], "invalid message length"),
        ([UInt8(ascii: "S"), 0, 0, 0x4E, 0x20], "invalid message length"),
        ([UInt8(ascii: "B"), 0xFF, 0xFF, 0xFF, 0xFF], "invalid message length"),
        ([UInt8(ascii: "d"), 0x80, 0, 0, 0], "invalid message length"),
        ([27, 0, 0, 0, 4], "invalid frontend message type 27"),
        ([UInt8(ascii: "p"), 0, 0, 0, 4], "invalid frontend message type 112"),
        (Wire.message("Q"), "invalid string in message"),
        (Wire.message("Q", Array("select 1".utf8)), "invalid string in message"),
        (Wire.message("Q", Wire.string("select 1") + [0]), "invalid string in message"),
        (Wire.message("Q", Wire.string("select 1") + Wire.string("drop")), "invalid string in message"),
        (Wire.message("P", Wire.string("s") + Array("select 1".utf8)), "invalid string in message"),
        (Wire.message("P"), "invalid string in message"),
        (Wire.message("F", [0, 0]), "invalid message format"),
        (Wire.message("E", Wire.string("p")), "invalid message format"),
        (Wire.message("E", Wire.string("p") + [0, 0, 0, 0, 0]), "invalid message format"),
        (Wire.message("C", [0x53]), "invalid message format"),
        (Wire.message("B", Array("p".utf8)), "invalid name"),
        (Wire.message("B"), "invalid name"),
        (parse("select 1", as: "\u{FFFD}").map { $0 == 0xEF ? 0xFF : $0 }, "invalid name"),
    ])
    func `a broken message is a violation`(bytes: [UInt8], reason: String) {
        var driver = Driver()
        driver.job(query("select 1") + bytes)
        #expect(driver.upstream == query("select 1"))
        #expect(driver.ending == .jobViolation(reason))
    }

    @Test func `a message that must be whole has a bound`() {
        var driver = Driver()
        driver.job([UInt8(ascii: "Q"), 0x02, 0, 0, 0])
        #expect(driver.ending == .tooLarge(limit: 16 << 20))
    }

    @Test func `the transaction status is the server's word`() {
        var driver = Driver()
        for (letter, status) in [("T", TransactionStatus.inTransaction), ("E", .failed), ("I", .idle)] {
            driver.job(sync)
            driver.server(ready(Character(letter)))
            #expect(driver.relay.transactionStatus == status)
        }
        driver.job(sync)
        driver.server(ready("?"))
        #expect(driver.ending == .serverViolation("unknown transaction status"))
    }

    @Test func `a session is idle when every cycle was answered`() {
        var driver = Driver()
        #expect(driver.relay.isIdle)
        driver.job(query("select 1") + sync)
        #expect(!driver.relay.isIdle)
        driver.server(complete("SELECT 1") + ready())
        #expect(!driver.relay.isIdle)
        driver.server(ready())
        #expect(driver.relay.isIdle)
        #expect(driver.relay.runningSince == nil)
    }

    @Test func `a statement that was flushed and not synced is no silence`() {
        var driver = Driver()
        driver.job(extended("select 1") + execute() + flush)
        #expect(!driver.relay.isIdle)
        driver.server(parsed + bound + rowDescription + suspended)
        #expect(!driver.relay.isIdle)
        driver.server(complete("SELECT 1"))
        #expect(driver.relay.isIdle)
        // After an error the server throws away what comes before the next Sync.
        driver.job(execute())
        driver.server(failure("22012"))
        driver.job(execute())
        #expect(driver.relay.isIdle)
        driver.job(sync)
        #expect(!driver.relay.isIdle)
        driver.server(ready())
        #expect(driver.relay.isIdle)
    }

    @Test func `a change of the client's encoding ends the session before the job can use it`() {
        var driver = Driver()
        driver.server(parameter("client_encoding", "UTF8"))
        #expect(driver.ending == nil)
        driver.job(query("set"))
        driver.server(complete("SET") + parameter("client_encoding", "SJIS") + ready())
        #expect(driver.ending == .forbiddenSetting(name: "client_encoding", value: "SJIS"))
        #expect(driver.ended == 0)
    }

    @Test func `how literals are read may change where nothing rests on it`() {
        var driver = Driver()
        driver.server(parameter("standard_conforming_strings", "off"))
        #expect(driver.ending == .forbiddenSetting(name: "standard_conforming_strings", value: "off"))
        var free = Driver(
            RelayRules(isEnforced: false, isUnrestricted: true, rowsChanged: nil, names: 100, role: "r")
        )
        free.server(parameter("standard_conforming_strings", "off"))
        #expect(free.ending == nil)
    }

    @Test func `a setting that is too long to be read is refused, an error passes unread`() {
        var driver = Driver()
        driver.server([UInt8(ascii: "E"), 0, 1, 0, 0] + [UInt8](repeating: 1, count: 100))
        #expect(driver.ending == nil)
        #expect(driver.downstream.count == 105)
        #expect(driver.relay.isMidAnswer)
        var other = Driver()
        other.server([UInt8(ascii: "S"), 0, 1, 0, 0])
        #expect(other.ending == .serverViolation("ParameterStatus is too long"))
    }

    @Test func `a fatal error is remembered by its state`() {
        var driver = Driver()
        driver.job(query("select 1"))
        driver.server(failure("42601"))
        #expect(driver.relay.fatalState == nil)
        driver.server(failure("57P01", severity: "FATAL"))
        #expect(driver.relay.fatalState == "57P01")
        #expect(driver.relay.totals.errors == 2)
    }

    @Test(arguments: [complete("SELECT 1"), ready("T"), parsed, bound, closed, noData, suspended, empty, copyIn, row()])
    func `what comes while nothing is under way answers nothing`(bytes: [UInt8]) {
        var driver = Driver()
        driver.server(bytes)
        #expect(driver.ending == nil)
        #expect(driver.downstream == bytes)
        #expect(driver.log.isEmpty)
    }

    @Test(arguments: [
        (complete("SELECT 1"), "unexpected CommandComplete"),
        (bound, "unexpected ParseComplete or BindComplete"),
        (closed, "unexpected CloseComplete"), (noData, "unexpected NoData"), (suspended, "unexpected PortalSuspended"),
        (empty, "unexpected end of a statement"), (copyIn, "unexpected CopyInResponse"),
        (Wire.message("C"), "invalid CommandComplete"), (Wire.message("Z"), "invalid ReadyForQuery"),
        ([UInt8(ascii: "D"), 0x40, 0, 0, 0], "invalid message length"),
    ])
    func `an answer that is out of turn ends the session`(bytes: [UInt8], reason: String) {
        var driver = Driver()
        driver.job(parse("select 1") + sync)
        driver.server(bytes)
        #expect(driver.ending == .serverViolation(reason))
        #expect(driver.downstream.isEmpty)
    }

    @Test func `notices, notifications and settings come when they like`() {
        let asides = notice + notification + parameter("application_name", "x")
        let answers = [
            parsed, bound, parameterDescription, rowDescription, row(), suspended, row(), complete("SELECT 2"), closed,
            ready(),
        ]
        var driver = Driver()
        driver.job(
            parse("select 1") + bind() + describe("S") + execute(rows: 1) + execute() + close("P", "") + sync
        )
        for answer in answers { driver.server(asides + answer + asides) }
        #expect(driver.ending == nil)
        #expect(driver.relay.isIdle)
        #expect(driver.log == ["+1/1 select 1", "=1 ok SELECT 2r", ".1 commit"])
    }
}
