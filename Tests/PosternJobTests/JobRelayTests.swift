import PosternJob
import PostgresWire
import Testing

extension JobRelay {
    fileprivate mutating func driver(_ bytes: [UInt8]) -> FromDriver { fromDriver(bytes.span) }
    fileprivate mutating func gateway(_ bytes: [UInt8]) -> Bool { fromGateway(bytes.span) }
}

struct JobRelayTests {
    enum Event {
        case job([UInt8])
        case gateway([UInt8])
    }

    private static let query = message("Q", Array("select 1\0".utf8))
    private static let sync = message("S")
    private static let terminate = message("X")
    private static let asks = FrontendMessage.query("SHOW postern.receipt")
    private static let rollsBackAndAsks = FrontendMessage.query("ROLLBACK") + asks
    private static let copyIn = message("G", [0, 0, 0])
    private static let execute = message("E", [0])
    private static let batch = message("P", [0]) + message("B", [0]) + execute
    private static let copyEnd = message("d", [1]) + message("c")

    private static func relay(_ events: [Event]) -> JobRelay {
        var relay = JobRelay(givesReceipts: true)
        for event in events {
            switch event {
            case .job(let bytes): _ = relay.driver(bytes)
            case .gateway(let bytes): _ = relay.gateway(bytes)
            }
        }
        return relay
    }

    /// What comes before the driver's Terminate, and what the gateway hears then.
    static let cases: [(String, [Event], JobRelay.Departure)] = [
        ("nothing", [], .ask(asks)),
        ("an answered query", [.job(query), .gateway(message("C") + ready())], .ask(asks)),
        ("an open transaction", [.job(query), .gateway(ready("T"))], .ask(rollsBackAndAsks)),
        ("a failed transaction", [.job(query), .gateway(ready("E"))], .ask(rollsBackAndAsks)),
        ("an unanswered query", [.job(query), .gateway(message("C"))], .finish(terminate)),
        ("one answer of two", [.job(query + query), .gateway(ready())], .finish(terminate)),
        ("two answers of two", [.job(query + query), .gateway(ready() + ready())], .ask(asks)),
        ("a function call", [.job(message("F", [0])), .gateway(ready())], .ask(asks)),
        ("no Sync", [.job(message("P", [0, 0, 0, 0]))], .finish(terminate)),
        ("Sync", [.job(message("P", [0, 0, 0, 0]) + message("H") + sync), .gateway(ready())], .ask(asks)),
        ("copy data awaited", [.job(query), .gateway(copyIn)], .finish(terminate)),
        (
            "a copy", [.job(query), .gateway(copyIn), .job(message("d", [1]) + message("c")), .gateway(ready())],
            .ask(asks)
        ),
        (
            "a copy in the extended protocol",
            [
                .job(batch + sync), .gateway(copyIn),
                .job(message("d", [1]) + sync + message("c") + sync), .gateway(message("C") + ready()),
            ], .ask(asks)
        ),
        (
            "a copy in the extended protocol without its last Sync",
            [.job(batch + sync), .gateway(copyIn), .job(copyEnd), .gateway(message("C"))], .finish(terminate)
        ),
        (
            "a batch behind a copy that it makes fail",
            [
                .job(batch + sync + batch + sync + query), .gateway(copyIn + message("E") + ready()),
            ], .finish(terminate)
        ),
        (
            "a query behind a failed copy and the Sync that ends it",
            [.job(batch + sync), .gateway(copyIn), .job(batch + sync + query), .gateway(message("E") + ready())],
            .finish(terminate)
        ),
        (
            "a copy that failed", [.job(query), .gateway(copyIn + message("E") + ready()), .job(message("d", [1]))],
            .ask(asks)
        ),
        (
            "half a message of the gateway's", [.gateway(Array(message("N", [1, 2, 3]).dropLast()))],
            .finish(terminate)
        ),
        ("a notice", [.gateway(message("N", [1, 2, 3]))], .ask(asks)),
    ]

