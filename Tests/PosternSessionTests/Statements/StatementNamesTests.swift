import PosternPolicy
import PosternSession
import PostgresWire
import Testing

/// Names of prepared statements and portals: what they stand for is told by the server's answers, in order.
struct StatementNamesTests {
    /// A session that has prepared `p` by SQL and `s` by Parse.
    private func prepared() -> Driver {
        var driver = Driver()
        driver.job(query("prepare p first") + parse("select second", as: "s") + sync)
        driver.server(complete("PREPARE") + ready() + parsed + ready())
        driver.forget()
        return driver
    }

    @Test func `SQL and protocol share the statements' names`() {
        var driver = prepared()
        driver.job(bind("p") + execute() + sync + query("execute s"))
        #expect(types(driver.upstream) == "BESQ")
        #expect(driver.log == ["+2/2 prepare p first", "+3/3 execute s"])
    }

    @Test func `a cursor of SQL and a portal share theirs`() {
        var driver = Driver()
        driver.job(query("begin") + query("declare c first") + parse("select 1") + bind(to: "d") + sync)
        driver.server(
            complete("BEGIN") + ready("T") + complete("DECLARE CURSOR") + ready("T") + parsed + bound + ready("T")
        )
        driver.forget()
        driver.job(execute("c") + sync + query("fetch d"))
        #expect(types(driver.upstream) == "ESQ")
        #expect(driver.ending == nil)
    }

    @Test(arguments: [
        (bind("n") + execute() + sync, "BS", "26000"),
        (execute("n") + sync, "ES", "34000"),
        (query("execute n"), "Q", "26000"),
        (query("fetch n"), "Q", "34000"),
        (parse("execute n") + bind() + execute() + sync, "PS", "26000"),
    ])
    func `a name that was not seen is refused where rules are enforced, and passes where they are not`(
        sent: [UInt8],
        types expected: String,
        state: String
    ) {
        var driver = Driver()
        driver.job(sent)
        #expect(types(driver.upstream) == expected)
        #expect(String(decoding: driver.upstream, as: UTF8.self).contains(FakeJudge.nonce))
        let isText = driver.upstream.first == UInt8(ascii: "Q") || driver.upstream.first == UInt8(ascii: "P")
        driver.server(failure(isText ? "42601" : state, "\"\(FakeJudge.nonce)\" is wrong") + ready())
        #expect(driver.errors.map(\.sqlState?.rawValue) == [state])
        #expect(driver.errors.allSatisfy { !$0.message.contains("postern_deny") && $0.message.contains("\"n\"") })
        #expect(driver.relay.isIdle)

        var observing = Driver.observing()
        observing.job(sent)
        #expect(observing.upstream == sent)
    }

    @Test func `a name is another's only when the server has said so`() {
        // The second Parse of a name fails (42P05): the first stays.
        var driver = prepared()
        driver.job(parse("select third", as: "s") + sync + bind("s") + execute() + sync)
        // Which of the two will run is not known yet.
        #expect(types(driver.upstream) == "PS")
        #expect(driver.wait == .answers)
        driver.server(failure("42P05") + ready())
        #expect(types(driver.upstream) == "PSBES")
        #expect(driver.log == ["+2/2 select second"])
    }

    @Test func `a name that is made and used in one cycle waits for nothing`() {
        var driver = prepared()
        driver.job(close("S", "s") + parse("select third", as: "s") + bind("s") + execute() + sync)
        #expect(driver.wait == nil)
        driver.server(closed + parsed + bound + complete("SELECT 1") + ready())
        #expect(driver.log == ["+2/2 select third", "=2 ok SELECT 1r", ".2 commit"])
    }

    @Test func `a Query that may make a name anew is waited for before the name is used`() {
        // PREPARE of a name that exists fails, and EXECUTE behind it runs the old statement.
        var driver = prepared()
        driver.job(query("prepare p other") + query("execute p"))
        #expect(types(driver.upstream) == "Q")
        #expect(driver.wait == .answers)
        driver.server(failure("42P05"))
        #expect(types(driver.upstream) == "QQ")
    }

    @Test func `the old text is what counts when the new one was refused`() {
        // `t` was prepared, then the path changed so that it is denied: to prepare the name anew hides nothing.
        var driver = Driver()
        driver.job(query("prepare p t") + query("path other"))
        driver.server(complete("PREPARE") + ready() + complete("SET") + ready())
        driver.forget()
        driver.job(query("prepare p harmless") + query("execute p"))
        driver.server(failure("42P05") + ready())
        #expect(driver.log == ["+3/3 prepare p harmless", "=3 error 42P05", ".3 rollback", "-4/4 execute p !42501"])
        #expect(String(decoding: driver.upstream, as: UTF8.self).contains(FakeJudge.nonce))
    }

