import PosternSession
import PostgresWire
import Testing

/// COPY in every order that drivers and servers know (protocol.md 1.7).
struct CopyTests {
    private static let copy = parse("copy in") + bind() + execute()

    @Test func `a simple copy is answered after its end`() {
        var driver = Driver()
        driver.job(query("copy in"))
        driver.server(copyIn)
        driver.job(copyData(10) + copyData(20) + copyDone)
        #expect(!driver.relay.isIdle)
        driver.server(complete("COPY 2") + ready())
        #expect(driver.relay.isIdle)
        #expect(driver.log == ["+1/1 copy in", "=1 ok COPY 2r", ".1 commit"])
        #expect(driver.bytes == [1: 40])
    }

    @Test func `a copy that is sent without waiting`() {
        var driver = Driver()
        driver.job(query("copy in") + copyData(10) + copyDone + query("select 1"))
        driver.server(copyIn + complete("COPY 1") + ready() + row() + complete("SELECT 1") + ready())
        #expect(driver.relay.isIdle)
        #expect(driver.log.filter { $0.hasPrefix("=") } == ["=1 ok COPY 1r", "=2 ok SELECT 1r"])
    }

    @Test func `a copy that does not start leaves its data to nobody`() {
        var driver = Driver()
        let sent = query("copy in") + copyData(10) + copyDone + query("copy in") + copyData(10) + copyDone
        driver.job(sent)
        #expect(driver.upstream == sent)
        driver.server(failure("42P01") + ready() + copyIn + complete("COPY 1") + ready())
        #expect(driver.relay.isIdle)
        #expect(driver.log.filter { $0.hasPrefix("=") } == ["=1 error 42P01", "=2 ok COPY 1r"])
    }

    @Test func `an error in the midst of the data, with data under way`() {
        var driver = Driver()
        driver.job(query("copy in"))
        driver.server(copyIn)
        driver.job(copyData(10))
        driver.server(failure("22P02") + ready())
        driver.forget()
        // The job has not read the error yet: the server drops these, but they go there.
        driver.job(copyData(10) + copyDone + query("select 1"))
        #expect(types(driver.upstream) == "dcQ")
        driver.server(complete("SELECT 1") + ready())
        #expect(driver.relay.isIdle)
        #expect(driver.log == ["+2/2 select 1", "=2 ok SELECT 1r", ".2 commit"])
    }

    @Test func `the job gives up`() {
        var driver = Driver()
        driver.job(query("copy in"))
        driver.server(copyIn)
        driver.job(copyData(10) + copyFail("no more"))
        driver.server(failure("57014", "COPY from stdin failed: no more") + ready())
        #expect(driver.relay.isIdle)
        #expect(driver.log.last == ".1 rollback")
    }

    @Test func `Syncs that a copy swallows are not waited for`() {
        // P B E(copy) S d c S: the server ignores the first Sync and answers the second alone.
        var driver = Driver()
        driver.job(Self.copy + sync + copyData(1) + copyDone + sync)
        driver.server(parsed + bound + copyIn + complete("COPY 1") + ready())
        #expect(driver.relay.isIdle)
        #expect(driver.log.last == ".1 commit")
    }

    @Test func `Syncs and Flushes within the data are swallowed too`() {
        var driver = Driver()
        driver.job(Self.copy + flush)
        driver.server(parsed + bound + copyIn)
        driver.job(sync + copyData(1) + flush + sync + copyData(1) + copyDone + sync)
        driver.server(complete("COPY 2") + ready())
        #expect(driver.relay.isIdle)
        driver.job(query("select 1"))
        driver.server(complete("SELECT 1") + ready())
        #expect(driver.ending == nil)
        #expect(driver.log.filter { $0.hasPrefix("=") } == ["=1 ok COPY 2r", "=2 ok SELECT 1r"])
    }

    @Test func `a copy of the extended protocol that does not start answers every Sync`() {
        var driver = Driver()
        driver.job(Self.copy + sync + copyData(1) + copyDone + sync)
        driver.server(parsed + bound + failure("42501") + ready() + ready())
        #expect(driver.relay.isIdle)
        #expect(driver.ended == 2)
    }

