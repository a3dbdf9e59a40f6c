import PosternSession
import PostgresWire
import Testing

/// A message with a type byte, a length and a body.
private func message(_ type: Character, _ body: [UInt8] = []) -> [UInt8] {
    let length = UInt32(body.count + 4)
    return [type.asciiValue ?? 0] + withUnsafeBytes(of: length.bigEndian) { Array($0) } + body
}

private func query(_ text: String) -> [UInt8] { message("Q", Array(text.utf8) + [0]) }
private func complete(_ tag: String) -> [UInt8] { message("C", Array(tag.utf8) + [0]) }
private let ready = message("Z", [UInt8(ascii: "I")])
private let sync = message("S")

/// Feeds bytes piece by piece as a driver does: what is not forwarded comes again with the next piece.
private struct Driver {
    var relay = SessionRelay()
    private var held: [UInt8] = []
    private(set) var forwarded: [UInt8] = []
    private(set) var begun = 0
    private(set) var ended = 0
    private(set) var ending: SessionRelay.Ending?

    mutating func job(_ bytes: some Sequence<UInt8>) {
        take(bytes) { relay, input in relay.fromJob(input.span) }
    }

    mutating func server(_ bytes: some Sequence<UInt8>) {
        take(bytes) { relay, input in relay.fromServer(input.span) }
    }

    private mutating func take(
        _ bytes: some Sequence<UInt8>,
        _ step: (inout SessionRelay, [UInt8]) -> SessionRelay.Step
    ) {
        guard ending == nil else { return }
        held += bytes
        let made = step(&relay, held)
        forwarded += held.prefix(made.forward)
        held.removeFirst(made.forward)
        begun += made.cyclesBegun
        ended += made.cyclesEnded
        ending = made.ending
    }
}

struct SessionRelayTests {
    @Test func `whatever the pieces, the same bytes pass and the same is counted`() {
        let bind = message("B", Array("portal\0statement\0".utf8) + [UInt8](repeating: 7, count: 40))
        let stream =
            query("select 1") + message("P", Array("s\0select 2\0\0\0".utf8)) + bind + message("E", [0, 0, 0, 0, 0])
            + sync + message("d", [UInt8](repeating: 9, count: 30)) + message("c") + message("X")
        for cut in 0...stream.count {
            var driver = Driver()
            driver.job(stream[..<cut])
            driver.job(stream[cut...])
            #expect(driver.forwarded == stream)
            #expect(driver.begun == 2)
            #expect(driver.ending == .terminated)
        }
        var drip = Driver()
        for byte in stream { drip.job([byte]) }
        #expect(drip.forwarded == stream)
    }

    @Test func `answers are counted whatever the pieces`() {
        let row = message("D", [UInt8](repeating: 1, count: 50))
        let stream = row + row + complete("SELECT 2") + complete("INSERT 0 5") + complete("BEGIN") + ready
        for cut in 0...stream.count {
            var driver = Driver()
            driver.server(stream[..<cut])
            driver.server(stream[cut...])
            #expect(driver.forwarded == stream)
            #expect(driver.relay.totals == SessionRelay.Totals(statements: 3, rows: 7))
            #expect(driver.ended == 1)
        }
    }

    @Test func `a query is passed on whole or not at all`() {
        var driver = Driver()
        driver.job(query("delete from accounts").dropLast())
        #expect(driver.forwarded.isEmpty)
        #expect(!driver.relay.isMidMessage)
        driver.job([0])
        #expect(driver.forwarded == query("delete from accounts"))
    }

    @Test func `copy data streams before it is whole`() {
        var driver = Driver()
        driver.job(message("d", [UInt8](repeating: 1, count: 1000)).prefix(500))
        #expect(driver.forwarded.count == 500)
        #expect(driver.relay.isMidMessage)
    }