    @Test func `an unnamed statement that may have been skipped is waited for`() {
        var driver = Driver()
        driver.job(extended("select first") + sync)
        driver.server(parsed + bound + noData + complete("SELECT 1") + ready())
        driver.forget()
        // The first Parse fails, the second is thrown away: the unnamed statement is still the first text.
        driver.job(parse("select wrong", as: "x") + parse("select second") + sync + bind() + execute() + sync)
        #expect(types(driver.upstream) == "PPS")
        driver.server(failure("42601") + ready())
        driver.server(bound + complete("SELECT 1") + ready())
        #expect(driver.log == ["+2/2 select first", "=2 ok SELECT 1r", ".2 commit"])
    }

    @Test func `a portal that may not have been bound anew is waited for`() {
        var driver = Driver()
        driver.job(query("begin") + parse("select first", as: "a") + bind("a", to: "c") + sync)
        driver.server(complete("BEGIN") + ready("T") + parsed + bound + ready("T"))
        driver.job(query("savepoint x") + parse("select second", as: "b") + bind("b", to: "c") + sync)
        driver.job(query("rollback to x") + execute("c") + sync)
        driver.server(complete("SAVEPOINT") + ready("T") + parsed)
        #expect(driver.wait == .answers)
        driver.server(failure("42P03") + ready("E"))
        #expect(driver.wait == nil)
        driver.server(complete("ROLLBACK") + ready("T") + complete("SELECT 7") + ready("T"))
        #expect(driver.log.contains("=2 ok SELECT 7r"))
        #expect(driver.log.contains("=4 error 42P03"))
    }

    @Test(arguments: [
        ("deallocate p", "DEALLOCATE", ["p"]), ("deallocate all", "DEALLOCATE ALL", ["p", "s"]),
        ("discard all", "DISCARD ALL", ["p", "s"]),
    ])
    func `DEALLOCATE and DISCARD end names when they have run`(text: String, tag: String, gone: [String]) {
        for name in ["p", "s"] {
            var refused = prepared()
            refused.job(query(text))
            refused.server(failure("25001") + ready())
            refused.forget()
            refused.job(bind(name) + sync)
            #expect(refused.upstream == bind(name) + sync)

            var driver = prepared()
            driver.job(query(text))
            driver.server(complete(tag) + ready())
            driver.forget()
            driver.job(bind(name) + sync)
            #expect((driver.upstream == bind(name) + sync) == !gone.contains(name))
        }
    }

    @Test func `DEALLOCATE ALL leaves the unnamed statement, a Query ends it, a FunctionCall does not`() {
        var driver = Driver()
        driver.job(parse("deallocate all") + bind() + execute() + bind() + execute() + sync)
        driver.server(parsed + bound + complete("DEALLOCATE ALL") + bound + complete("DEALLOCATE ALL") + ready())
        driver.job(bind() + execute() + sync + functionCall(1))
        driver.server(bound + complete("DEALLOCATE ALL") + ready() + functionResult + ready())
        driver.forget()
        driver.job(bind() + sync)
        driver.server(bound + ready())
        #expect(driver.upstream == bind() + sync)
        driver.job(query("select 1"))
        driver.server(complete("SELECT 1") + ready())
        driver.forget()
        // Nobody but Parse makes it: the server says itself that it is not there, and there is nothing to record.
        driver.job(bind() + execute() + sync)
        driver.server(failure("26000") + ready())
        #expect(driver.upstream == bind() + execute() + sync)
        #expect(driver.log.isEmpty)
    }

    @Test func `Close ends a name when it is answered, Close of none is answered too`() {
        var driver = prepared()
        driver.job(close("S", "s") + close("S", "none") + close("P", "none") + sync)
        driver.server(closed + closed + closed + ready())
        driver.forget()
        driver.job(bind("s") + sync)
        #expect(driver.upstream != bind("s") + sync)
        #expect(driver.ending == nil)
    }

    @Test func `a denied Parse leaves the name's old statement`() {
        var driver = prepared()
        driver.job(parse("select secret", as: "s") + sync)
        driver.server(failure("42601", "at \(FakeJudge.nonce)") + ready())
        driver.forget()
        driver.job(bind("s") + execute() + sync)
        #expect(driver.log == ["+3/2 select second"])
        #expect(types(driver.upstream) == "BES")
    }

