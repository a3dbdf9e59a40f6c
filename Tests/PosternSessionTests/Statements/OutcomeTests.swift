import PosternPolicy
import PosternSession
import PostgresWire
import Testing

/// One decision and one outcome for each statement and each portal, whatever is under way at once.
struct OutcomeTests {
    @Test func `a Query's statements are answered in order`() {
        var driver = Driver()
        driver.job(query("select 1; insert 2; create 3"))
        driver.server(
            rowDescription + row(10) + row(10) + complete("SELECT 2") + notice + complete("INSERT 0 5")
                + complete("CREATE TABLE") + ready()
        )
        #expect(
            driver.log.suffix(4) == ["=1 ok SELECT 2r", "=2 ok INSERT 5r", "=3 ok CREATE TABLE", ".1 commit"]
        )
        #expect(driver.bytes == [1: 30, 2: 0, 3: 0])
        let changes = [driver.relay.takeChangedCatalogue(), driver.relay.takeChangedCatalogue()]
        #expect(changes == [true, false])
    }

    @Test func `an error ends a Query: what ran, what failed, what never began`() {
        var driver = Driver()
        driver.job(query("insert 1; insert 2; insert 3"))
        driver.server(complete("INSERT 0 1") + row() + failure("23505") + ready())
        #expect(driver.log.suffix(4) == ["=1 ok INSERT 1r", "=2 error 1r 23505", "=3 skipped", ".1 rollback"])
    }

    @Test func `a text without statements has no record`() {
        var driver = Driver()
        driver.job(query("") + query(";") + extended("") + sync)
        driver.server(empty + ready() + empty + ready() + parsed + bound + noData + empty + ready())
        #expect(driver.log.isEmpty)
        #expect(driver.relay.isIdle)
    }

    @Test func `a text that was not understood is one statement, whatever the server makes of it`() {
        for answer in [complete("SELECT 1") + complete("UPDATE 4"), complete("UPDATE 5"), empty + complete("UPDATE 5")]
        {
            var driver = Driver.observing()
            driver.job(query("gibberish"))
            driver.server(answer + ready())
            #expect(driver.log.suffix(2).first == "=1 ok 5r")
        }
        var failing = Driver.observing()
        failing.job(query("gibberish"))
        failing.server(complete("UPDATE 4") + failure("22012") + ready())
        #expect(failing.log.suffix(2) == ["=1 error 22012", ".1 rollback"])
    }

    @Test func `answers find their portals under pipelining`() {
        var driver = Driver()
        driver.job(parse("select 1", as: "a") + parse("insert 2", as: "b"))
        for portal in ["p", "q", "r"] { driver.job(bind("a", to: portal) + bind("b", to: portal + "2")) }
        for portal in ["q", "p2", "r2", "p"] { driver.job(execute(portal)) }
        driver.job(sync + query("select 3"))
        driver.server(parsed + parsed + bound + bound + bound + bound + bound + bound)
        driver.server(row(1) + complete("SELECT 1") + complete("INSERT 0 7"))
        driver.server(failure("23505") + ready() + complete("SELECT 3") + ready())
        let outcomes = driver.log.filter { $0.hasPrefix("=") }
        #expect(outcomes.prefix(3) == ["=3 ok SELECT 1r", "=2 ok INSERT 7r", "=6 error 23505"])
        // `p` was to run next; the others were never executed.
        #expect(outcomes[3] == "=1 skipped")
        #expect(outcomes.dropFirst(4).sorted() == ["=4 skipped", "=5 skipped", "=7 ok SELECT 3r"])
    }

    @Test func `a suspended portal has one outcome, with all its rows`() {
        var driver = Driver()
        driver.job(parse("select 1") + bind(to: "p") + execute("p", rows: 2) + execute("p", rows: 2) + execute("p"))
        driver.server(parsed + bound + row() + row() + suspended + row() + row() + suspended)
        #expect(driver.log == ["+1/1 select 1"])
        driver.server(row() + complete("SELECT 1"))
        #expect(driver.log == ["+1/1 select 1", "=1 ok SELECT 5r"])
        // It is at its end: nothing more comes of it.
        driver.job(execute("p") + sync)
        driver.server(complete("SELECT 0") + ready())
        #expect(driver.log == ["+1/1 select 1", "=1 ok SELECT 5r", ".1 commit"])
    }

    @Test(arguments: [
        (close("P", "") + sync, closed + ready("T")),
        (parse("select 2") + bind() + sync, parsed + bound + ready("T")),
        (query("close all"), complete("CLOSE CURSOR ALL") + ready("T")),
        (query("discard all"), complete("DISCARD ALL") + ready("T")),
        (query("rollback"), complete("ROLLBACK") + ready()),
    ])
    func `a portal that is given up has its outcome then`(sent: [UInt8], answer: [UInt8]) {
        var driver = Driver()
        driver.job(query("begin") + parse("select 1") + bind() + execute(rows: 1) + sync)
        driver.server(complete("BEGIN") + ready("T") + parsed + bound + row() + suspended + ready("T"))
        driver.job(sent)
        #expect(!driver.log.contains("=2 ok 1r"))
        driver.server(answer)
        #expect(driver.log.contains("=2 ok 1r"))
        #expect(driver.ending == nil)
    }

    @Test func `a portal that never ran was skipped`() {
        var driver = Driver()
        driver.job(parse("select 1") + bind() + describe() + sync)
        driver.server(parsed + bound + rowDescription + ready())
        #expect(driver.log == ["+1/1 select 1", "=1 skipped"])
    }

    @Test func `an Execute of a cursor that SQL made has its own records`() {
        var driver = Driver()
        driver.job(query("begin") + query("declare c 1"))
        driver.server(complete("BEGIN") + ready("T") + complete("DECLARE CURSOR") + ready("T"))
        driver.forget()
        driver.job(execute("c", rows: 1) + execute("c") + sync)
        driver.server(row() + suspended + row() + row() + complete("SELECT 2") + ready("T"))
        #expect(driver.log == ["+3/1 declare c 1", "+4/1 declare c 1", "=3 ok 1r", "=4 ok SELECT 2r"])
        #expect(driver.relay.isIdle)
    }

    @Test func `FETCH, EXECUTE and results without a count`() {
        var driver = Driver()
        driver.job(query("begin; declare c 1; fetch c; prepare p 2; execute p; commit"))
        driver.server(
            complete("BEGIN") + complete("DECLARE CURSOR") + rowDescription + row() + row() + complete("FETCH 2")
                + complete("PREPARE") + rowDescription + row() + complete("SELECT 1") + complete("COMMIT") + ready()
        )
        #expect(
            driver.log.filter { !$0.hasPrefix("+") } == [
                "=1 ok BEGIN", "=2 ok DECLARE CURSOR", "=3 ok FETCH 2r", "=4 ok PREPARE", "=5 ok SELECT 1r",
                "=6 ok COMMIT", ".1 commit",
            ]
        )
    }

    @Test func `a rule that adds a SELECT adds rows and no end`() {
        var driver = Driver()
        driver.job(query("insert 1"))
        driver.server(
            rowDescription + row() + rowDescription + row() + complete("INSERT 0 1") + ready()
        )
        #expect(driver.log == ["+1/1 insert 1", "=1 ok INSERT 2r", ".1 commit"])
    }

    @Test func `a FunctionCall, and one that fails`() {
        var driver = Driver()
        driver.job(functionCall(1) + functionCall(2))
        driver.server(functionResult + ready() + failure("22012") + ready())
        #expect(driver.log == ["+1/1 call", "+2/2 call", "=1 ok", ".1 commit", "=2 error 22012", ".2 rollback"])
    }

    @Test func `an error at Sync rolls back what was done`() {
        var driver = Driver()
        driver.job(extended("insert 1") + sync + extended("insert 2") + sync)
        driver.server(parsed + bound + noData + complete("INSERT 0 1") + failure("23503") + ready())
        driver.server(parsed + bound + noData + complete("INSERT 0 1") + ready())
        #expect(
            driver.log.filter { !$0.hasPrefix("+") } == [
                "=1 ok INSERT 1r", ".1 rollback", "=2 ok INSERT 1r", ".2 commit",
            ]
        )
        #expect(driver.relay.isIdle)
    }

    @Test func `Describe of what is not there is an error like any other`() {
        var driver = Driver()
        driver.job(describe("S", "none") + extended("select 1") + sync)
        driver.server(failure("26000") + ready())
        #expect(driver.relay.isIdle)
        #expect(driver.log == ["+1/1 select 1", "=1 skipped"])
    }

    @Test func `the connection breaks: every statement has its outcome`() {
        var driver = Driver()
        driver.job(query("begin") + parse("select 1") + bind(to: "p") + execute("p", rows: 1))
        driver.job(parse("select 2", as: "s") + bind("s", to: "q") + flush)
        driver.server(complete("BEGIN") + ready("T") + parsed + bound + row() + suspended + parsed + bound)
        driver.job(sync + query("select 3; select 4") + query("select 5"))
        driver.server(ready("T"))
        driver.forget()
        driver.end()
        #expect(
            driver.log.sorted() == [
                ".1 unknown", "=2 ok 1r", "=3 skipped", "=4 unknown", "=5 skipped", "=6 unknown",
            ]
        )
        #expect(driver.relay.isIdle)
    }

    @Test func `the duration is from forwarding to answer`() throws {
        var driver = Driver()
        driver.job(query("select 1"))
        driver.server(complete("SELECT 1"))
        guard case .outcome(let outcome) = try #require(driver.journal.last) else {
            Issue.record("no outcome")
            return
        }
        #expect(outcome.duration == .microseconds(1))
    }
}