    @Test func `an error in the midst of the data of an extended copy`() {
        var driver = Driver()
        driver.job(Self.copy + sync)
        driver.server(parsed + bound + copyIn)
        driver.job(copyData(1))
        driver.server(failure("22P02"))
        driver.job(copyData(1) + copyDone + sync)
        driver.server(ready())
        #expect(driver.relay.isIdle)
        #expect(driver.log == ["+1/1 copy in", "=1 error 22P02", ".1 rollback"])
    }

    @Test func `a Sync that the server read after all is answered after all`() {
        // COPY into a view fails after CopyInResponse and before the server reads on: the Sync behind Execute counts.
        var driver = Driver()
        driver.job(Self.copy + sync)
        driver.server(parsed + bound + copyIn + failure("42809") + ready())
        #expect(driver.ending == nil)
        #expect(driver.relay.isIdle)
        driver.forget()
        driver.job(query("select 1"))
        #expect(types(driver.upstream) == "Q")
        driver.server(complete("SELECT 1") + ready())
        #expect(driver.log == ["+2/2 select 1", "=2 ok SELECT 1r", ".2 commit"])
    }

    @Test func `such a Sync's answer is not taken for another's`() {
        var driver = Driver()
        driver.job(Self.copy + sync)
        driver.server(parsed + bound + copyIn)
        // The job ends its copy while the error is on its way.
        driver.job(copyData(1) + copyDone + sync + extended("select 1") + sync)
        driver.server(failure("42809") + ready() + ready())
        driver.server(parsed + bound + noData + complete("SELECT 1") + ready())
        #expect(driver.ending == nil)
        #expect(driver.relay.isIdle)
        #expect(driver.log.filter { $0.hasPrefix("=") } == ["=1 error 42809", "=2 ok SELECT 1r"])
    }

    @Test func `nor for that of a Query that is denied`() {
        var driver = Driver()
        driver.job(Self.copy + sync)
        driver.server(parsed + bound + copyIn)
        driver.job(copyData(1) + copyDone + sync + query("select secret"))
        driver.server(failure("42809") + ready() + ready())
        driver.server(failure("42601", "at \(FakeJudge.nonce)") + ready())
        #expect(types(driver.downstream) == "12GEZZEZ")
        #expect(driver.errors.last?.sqlState == .insufficientPrivilege)
        #expect(driver.relay.isIdle)
    }

    @Test func `copies one after the other in one text`() {
        var driver = Driver()
        driver.job(query("copy in; copy in; select 1"))
        for _ in 0..<2 {
            driver.server(copyIn)
            driver.job(copyData(5) + copyDone)
            driver.server(complete("COPY 1"))
        }
        driver.server(complete("SELECT 1") + ready())
        #expect(driver.log.filter { $0.hasPrefix("=") } == ["=1 ok COPY 1r", "=2 ok COPY 1r", "=3 ok SELECT 1r"])
        #expect(driver.relay.isIdle)
    }

    @Test func `data out`() {
        var driver = Driver()
        driver.job(query("copy out") + parse("copy out") + bind() + execute() + sync)
        let data = copyOut + copyData(10) + notice + copyData(20) + copyDone + complete("COPY 2")
        driver.server(data + ready() + parsed + bound + data + ready())
        #expect(driver.relay.isIdle)
        #expect(driver.bytes == [1: 40, 2: 40])
    }

    @Test func `a denied copy next to one that is allowed`() {
        let denial = failure("42601", "at \(FakeJudge.nonce)")
        var driver = Driver()
        driver.job(
            query("copy in") + copyData(1) + copyDone + query("copy secret") + copyData(1) + copyDone
                + query("copy in") + copyData(1) + copyDone
        )
        driver.server(copyIn + complete("COPY 1") + ready() + denial + ready() + copyIn + complete("COPY 1") + ready())
        #expect(types(driver.downstream) == "GCZEZGCZ")
        #expect(driver.relay.isIdle)

        var other = Driver()
        other.job(parse("copy secret") + bind() + execute() + sync + copyData(1) + copyDone + sync)
        #expect(types(other.upstream) == "PSdcS")
        other.server(denial + ready() + ready())
        #expect(types(other.downstream) == "EZZ")
        #expect(other.relay.isIdle)
    }
}