    @Test(arguments: cases)
    func `an idle session is asked for its receipt, another one is not`(
        _ name: String,
        _ events: [Event],
        _ departure: JobRelay.Departure
    ) {
        var relay = Self.relay(events)
        #expect(relay.driver(Self.terminate) == .leave(count: 0, departure), "\(name)")
    }

    @Test(arguments: cases)
    func `a driver that goes without a word is a driver that goes`(
        _ name: String,
        _ events: [Event],
        _ departure: JobRelay.Departure
    ) {
        var relay = Self.relay(events)
        let expected = departure == .finish(Self.terminate) ? .finish([]) : departure
        #expect(relay.driverLeft() == expected, "\(name)")
    }

    @Test func `half a message of the driver's is never completed`() {
        var relay = Self.relay([.job(Array(Self.query.dropLast()))])
        #expect(relay.driverLeft() == .finish([]))
    }

    @Test func `what comes with Terminate goes on without it`() {
        var relay = Self.relay([])
        let bytes = Self.query + Self.terminate + Self.query
        #expect(relay.driver(bytes) == .leave(count: Self.query.count, .finish(Self.terminate)))
    }

    static let outcomes: [(String, [Event], Bool)] = [
        ("nothing", [], false),
        ("a query", [.job(query)], true),
        ("its answer", [.job(query), .gateway(ready())], false),
        ("its failure", [.job(query), .gateway(message("E") + ready("E"))], false),
        ("one answer of two", [.job(query + query), .gateway(ready())], true),
        ("Sync", [.job(message("P", [0]) + sync)], true),
        ("no Execute and no Sync", [.job(message("P", [0]) + message("B", [0]))], false),
        // It may be of COMMIT, which needs no Sync.
        ("an Execute", [.job(batch + message("H"))], true),
        ("its completion", [.job(batch), .gateway(message("1") + message("C"))], false),
        ("its portal suspended", [.job(batch), .gateway(message("D", [0, 0]) + message("s"))], false),
        ("an empty statement", [.job(batch), .gateway(message("I"))], false),
        ("one completion of two", [.job(batch + batch), .gateway(message("C"))], true),
        ("another's completion", [.job(query + batch), .gateway(message("C") + ready())], true),
        // The gateway may have said it, while the server works on.
        ("an error behind an Execute", [.job(batch), .gateway(message("E"))], true),
        ("copy data awaited", [.job(query), .gateway(copyIn), .job(message("d", [1]))], false),
        ("copy data awaited, an error", [.job(query), .gateway(copyIn + message("E"))], false),
        ("a failed copy, a query behind", [.job(query), .gateway(copyIn + message("E")), .job(query)], true),
        ("a copy's end", [.job(query), .gateway(copyIn), .job(copyEnd)], true),
        ("copy data awaited, a query behind", [.job(query + query), .gateway(copyIn)], true),
        ("copy data awaited, extended", [.job(batch + sync), .gateway(copyIn)], false),
        ("copy data awaited, extended, no Sync", [.job(batch), .gateway(copyIn)], false),
        ("a copy's end, extended", [.job(batch + sync), .gateway(copyIn), .job(copyEnd)], true),
        ("a copy's completion", [.job(batch + sync), .gateway(copyIn), .job(copyEnd), .gateway(message("C"))], false),
    ]

    @Test(arguments: outcomes)
    func `what has no answer may still take effect, also when the driver has gone`(
        _ name: String,
        _ events: [Event],
        _ awaits: Bool
    ) {
        var relay = Self.relay(events)
        _ = relay.driverLeft()
        #expect(relay.awaitsOutcome == awaits, "\(name)")
    }

    @Test func `answers that come when the driver has gone are heard`() {
        var relay = Self.relay([.job(Self.query + Self.batch + Self.sync)])
        _ = relay.driverLeft()
        #expect(relay.gateway(message("C") + ready()) && relay.awaitsOutcome)
        #expect(relay.gateway(message("C") + ready()) && !relay.awaitsOutcome)
    }

