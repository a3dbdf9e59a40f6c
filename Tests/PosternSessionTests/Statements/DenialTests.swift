import PosternPolicy
import PosternSession
import PostgresWire
import Testing

/// What the job and the server see of a denied message.
struct DenialTests {
    private static let denied = query("select secret")
    /// The server's errors for what goes up in the place of Query or Parse, Bind, Execute and FunctionCall.
    private static let syntaxError = failure("42601", "syntax error at or near \"\(FakeJudge.nonce)\"")
    private static let noStatement = failure("26000", "prepared statement \"\(FakeJudge.nonce)\" does not exist")
    private static let noPortal = failure("34000", "portal \"\(FakeJudge.nonce)\" does not exist")
    private static let noFunction = failure("42883", "function with OID \(FakeJudge.missingFunction) does not exist")

    @Test func `the words are the policy's, nothing tells of the text that the server saw`() throws {
        var driver = Driver()
        driver.job(Self.denied)
        let sent = String(decoding: driver.upstream, as: UTF8.self)
        #expect(sent.contains("/* postern: denied by policy, rule no-secrets, session 0123456789abcdef */"))
        #expect(!sent.contains("secret;") && !sent.contains("select"))
        driver.server(Self.syntaxError + ready())
        let error = try #require(driver.errors.first)
        #expect(error.sqlState == .insufficientPrivilege)
        #expect(error.severity == .error)
        #expect(error.message == "permission denied by policy (session 0123456789abcdef)")
        #expect(error[.detail] == "rule no-secrets")
        #expect(error[.hint] == "ask")
        for code in [ErrorFields.Code.position, .context, .file, .line, .routine, .internalQuery] {
            #expect(error[code] == nil)
        }
        #expect(types(driver.downstream) == "EZ")
        #expect(driver.log == ["-1/1 select secret"])
        #expect(driver.relay.totals == SessionRelay.Totals(denied: 1, errors: 1))
    }

    @Test func `another error in its place goes to the job as it is`() {
        for native in [
            failure("57014", "canceling statement due to statement timeout"), failure("25P02", "aborted"),
            failure("42601", "syntax error at or near \"postern_deny_\""),
        ] {
            var driver = Driver()
            driver.job(Self.denied)
            driver.server(native + ready("E"))
            #expect(driver.downstream == native + ready("E"))
        }
    }

    @Test func `the nonce rewrites no error but that of its own message`() {
        var driver = Driver()
        driver.job(query("select 1") + Self.denied)
        driver.server(Self.syntaxError + ready())
        #expect(driver.downstream == Self.syntaxError + ready())
    }

    @Test(arguments: [
        (query("select secret"), syntaxError, "Q", "Q"),
        (query("select 1; select secret"), syntaxError, "Q", "Q"),
        (extended("select secret") + sync, syntaxError, "PS", "S"),
        (parse("select secret", as: "s") + describe("S", "s") + sync, syntaxError, "PS", "S"),
        (functionCall(666), noFunction, "F", "F"),
        (bind("none") + describe() + execute() + sync, noStatement, "BS", "S"),
        (execute("none") + sync, noPortal, "ES", "S"),
    ])
    func `one error and one ReadyForQuery, in every status`(
        sent: [UInt8],
        error: [UInt8],
        upstream: String,
        last: String
    ) {
        for status in ["I", "E"] as [Character] {
            for piece in [nil, 1, 3] as [Int?] {
                var driver = Driver(piece: piece)
                driver.job(sent)
                #expect(types(driver.upstream) == upstream)
                driver.server(error + ready(status))
                #expect(types(driver.downstream) == "EZ")
                #expect(driver.relay.isIdle)
                #expect(driver.begun == 1 && driver.ended == 1)
                #expect(!String(decoding: driver.downstream, as: UTF8.self).contains("postern_deny"))
                // What comes next passes.
                driver.forget()
                driver.job(query("select 1"))
                #expect(driver.upstream == query("select 1"))
            }
        }
    }

    @Test func `a denied Parse keeps its name, a denied Bind its portal`() {
        var driver = Driver()
        driver.job(parse("select secret", as: "name"))
        #expect(messages(driver.upstream).first?.body.starts(with: Wire.string("name")) == true)
        var other = Driver()
        other.job(bind("none", to: "portal"))
        let body = Wire.string("portal") + Wire.string(FakeJudge.nonce) + [0, 0, 0, 0, 0, 0]
        #expect(other.upstream == Wire.message("B", body))
    }

