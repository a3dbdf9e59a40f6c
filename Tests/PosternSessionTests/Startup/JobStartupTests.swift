import PosternCore
import PosternSession
import PostgresWire
import Testing

private let sslRequest: [UInt8] = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F]
private let gssRequest: [UInt8] = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x30]

private func startup(_ parameters: [(String, String)], minor: UInt8 = 0) -> [UInt8] {
    var body: [UInt8] = [0, 3, 0, minor]
    for (name, value) in parameters { body += Array(name.utf8) + [0] + Array(value.utf8) + [0] }
    body.append(0)
    return withUnsafeBytes(of: UInt32(body.count + 4).bigEndian) { Array($0) } + body
}

private func password(_ text: String) -> [UInt8] {
    let body = Array(text.utf8) + [0]
    return [UInt8(ascii: "p")] + withUnsafeBytes(of: UInt32(body.count + 4).bigEndian) { Array($0) } + body
}

private func refusal(_ actions: [JobStartup.Action]) -> Refusal? {
    if case .refuse(let refusal)? = actions.last { refusal } else { nil }
}

struct JobStartupTests {
    private let good = startup([("user", "app"), ("database", "orders")])

    @Test func `a plain listener asks for the password and takes the token`() throws {
        var machine = JobStartup(encryption: .none)
        let asked = machine.received(good[...])
        guard case .askToken(let bytes, let request)? = asked.first else {
            Issue.record("no password was asked for: \(asked)")
            return
        }
        #expect(bytes == BackendMessage.authentication(.cleartextPassword).encoded)
        #expect(request.role == "app" && request.database == "orders")
        let answered = machine.received(password("a.b.c")[...])
        #expect(answered == [.authenticate(request, token: Redacted(Array("a.b.c".utf8)))])
    }

    @Test func `every split of the packets gives the same request`() {
        let stream = good + password("token")
        for cut in 1..<stream.count {
            var machine = JobStartup(encryption: .none)
            var actions: [JobStartup.Action] = []
            var rest = stream[...]
            // A driver never reads beyond what is needed.
            while !rest.isEmpty, machine.bytesNeeded > 0 {
                let piece = rest.prefix(min(machine.bytesNeeded, cut))
                rest = rest.dropFirst(piece.count)
                actions += machine.received(Array(piece)[...])
            }
            #expect(actions.count == 2, "cut into pieces of \(cut)")
        }
    }

    @Test func `encryption is declined where there is none`() {
        var machine = JobStartup(encryption: .none)
        #expect(machine.received(sslRequest[...]) == [.reply([UInt8(ascii: "N")])])
        #expect(machine.received(gssRequest[...]) == [.reply([UInt8(ascii: "N")])])
        #expect(refusal(machine.received(sslRequest[...]))?.sqlState == .protocolViolation)
    }

    @Test func `TLS begins after an answer and nothing may stand behind the request`() {
        var machine = JobStartup(encryption: .required)
        #expect(machine.received(sslRequest[...]) == [.startTLS(reply: [UInt8(ascii: "S")])])
        #expect(machine.encryptionStarted(negotiatedALPN: false).isEmpty)
        guard case .askToken? = machine.received(good[...]).first else {
            Issue.record("no password was asked for through TLS")
            return
        }
        var preloaded = JobStartup(encryption: .required)
        #expect(refusal(preloaded.received((sslRequest + good)[...]))?.sqlState == .protocolViolation)
    }

    @Test func `direct TLS needs ALPN`() {
        let hello: [UInt8] = [0x16, 3, 1, 2, 0, 1, 0, 1]
        var machine = JobStartup(encryption: .required)
        #expect(machine.received(hello[...]) == [.startDirectTLS(received: hello)])
        #expect(refusal(machine.encryptionStarted(negotiatedALPN: false))?.sqlState == .protocolViolation)
        var agreed = JobStartup(encryption: .required)
        _ = agreed.received(hello[...])
        #expect(agreed.encryptionStarted(negotiatedALPN: true).isEmpty)
        #expect(refusal(agreed.received(sslRequest[...]))?.sqlState == .protocolViolation)
        var plain = JobStartup(encryption: .none)
        #expect(plain.received(hello[...]) == [.close])
    }

    @Test func `no password is asked for without TLS`() {
        var machine = JobStartup(encryption: .required)
        #expect(refusal(machine.received(good[...]))?.sqlState == .invalidAuthorization)
    }

    @Test func `a second startup packet is no password`() {
        var machine = JobStartup(encryption: .none)
        _ = machine.received(good[...])
        #expect(refusal(machine.received(good[...]))?.sqlState == .protocolViolation)
    }

    @Test func `nothing may follow a packet before it is answered`() {
        var machine = JobStartup(encryption: .none)
        #expect(refusal(machine.received((good + password("x"))[...]))?.sqlState == .protocolViolation)
        var late = JobStartup(encryption: .none)
        _ = late.received(good[...])
        #expect(refusal(late.received((password("x") + password("y"))[...]))?.sqlState == .protocolViolation)
    }

    @Test func `a newer protocol is negotiated down before the password is asked for`() throws {
        var machine = JobStartup(encryption: .none)
        let packet = startup([("user", "app"), ("_pq_.grease", "1")], minor: 9)
        guard case .askToken(let bytes, let request)? = machine.received(packet[...]).first else {
            Issue.record("no password was asked for")
            return
        }
        #expect(request.version == .version32)
        #expect(bytes.first == UInt8(ascii: "v"))
        #expect(String(decoding: bytes, as: UTF8.self).contains("_pq_.grease"))
    }

    @Test func `who speaks to the gateway itself says so`() {
        for (options, speaks) in [([("_pq_.postern", "1")], true), ([], false)] {
            var machine = JobStartup(encryption: .none)
            guard
                case .askToken(let bytes, let request)? = machine.received(
                    startup([("user", "app")] + options)[...]
                ).first
            else {
                Issue.record("no password was asked for")
                return
            }
            #expect(bytes == BackendMessage.authentication(.cleartextPassword).encoded)
            #expect(request.speaksPostern == speaks)
        }
        for value in ["", "0", "2", "01", "on"] {
            var machine = JobStartup(encryption: .none)
            let answer = machine.received(startup([("user", "app"), ("_pq_.postern", value)])[...])
            #expect(refusal(answer)?.sqlState == .invalidParameterValue)
        }
    }

    @Test func `a cancel request is an end of its own`() {
        var machine = JobStartup(encryption: .required)
        let packet: [UInt8] = [0, 0, 0, 16, 0x04, 0xD2, 0x16, 0x2E, 0, 0, 0, 5, 1, 2, 3, 4]
        guard case .cancel(let key)? = machine.received(packet[...]).first else {
            Issue.record("no cancel")
            return
        }
        #expect(key.processID == 5 && key.reveal() == [1, 2, 3, 4])
        #expect(machine.bytesNeeded == 0)
    }
}