    @Test func `names of 63 bytes are names, longer ones are none`() {
        let name = String(repeating: "n", count: 63)
        var driver = Driver()
        driver.job(parse("select 1", as: name) + bind(name, to: name) + execute(name) + sync)
        #expect(types(driver.upstream) == "PBES")
        for sent in [
            parse("select 1", as: name + "n"), bind(name + "n"), bind(name, to: name + "n"), execute(name + "n"),
            close("S", name + "n"),
        ] {
            var driver = Driver()
            driver.job(sent)
            #expect(driver.upstream.isEmpty)
            guard case .jobViolation = driver.ending else {
                Issue.record("\(String(describing: driver.ending))")
                return
            }
        }
    }

    @Test func `names are compared by their bytes`() {
        var driver = Driver()
        driver.job(parse("select 1", as: "e\u{301}") + sync)
        driver.server(parsed + ready())
        driver.forget()
        driver.job(bind("\u{E9}") + sync)
        #expect(driver.upstream != bind("\u{E9}") + sync)
    }

    @Test func `names are bounded`() {
        var driver = Driver(
            RelayRules(isEnforced: true, isUnrestricted: false, rowsChanged: nil, names: 3, role: "r")
        )
        for name in ["a", "b", "c"] { driver.job(parse("select 1", as: name)) }
        #expect(driver.ending == nil)
        driver.job(parse("select 1", as: "d"))
        #expect(driver.ending == .tooManyNames(limit: 3))
    }

    @Test func `a text that many portals share is held once`() {
        var driver = Driver()
        driver.job(parse("select \(String(repeating: "x", count: 1 << 20))", as: "s"))
        for _ in 0..<100 { driver.job(bind("s") + execute()) }
        #expect(driver.ending == nil)
    }

    // MARK: Judged again

    @Test func `what was prepared is judged again when the rules have changed`() {
        var driver = Driver()
        driver.job(parse("select later", as: "s") + sync + query("prepare p later"))
        driver.server(parsed + ready() + complete("PREPARE") + ready())
        driver.judge.strict = true
        driver.forget()
        driver.job(bind("s") + execute() + sync)
        #expect(types(driver.upstream) == "BS")
        driver.server(failure("26000", "prepared statement \"\(FakeJudge.nonce)\" does not exist") + ready())
        driver.job(query("execute p") + parse("execute p"))
        #expect(driver.log == ["-2/2 select later", "-3/2 execute p !42501", "-4/2 execute p !42501"])
        #expect(driver.errors.map(\.sqlState?.rawValue) == ["42501"])
    }

    @Test func `a statement is judged by every path that the session used since`() {
        var driver = Driver()
        driver.job(parse("select t", as: "s") + sync)
        driver.server(parsed + ready())
        // In the same packet: the path is in force before any answer says so.
        driver.job(query("path other") + bind("s") + execute() + sync)
        #expect(driver.log == ["+1/1 path other", "-2/2 select t"])
    }

    @Test func `paths are bounded where any may be set`() {
        var driver = Driver.observing()
        for number in 0..<300 {
            driver.job(query("path s\(number)"))
            driver.server(complete("SET") + ready())
        }
        #expect(driver.relay.paths.schemas.count == 256)
    }

    @Test func `a portal is judged again before it runs: utility statements look names up then`() {
        var driver = Driver()
        driver.job(query("begin") + parse("truncate t", as: "s") + bind("s", to: "c") + sync)
        driver.server(complete("BEGIN") + ready("T") + parsed + bound + ready("T"))
        driver.job(parse("path other") + bind() + execute() + execute("c") + sync)
        driver.server(parsed + bound + complete("SET"))
        driver.server(failure("34000", "portal \"\(FakeJudge.nonce)\" does not exist") + ready("E"))
        #expect(driver.errors.map(\.sqlState?.rawValue) == ["42501"])
        #expect(
            driver.log == [
                "+1/1 begin", "+2/1 truncate t", "=1 ok BEGIN", "+3/1 path other", "-4/1 truncate t !42501",
                "=3 ok SET",
            ]
        )
        driver.job(query("rollback"))
        driver.server(complete("ROLLBACK") + ready())
        #expect(driver.log.suffix(4) == ["+5/1 rollback", "=5 ok ROLLBACK", ".1 rollback", "=2 skipped"])
    }

    @Test func `a judgement made elsewhere is waited for, with what came before it sent`() {
        var driver = Driver()
        driver.judge.limit = 20
        driver.job(query("select 1") + query("select a long text that takes a while") + query("select 2"))
        #expect(driver.judgements == 1)
        #expect(types(driver.upstream) == "QQQ")
        driver.judge.judgedElsewhere = []
        driver.judge.strict = true
        driver.job(parse("select another text, a long one", as: "s") + bind("s") + sync)
        #expect(driver.judgements == 2)
    }
}
