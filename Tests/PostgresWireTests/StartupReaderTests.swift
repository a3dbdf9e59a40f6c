import PosternCore
import PostgresWire
import Testing

struct StartupReaderTests {
    static let wholePackets: [[UInt8]] = [
        packet(code: 80_877_103),
        packet(code: 80_877_104),
        packet(code: 80_877_102, bigEndian(7) + [1, 2, 3, 4]),
        packet(code: 80_877_102, bigEndian(7) + [UInt8](repeating: 9, count: 256)),
        startup("user=alice", "database=orders", "application_name=psql"),
        startup("user=" + String(repeating: "u", count: 63), "options=" + String(repeating: " ", count: 200)),
    ]

    @Test(arguments: wholePackets)
    func `every split of a packet reads the same`(bytes: [UInt8]) throws {
        let expected = try StartupPacket(packet: bytes[...])
        for pieces in splits(of: bytes) {
            #expect(try read(pieces) == expected)
        }
    }

    @Test(arguments: wholePackets)
    func `nothing is taken beyond the packet`(bytes: [UInt8]) throws {
        var reader = StartupReader(isEncrypted: false)
        var input = (bytes + [0x16, 3, 1])[...]
        _ = try reader.take(from: &input)
        #expect(input == [0x16, 3, 1])
        #expect(!reader.isInsidePacket)
        #expect(reader.bytesNeeded == 8)
    }

    @Test func `the need is eight bytes and then the rest`() throws {
        let bytes = startup("user=alice")
        var reader = StartupReader(isEncrypted: false)
        #expect(reader.bytesNeeded == 8)
        var input = bytes[..<3]
        #expect(try reader.take(from: &input) == nil)
        #expect(reader.bytesNeeded == 5)
        input = bytes[3..<8]
        #expect(try reader.take(from: &input) == nil)
        #expect(reader.bytesNeeded == bytes.count - 8)
        #expect(reader.isInsidePacket)
    }

    @Test(arguments: [UInt32(0), 1, 3, 4, 7, 10005, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x4745_5420])
    func `a length outside of 8 to 10004 is refused after four bytes`(length: UInt32) {
        #expect(throws: Refusal(.protocolViolation, "invalid length of startup packet")) {
            _ = try read([bigEndian(length)[...]])
        }
    }

    @Test func `the largest packet is read`() throws {
        let filler = String(repeating: "x", count: 10004 - 8 - 11 - 5 - 2)
        let bytes = startup("user=alice", "long=" + filler)
        #expect(bytes.count == 10004)
        #expect(try message(of: bytes)?.parameters.first?.value.utf8.count == filler.utf8.count)
    }

    @Test(arguments: [
        (packet(code: 80_877_103, [0]), "invalid length of SSL request"),
        (packet(code: 80_877_104, [0]), "invalid length of GSS encryption request"),
        (packet(code: 80_877_102), "invalid length of cancel request"),
        (packet(code: 80_877_102, bigEndian(1) + [1, 2, 3]), "invalid length of cancel request"),
        (
            packet(code: 80_877_102, bigEndian(1) + [UInt8](repeating: 1, count: 257)),
            "invalid length of cancel request"
        ),
    ])
    func `a request of the wrong length is refused`(bytes: [UInt8], text: String) {
        #expect(throws: Refusal(.protocolViolation, text)) { _ = try read([bytes[...]]) }
    }

    @Test func `one request of each kind is read, in either order, and no second one`() throws {
        let ssl = packet(code: 80_877_103)
        let gss = packet(code: 80_877_104)
        for (first, second) in [(ssl, gss), (gss, ssl)] {
            for third in [ssl, gss] {
                var reader = StartupReader(isEncrypted: false)
                var input = (first + second + third)[...]
                #expect(try reader.take(from: &input) != nil)
                #expect(try reader.take(from: &input) != nil)
                #expect(throws: Refusal.self) { _ = try reader.take(from: &input) }
            }
        }
        #expect(throws: Refusal(.protocolViolation, "unexpected SSL request")) {
            var reader = StartupReader(isEncrypted: false)
            var input = (ssl + ssl)[...]
            _ = try reader.take(from: &input)
            _ = try reader.take(from: &input)
        }
    }

    @Test(arguments: [80_877_103, 80_877_104] as [UInt32])
    func `no request for encryption is read when encryption runs`(code: UInt32) throws {
        #expect(throws: Refusal.self) { _ = try read([packet(code: code)[...]], isEncrypted: true) }
        var reader = StartupReader(isEncrypted: false)
        var input = packet(code: 80_877_103)[...]
        _ = try reader.take(from: &input)
        reader.encryptionStarted()
        input = packet(code: code)[...]
        #expect(throws: Refusal.self) { _ = try reader.take(from: &input) }
    }

    @Test(arguments: [0x0002_0000, 0x0001_0000, 0x0004_0000, 0x1603_0100, 80_877_105, 0] as [UInt32])
    func `another major version is refused`(code: UInt32) {
        #expect { _ = try read([startup(version: code, "user=a")[...]]) } throws: { error in
            (error as? Refusal)?.sqlState == .featureNotSupported
        }
    }

    @Test func `a refusal ends with the session id`() throws {
        let session = try #require(SessionID("0123456789abcdef"))
        guard case .errorResponse(let fields) = Refusal(.protocolViolation, "no").response(session: session) else {
            Issue.record("not an ErrorResponse")
            return
        }
        #expect(fields.message == "no (session 0123456789abcdef)")
        #expect(fields.severity == .fatal)
        #expect(fields.sqlState == .protocolViolation)
    }

    @Test(arguments: [[UInt8](repeating: 0, count: 8), packet(code: 0), packet(code: 80_877_103, [0]), startup()])
    func `a refused connection stays refused`(bytes: [UInt8]) {
        var reader = StartupReader(isEncrypted: false)
        for _ in 0..<3 {
            var input = bytes[...]
            #expect(throws: Refusal.self) { _ = try reader.take(from: &input) }
            #expect(reader.bytesNeeded >= 0)
        }
    }

    /// Fixed seed: packets with a few bytes changed end in a packet, a refusal or the wish for more.
    @Test func `damaged packets never crash`() {
        var generator = FixedGenerator(state: 0xDA4A)
        var outcomes = (packets: 0, refusals: 0, unfinished: 0)
        for round in 0..<20_000 {
            var bytes = Self.wholePackets[round % Self.wholePackets.count]
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: 2..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            do throws(Refusal) {
                guard let packet = try read([bytes[...]]) else {
                    outcomes.unfinished += 1
                    continue
                }
                if case .startup(let message) = packet { _ = try StartupSettings(message) }
                outcomes.packets += 1
            } catch {
                outcomes.refusals += 1
            }
        }
        #expect(outcomes.packets > 0 && outcomes.refusals > 0 && outcomes.unfinished > 0)
    }
}