    @Test func `a denied Bind's values go nowhere, however large they are`() {
        for piece in [nil, 1, 7, 200] as [Int?] {
            var driver = Driver(piece: piece)
            driver.job(bind("none", value: [UInt8](repeating: 7, count: 300)) + sync)
            #expect(types(driver.upstream) == "BS")
            #expect(!driver.upstream.contains(7))
            #expect(!driver.relay.isMidMessage)
        }
    }

    @Test func `a pipeline is rolled back with what is denied in it`() {
        var driver = Driver()
        driver.job(extended("insert 1") + extended("select secret") + extended("insert 2") + sync)
        #expect(types(driver.upstream) == "PBDEPS")
        driver.server(parsed + bound + noData + complete("INSERT 0 1") + Self.syntaxError + ready())
        #expect(types(driver.downstream) == "12nCEZ")
        // What was thrown away unread is not recorded.
        #expect(driver.log == ["+1/1 insert 1", "-2/1 select secret", "=1 ok INSERT 1r", ".1 rollback"])
    }

    @Test func `a denied unnamed statement leaves no record of the one before it`() {
        var driver = Driver()
        driver.job(extended("select 1") + sync)
        driver.server(parsed + bound + noData + complete("SELECT 1") + ready())
        driver.forget()
        driver.job(extended("select secret") + sync)
        driver.server(Self.syntaxError + ready())
        #expect(driver.log == ["-2/2 select secret"])
    }

    @Test func `after an earlier error the poison is thrown away like everything else`() {
        var driver = Driver()
        driver.job(extended("select wrong") + extended("select secret") + sync + Self.denied)
        let native = failure("42703")
        driver.server(native + ready() + Self.syntaxError + ready())
        #expect(types(driver.downstream) == "EZEZ")
        #expect(driver.errors.map { $0.sqlState } == [SQLState(rawValue: "42703"), .insufficientPrivilege])
        #expect(driver.relay.isIdle)
    }

    @Test func `what the server throws away anyway does not go there`() {
        var driver = Driver()
        driver.job(extended("select wrong"))
        driver.server(failure("42703"))
        driver.forget()
        driver.job(
            extended("select 2") + query("select secret") + functionCall(1) + flush + close("S", "s")
                + bind(value: [UInt8](repeating: 1, count: 500)) + sync + query("select 3")
        )
        #expect(types(driver.upstream) == "HSQ")
        #expect(driver.log == ["+2/2 select 3"])
    }

    @Test func `transaction, savepoint and rollback are the server's own doing`() {
        var driver = Driver()
        driver.job(query("begin") + query("savepoint s") + Self.denied + query("rollback to s") + query("commit"))
        driver.server(complete("BEGIN") + ready("T") + complete("SAVEPOINT") + ready("T"))
        driver.server(Self.syntaxError + ready("E"))
        #expect(driver.relay.transactionStatus == .failed)
        driver.server(complete("ROLLBACK") + ready("T") + complete("COMMIT") + ready())
        #expect(
            driver.log == [
                "+1/1 begin", "+2/1 savepoint s", "-3/1 select secret", "+4/1 rollback to s", "+5/1 commit",
                "=1 ok BEGIN", "=2 ok SAVEPOINT", "=4 ok ROLLBACK", "=5 ok COMMIT", ".1 commit",
            ]
        )
    }

    @Test func `of a text with a denied statement nothing runs`() {
        var driver = Driver()
        driver.job(query("insert 1; select secret; insert 2"))
        #expect(types(driver.upstream) == "Q")
        #expect(!String(decoding: driver.upstream, as: UTF8.self).contains("insert"))
        #expect(
            driver.log == [
                "-1/1 insert 1; select secret; insert 2", "-2/1 insert 1; select secret; insert 2[1]",
                "-3/1 insert 1; select secret; insert 2[2]",
            ]
        )
    }

    @Test func `a cancellation of the gateway's own is told in its words, once`() throws {
        var driver = Driver()
        driver.relay.cancellation = "the statement took too long"
        driver.job(query("select 1") + query("select 2"))
        let canceled = failure("57014", "canceling statement due to user request")
        driver.server(canceled + ready() + canceled + ready())
        let errors = driver.errors
        try #require(errors.count == 2)
        #expect(errors[0].message == "the statement took too long (session 0123456789abcdef)")
        #expect(errors[1].message == "canceling statement due to user request")
        #expect(driver.log.filter { $0.hasPrefix("=") } == ["=1 canceled 57014", "=2 canceled 57014"])
    }

    @Test func `where nothing is enforced everything passes and is written`() {
        var driver = Driver.observing()
        let sent = query("select secret") + extended("select secret") + sync + functionCall(666)
        driver.job(sent)
        #expect(driver.upstream == sent)
        #expect(driver.log == ["+1/1 select secret", "+2/2 select secret", "+3/3 call secret"])
    }
}
