import PosternCore
import PosternJob
import PostgresWire
import Testing

struct LocalStartupTests {
    private static let request = GatewayRequest(user: "app", database: "app")

    private func refusal(_ actions: [LocalStartup.Action]) -> Refusal? {
        if case .refuse(let refusal)? = actions.last { refusal } else { nil }
    }

    @Test func `on the socket a startup packet is enough`() {
        var machine = LocalStartup(password: nil)
        #expect(machine.received(startup()[...]) == [.connect(Self.request, reply: [])])
    }

    @Test func `requests for encryption are declined, once each`() {
        var machine = LocalStartup(password: nil)
        #expect(machine.received(FrontendMessage.sslRequest[...]) == [.reply([UInt8(ascii: "N")])])
        let gss = WireWriter.message { $0.append(FrontendMessage.gssEncryptionRequestCode) }
        #expect(machine.received(gss[...]) == [.reply([UInt8(ascii: "N")])])
        #expect(refusal(machine.received(FrontendMessage.sslRequest[...]))?.message == "unexpected SSL request")
    }

    @Test func `on the port the run's password is asked for`() {
        var machine = LocalStartup(password: secret("right"))
        let asked = BackendMessage.authentication(.cleartextPassword).encoded
        #expect(machine.received(startup()[...]) == [.reply(asked)])
        #expect(
            machine.received(FrontendMessage.password(secret("right"))[...]) == [.connect(Self.request, reply: [])]
        )
    }

    @Test(arguments: ["wrong", "", "righ", "right "])
    func `another password is refused`(given: String) {
        var machine = LocalStartup(password: secret("right"))
        _ = machine.received(startup()[...])
        let found = refusal(machine.received(FrontendMessage.password(secret(given))[...]))
        #expect(found?.sqlState == .invalidPassword)
        #expect(machine.received(FrontendMessage.password(secret("right"))[...]).isEmpty)
    }

    @Test(arguments: [message("Q", [0]), startup(), message("p", [1, 0, 2, 0])])
    func `nothing but a password answers`(_ bytes: [UInt8]) {
        var machine = LocalStartup(password: secret("right"))
        _ = machine.received(startup()[...])
        #expect(refusal(machine.received(bytes[...]))?.sqlState == .protocolViolation)
    }

    @Test func `bytes behind the login are not taken for it`() {
        var machine = LocalStartup(password: nil)
        #expect(refusal(machine.received((startup() + [1])[...]))?.sqlState == .protocolViolation)
        machine = LocalStartup(password: secret("right"))
        _ = machine.received(startup()[...])
        let bytes = FrontendMessage.password(secret("right")) + [1]
        #expect(refusal(machine.received(bytes[...]))?.sqlState == .protocolViolation)
    }

    @Test func `TLS is not answered`() {
        var machine = LocalStartup(password: nil)
        #expect(machine.received([0x16, 3, 1]) == [.close])
    }

    @Test func `cancel requests of all lengths go on`() throws {
        for length in [4, 32, 256] {
            let key = try #require(CancelKey(processID: 7, secret: [UInt8](repeating: 9, count: length)))
            var machine = LocalStartup(password: secret("right"))
            #expect(machine.received(FrontendMessage.cancelRequest(key)[...]) == [.cancel(key)])
        }
    }

    @Test func `what the port does not speak is negotiated, and not asked of the gateway`() throws {
        var machine = LocalStartup(password: nil)
        let packet = startup(version: ProtocolVersion(major: 3, minor: 9), [StartupSetting("_pq_.x", "1")])
        guard case .connect(let request, let reply)? = machine.received(packet[...]).first else {
            Issue.record("not connected")
            return
        }
        #expect(reply.first == UInt8(ascii: "v"))
        #expect(request.version == .version32)
        #expect(!String(decoding: request.startup, as: UTF8.self).contains("_pq_.x"))
        #expect(String(decoding: request.startup, as: UTF8.self).contains("_pq_.postern\u{0}1\u{0}"))
    }

    @Test func `settings go on as they are`() {
        var machine = LocalStartup(password: nil)
        let packet = startup([StartupSetting("options", "-c a=b"), StartupSetting("application_name", "x")])
        guard case .connect(let request, _)? = machine.received(packet[...]).first else {
            Issue.record("not connected")
            return
        }
        let text = String(decoding: request.startup, as: UTF8.self)
        #expect(text.contains("application_name\u{0}x\u{0}") && text.contains("options\u{0}-c a=b\u{0}"))
    }

    @Test func `every split of the login is the same login`() {
        let bytes = FrontendMessage.sslRequest + startup() + FrontendMessage.password(secret("right"))
        for split in 1..<bytes.count {
            var machine = LocalStartup(password: secret("right"))
            var actions: [LocalStartup.Action] = []
            var rest = bytes[...]
            // Never more than it asks for, in pieces that end at the split.
            while !rest.isEmpty {
                let boundary = rest.startIndex < split ? split - rest.startIndex : rest.count
                let taken = rest.prefix(min(machine.bytesNeeded, boundary))
                actions += machine.received(taken)
                rest = rest.dropFirst(taken.count)
            }
            #expect(actions.count == 3 && actions.last == .connect(Self.request, reply: []), "split at \(split)")
        }
    }
}
