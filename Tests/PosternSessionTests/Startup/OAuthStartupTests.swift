import PosternCore
import PosternSession
import PostgresWire
import Testing

private let challenge = OAuthChallenge(
    configuration: "https://ci.test/.well-known/openid-configuration",
    scope: "openid"
)

private func message(_ body: [UInt8]) -> [UInt8] {
    [UInt8(ascii: "p")] + withUnsafeBytes(of: UInt32(body.count + 4).bigEndian) { Array($0) } + body
}

/// `|` stands for the separator 0x01.
private func bytes(_ text: String) -> [UInt8] { text.utf8.map { $0 == UInt8(ascii: "|") ? 1 : $0 } }

private func initial(_ text: String?, mechanism: String = "OAUTHBEARER") -> [UInt8] {
    let data = text.map(bytes)
    let length = withUnsafeBytes(of: Int32(data?.count ?? -1).bigEndian) { Array($0) }
    return message(Array(mechanism.utf8) + [0] + length + (data ?? []))
}

struct OAuthStartupTests {
    private let startup: [UInt8] = {
        let body: [UInt8] = [0, 3, 0, 0] + Array("user\0app\0database\0orders\0\0".utf8)
        return withUnsafeBytes(of: UInt32(body.count + 4).bigEndian) { Array($0) } + body
    }()
    private let acknowledgement = message([1])
    private let token = "n,,|auth=Bearer a.b.c||"

    private func asked() -> JobStartup {
        var machine = JobStartup(encryption: .none, authentication: .oauthBearer(challenge))
        _ = machine.received(startup[...])
        return machine
    }

    private func request() throws -> JobRequest {
        var machine = JobStartup(encryption: .none, authentication: .oauthBearer(challenge))
        guard case .askToken(_, let request)? = machine.received(startup[...]).first else {
            throw Refusal(.protocolViolation, "no token was asked for")
        }
        return request
    }

    @Test func `the mechanism is offered, and alone`() throws {
        var machine = JobStartup(encryption: .none, authentication: .oauthBearer(challenge))
        let offer = BackendMessage.authentication(.sasl(mechanisms: ["OAUTHBEARER"])).encoded
        #expect(machine.received(startup[...]) == [.askToken(offer, try request())])
    }

    @Test func `a token is taken, with the first answer or after an empty challenge`() throws {
        let authenticate = JobStartup.Action.authenticate(try request(), token: Redacted(Array("a.b.c".utf8)))
        var machine = asked()
        #expect(machine.received(initial(token)[...]) == [authenticate])
        var silent = asked()
        let empty = BackendMessage.authentication(.saslContinue([])).encoded
        #expect(silent.received(initial(nil)[...]) == [.reply(empty)])
        #expect(silent.received(message(bytes(token))[...]) == [authenticate])
    }

    @Test func `who asks where to get a token is told, and dismissed when it has read it`() {
        var machine = asked()
        #expect(machine.received(initial("n,,|auth=||")[...]) == [.discover(challenge.message)])
        #expect(machine.received(acknowledgement[...]) == [.dismiss(.notGranted)])
        #expect(machine.bytesNeeded == 0)
    }

    @Test func `a refused token is answered by the challenge, and the refusal follows the answer`() {
        var machine = asked()
        _ = machine.received(initial(token)[...])
        #expect(machine.bytesNeeded == 0)
        #expect(machine.tokenRefused() == .challenge(challenge.message))
        #expect(machine.received(acknowledgement[...]) == [.dismiss(.notGranted)])
        // Refused once is refused: nothing leads back.
        #expect(machine.received(initial(token)[...]) == [])
    }

    @Test func `a refused password is dismissed at once`() {
        var machine = JobStartup(encryption: .none)
        _ = machine.received(startup[...])
        _ = machine.received(message(Array("a.b.c\0".utf8))[...])
        #expect(machine.tokenRefused() == .dismiss(.notGranted))
    }

    @Test func `every split gives the same actions`() {
        let conversations = [
            startup + initial(nil) + message(bytes("n,,|auth=||")) + acknowledgement,
            startup + initial("n,,|auth=||") + acknowledgement,
        ]
        for stream in conversations {
            var first: [JobStartup.Action]?
            for cut in 1..<stream.count {
                var machine = JobStartup(encryption: .none, authentication: .oauthBearer(challenge))
                var actions: [JobStartup.Action] = []
                var rest = stream[...]
                // A driver never reads beyond what is needed.
                while !rest.isEmpty, machine.bytesNeeded > 0 {
                    let piece = rest.prefix(min(machine.bytesNeeded, cut))
                    rest = rest.dropFirst(piece.count)
                    actions += machine.received(Array(piece)[...])
                }
                #expect(rest.isEmpty, "cut into pieces of \(cut)")
                if first == nil { first = actions }
                #expect(actions == first, "cut into pieces of \(cut)")
            }
            #expect(first?.last == .dismiss(.notGranted))
        }
    }

    @Test(arguments: [
        ([initial(token: "SCRAM-SHA-256")], "only the SASL mechanism OAUTHBEARER is offered"),
        ([message(Array("a.b.c\0".utf8))], "invalid SASL initial response"),
        ([[UInt8(ascii: "Q"), 0, 0, 0, 6, 97, 0]], "expected SASL response"),
        ([[UInt8(ascii: "p"), 0, 0, 0, 3]], "invalid SASL message length"),
        ([[UInt8(ascii: "p"), 0, 1, 0, 0]], "invalid SASL message length"),
        ([initial("n,,|auth=||") + message([1])], "unexpected data after the SASL message"),
        ([initial("n,,|auth=Bearer a.b.c||") + message([1])], "unexpected data after the SASL message"),
        ([initial("n,,|auth=||"), message([2])], "the challenge must be answered by one separator"),
        ([initial("n,,|auth=||"), message([])], "invalid SASL message length"),
        ([initial("n,,|auth=||"), message([1, 1])], "invalid SASL message length"),
        ([initial(nil), message([])], "malformed OAUTHBEARER message"),
    ])
    func `whoever does not keep to the rules is refused`(messages: [[UInt8]], text: String) {
        var machine = asked()
        var last: [JobStartup.Action] = []
        for message in messages { last = machine.received(message[...]) }
        guard case .refuse(let refusal)? = last.last else {
            Issue.record("not refused: \(last)")
            return
        }
        #expect(refusal.sqlState == .protocolViolation && refusal.message == text)
        #expect(machine.bytesNeeded == 0)
    }
}

private func initial(token mechanism: String) -> [UInt8] { initial("n,,|auth=||", mechanism: mechanism) }