    @Test(arguments: [
        ([UInt8(ascii: "Q"), 0, 0, 0, 3], "invalid message length"),
        ([UInt8(ascii: "S"), 0, 0, 0x4E, 0x20], "invalid message length"),
        ([UInt8(ascii: "B"), 0xFF, 0xFF, 0xFF, 0xFF], "invalid message length"),
        ([UInt8(ascii: "d"), 0x80, 0, 0, 0], "invalid message length"),
        ([27, 0, 0, 0, 4], "invalid frontend message type 27"),
        ([UInt8(ascii: "p"), 0, 0, 0, 4], "invalid frontend message type 112"),
    ])
    func `a broken frame is a violation`(bytes: [UInt8], reason: String) {
        var driver = Driver()
        driver.job(query("select 1") + bytes)
        #expect(driver.forwarded == query("select 1"))
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
            driver.server(message("Z", Array(letter.utf8)))
            #expect(driver.relay.transactionStatus == status)
        }
        driver.server(message("Z", [UInt8(ascii: "?")]))
        #expect(driver.ending == .serverViolation("unknown transaction status"))
    }

    @Test func `a session is idle when every cycle was answered`() {
        var driver = Driver()
        #expect(driver.relay.isIdle)
        driver.job(query("select 1") + sync)
        #expect(!driver.relay.isIdle)
        driver.server(ready)
        #expect(!driver.relay.isIdle)
        driver.server(ready)
        #expect(driver.relay.isIdle)
    }

    @Test func `a statement that was flushed and not synced is no silence`() {
        var driver = Driver()
        let execute = message("E", [0, 0, 0, 0, 0])
        driver.job(execute + execute + message("H"))
        #expect(!driver.relay.isIdle)
        driver.server(complete("SELECT 1"))
        #expect(!driver.relay.isIdle)
        driver.server(message("s"))
        #expect(driver.relay.isIdle)
        // After an error the server throws away what comes before the next Sync.
        driver.job(execute)
        driver.server(message("E", Array("SERROR\0VERROR\0C22012\0Mx\0\0".utf8)))
        driver.job(execute)
        #expect(driver.relay.isIdle)
        driver.job(sync)
        #expect(!driver.relay.isIdle)
        driver.server(ready)
        #expect(driver.relay.isIdle)
    }

    @Test func `syncs that a copy swallows are not waited for`() {
        // P B E(copy) S d c S: the server ignores the first Sync and answers the second alone.
        var driver = Driver()
        driver.job(message("E", [0, 0, 0, 0, 0]) + sync + message("d", [1]) + message("c") + sync)
        driver.server(message("G", [0, 0, 0]) + complete("COPY 1") + ready)
        #expect(driver.relay.isIdle)
    }

    @Test func `a simple copy is answered after its end`() {
        var driver = Driver()
        driver.job(query("copy t from stdin"))
        driver.server(message("G", [0, 0, 0]))
        driver.job(message("d", [1]) + message("c"))
        #expect(!driver.relay.isIdle)
        driver.server(complete("COPY 1") + ready)
        #expect(driver.relay.isIdle)
    }

    @Test func `a change of the client's encoding ends the session before the job can use it`() {
        var driver = Driver()
        driver.server(message("S", Array("client_encoding\0UTF8\0".utf8)))
        #expect(driver.ending == nil)
        driver.server(complete("SET") + message("S", Array("client_encoding\0SJIS\0".utf8)) + ready)
        #expect(driver.ending == .forbiddenSetting(name: "client_encoding", value: "SJIS"))
        #expect(driver.ended == 0)
    }

    @Test func `a setting that is too long to be read is refused, an error passes unread`() {
        var driver = Driver()
        driver.server([UInt8(ascii: "E"), 0, 1, 0, 0] + [UInt8](repeating: 1, count: 100))
        #expect(driver.ending == nil)
        #expect(driver.forwarded.count == 105)
        var other = Driver()
        other.server([UInt8(ascii: "S"), 0, 1, 0, 0])
        #expect(other.ending == .serverViolation("ParameterStatus is too long"))
    }

    @Test func `a fatal error is remembered by its state`() {
        var driver = Driver()
        driver.server(message("E", Array("SERROR\0VERROR\0C42601\0Msyntax\0\0".utf8)))
        #expect(driver.relay.fatalState == nil)
        driver.server(message("E", Array("SFATAL\0VFATAL\0C57P01\0Mshutdown\0\0".utf8)))
        #expect(driver.relay.fatalState == "57P01")
        #expect(driver.relay.totals.errors == 2)
    }
}