    /// The server may have come to a Sync before the copy failed or after, and what it answers next differs by it.
    @Test func `after a failed copy in the extended protocol only a receipt settles`() {
        let failed: [Event] = [
            .job(Self.batch + Self.sync), .gateway(Self.copyIn), .job(Self.copyEnd + Self.sync),
            .gateway(message("E") + ready()), .job(Self.query), .gateway(ready()),
        ]
        var relay = Self.relay(failed)
        #expect(relay.awaitsOutcome)
        #expect(relay.driverLeft() == .ask(Self.asks))
        #expect(relay.received(message("T", [0, 1]) + Self.row("{}") + ready()) == .done(receipt: Array("{}".utf8)))
    }

    @Test func `a gateway that knows no receipts is not asked`() {
        var relay = JobRelay(givesReceipts: false)
        #expect(relay.driver(Self.terminate) == .leave(count: 0, .terminate(Self.terminate)))
    }

    @Test func `every split of a stream leads to the same end`() {
        let job = Self.query + message("P", [0, 1]) + message("D", Array("Sx\0".utf8)) + Self.sync + Self.query
        let gateway =
            message("T", [0, 0]) + ready("T") + message("1") + message("D", [88, 0]) + ready("T") + ready("I")
        for split in 1..<job.count {
            var relay = JobRelay(givesReceipts: true)
            #expect(relay.driver(Array(job[..<split])) == .pass)
            #expect(relay.driver(Array(job[split...])) == .pass)
            #expect(!relay.isIdle)
            for end in 1..<gateway.count where end % 3 == split % 3 {
                var other = relay
                #expect(other.gateway(Array(gateway[..<end])) == true)
                #expect(other.gateway(Array(gateway[end...])) == true)
                #expect(other.isIdle && other.driverLeft() == .ask(Self.asks), "split at \(split), \(end)")
            }
        }
    }

    @Test func `lengths that are none end the session`() {
        var relay = JobRelay(givesReceipts: true)
        #expect(relay.driver([UInt8(ascii: "Q"), 0, 0, 0, 3]) == .violation)
        relay = JobRelay(givesReceipts: true)
        #expect(relay.gateway([UInt8(ascii: "Z"), 0, 0, 0, 0]) == false)
    }

    // MARK: The answer

    private static func row(_ text: String) -> [UInt8] {
        message("D", [0, 1, 0, 0, 0, UInt8(text.utf8.count)] + Array(text.utf8))
    }

    @Test func `the receipt is the one column of the last answer`() {
        let answer = message("C") + ready() + message("T", [0, 1]) + Self.row("{}") + message("C") + ready()
        for split in 1..<answer.count {
            var relay = Self.relay([.job(Self.query), .gateway(ready("E"))])
            _ = relay.driverLeft()
            #expect(relay.received(Array(answer[..<split])) == .more)
            #expect(relay.received(Array(answer[split...])) == .done(receipt: Array("{}".utf8)))
        }
    }

    @Test(
        arguments: [
            message("E") + ready(), ready(), message("D", [0, 2, 0, 0, 0, 0]) + ready(),
            message("D", [0, 1, 255, 255, 255, 255]) + ready(), [68, 0, 0, 0, 1],
        ]
    )
    func `another answer is no receipt`(_ bytes: [UInt8]) {
        var relay = Self.relay([])
        _ = relay.driverLeft()
        #expect(relay.received(bytes) == .done(receipt: nil))
    }

    @Test func `an answer without an end is given up`() {
        var relay = Self.relay([])
        _ = relay.driverLeft()
        let piece = [UInt8](repeating: 1, count: 100_000)
        var last = relay.received([68, 127, 0, 0, 0])
        for _ in 0..<8 where last == .more { last = relay.received(piece) }
        #expect(last == .done(receipt: nil))
    }
}
