import PosternSession
import PostgresWire
import Testing

/// What drivers really send, against a server that answers only what it has, and only when PostgreSQL would: nothing
/// that the relay holds may wait for something that never comes.
struct DriverPatternTests {
    /// Answers messages in order as PostgreSQL does. Statements answer at once, `wrong` with an error.
    private struct Server {
        private var buffer: [UInt8] = []
        private var isSkipping = false
        private(set) var statements: Set<String> = []
        private var unnamed: String?
        private(set) var ran: [String] = []
        private var portals: [String: String] = [:]

        /// - Returns: what PostgreSQL has sent by now: it sends at Flush, Sync, Query and errors.
        mutating func take(_ bytes: [UInt8]) -> [UInt8] {
            var sent: [UInt8] = []
            for (type, body) in messages(bytes) {
                if isSkipping, type != "S" { continue }
                let texts = body.split(separator: 0, omittingEmptySubsequences: false).map {
                    String(decoding: $0, as: UTF8.self)
                }
                switch type {
                case "Q":
                    run(texts[0])
                    buffer += ready()
                case "P":
                    if texts[1].contains("wrong") || texts[1].contains("postern_deny") || statements.contains(texts[0])
                    {
                        fail(texts[1])
                    } else {
                        if texts[0].isEmpty { unnamed = texts[1] } else { statements.insert(texts[0]) }
                        buffer += parsed
                    }
                case "B":
                    if texts[1].isEmpty ? unnamed == nil : !statements.contains(texts[1]) {
                        fail(texts[1])
                    } else {
                        portals[texts[0]] = texts[1].isEmpty ? unnamed : texts[1]
                        buffer += bound
                    }
                case "E":
                    ran.append(portals[texts[0]] ?? "")
                    buffer += complete("SELECT 1")
                case "D": buffer += texts[0].first == "S" ? parameterDescription + rowDescription : rowDescription
                case "C":
                    statements.remove(String(texts[0].dropFirst()))
                    buffer += closed
                case "S":
                    isSkipping = false
                    buffer += ready()
                default: break
                }
                if type == "Q" || type == "S" || type == "H" || isSkipping {
                    sent += buffer
                    buffer = []
                }
            }
            return sent
        }

        private mutating func run(_ text: String) {
            if text.contains("wrong") || text.contains("postern_deny") {
                buffer += failure("42601", text)
            } else {
                ran.append(text)
                buffer += complete("SELECT 1")
            }
        }

        private mutating func fail(_ text: String) {
            buffer += failure("42601", text)
            isSkipping = true
        }
    }

    /// - Returns: what the server ran, after everything that the job sent has been answered.
    private static func run(_ packets: [[UInt8]], piece: Int? = nil) -> (driver: Driver, ran: [String]) {
        var driver = Driver(piece: piece)
        var server = Server()
        for packet in packets {
            driver.job(packet)
            // Answers may let go what was held, which is answered in turn.
            while !driver.upstream.isEmpty {
                let sent = driver.upstream
                driver.forgetUpstream()
                driver.server(server.take(sent))
            }
        }
        return (driver, server.ran)
    }

    private static let row: [UInt8] = extended("a")
    /// Bind and Execute of a prepared statement.
    private static let again: [UInt8] = bind("s") + execute()
    private static let wrong: [UInt8] = extended("wrong")
    private static let secret: [UInt8] = extended("secret")

    private static func times(_ count: Int, _ bytes: [UInt8]) -> [UInt8] {
        Array(repeatElement(bytes, count: count).joined())
    }

    private struct Pattern {
        let name: String
        let packets: [[UInt8]]
        /// Statements that run, ReadyForQuery messages that come.
        let ran: Int
        let readies: Int

        init(_ name: String, ran: Int, readies: Int, _ packets: [UInt8]...) {
            self.name = name
            self.packets = packets
            self.ran = ran
            self.readies = readies
        }
    }

    private static let patterns: [Pattern] = [
        Pattern("psycopg", ran: 2, readies: 2, row + sync, row + sync),
        Pattern("psycopg pipeline", ran: 3, readies: 3, row + sync + row + sync + row + sync),
        Pattern("libpq pipeline with Flush", ran: 3, readies: 1, row + flush, row + flush + row, sync),
        Pattern("libpq pipeline, an error", ran: 2, readies: 2, row + wrong + row + sync + row + sync),
        Pattern(
            "prepared statements",
            ran: 2,
            readies: 4,
            parse("a", as: "s") + describe("S", "s") + sync,
            again + sync + again,
            sync + close("S", "s") + sync
        ),
        Pattern(
            "names made again and again, pipelined",
            ran: 20,
            readies: 60,
            times(20, parse("a", as: "s") + sync + again + sync + close("S", "s") + sync)
        ),
        Pattern(
            "names made again before they are closed",
            ran: 20,
            readies: 40,
            times(20, parse("a", as: "s") + sync + again + sync)
        ),
        Pattern("batch", ran: 50, readies: 1, parse("a", as: "s") + times(50, bind("s") + execute(rows: 1)) + sync),
        Pattern("asyncpg", ran: 1, readies: 1, parse("a", as: "s") + describe("S", "s") + flush, again + sync),
        Pattern("denied in the middle", ran: 2, readies: 2, row + secret + sync + row + sync),
        Pattern("denied and flushed", ran: 2, readies: 2, row + secret + flush, row + sync, query("a")),
        Pattern("simple queries", ran: 40, readies: 40, times(20, query("prepare p") + query("execute p"))),
        Pattern("a cycle each", ran: 20, readies: 40, times(20, parse("a") + sync + bind() + execute() + sync)),
        Pattern("only Syncs", ran: 0, readies: 3, sync + sync + sync),
    ]

    @Test(arguments: patterns.indices)
    func `everything is answered`(index: Int) {
        let pattern = Self.patterns[index]
        for piece in [nil, 1, 6, 50] as [Int?] {
            let (driver, ran) = Self.run(pattern.packets, piece: piece)
            #expect(driver.ending == nil, "\(pattern.name)")
            #expect(driver.wait == nil, "\(pattern.name)")
            #expect(driver.relay.isIdle, "\(pattern.name)")
            #expect(ran.count == pattern.ran, "\(pattern.name)")
            #expect(types(driver.downstream).filter { $0 == "Z" }.count == pattern.readies, "\(pattern.name)")
            // Every statement has one decision, every one that was forwarded one outcome.
            let made = driver.log.filter { $0.hasPrefix("+") }.count
            #expect(driver.log.filter { $0.hasPrefix("=") }.count == made, "\(pattern.name)")
        }
    }

    @Test func `what is under way is bounded, and goes on with the answers`() {
        let answers = bound + complete("SELECT 1")
        var driver = Driver()
        driver.job(parse("a", as: "s") + Self.times(6000, Self.again) + sync)
        #expect(driver.wait == .answers)
        let sent = types(driver.upstream).count
        #expect(sent == 8192)
        // The server sends its answers when 8 KiB of them have come together, Flush or not.
        driver.server(parsed + Self.times(1000, answers))
        #expect(types(driver.upstream).count == sent + 2001)
        driver.server(Self.times(4000, answers))
        #expect(driver.wait == nil)
        driver.server(Self.times(1000, answers) + ready())
        #expect(driver.relay.isIdle)
    }
}
