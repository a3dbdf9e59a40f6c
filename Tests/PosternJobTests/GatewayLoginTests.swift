import PosternCore
import PosternJob
import PostgresWire
import Testing

struct GatewayLoginTests {
    private static let request = GatewayRequest(user: "app", database: "app")
    private static let asks = BackendMessage.authentication(.cleartextPassword).encoded
    private static let accepts = BackendMessage.authentication(.ok).encoded

    /// A login whose TLS runs.
    private static func begun() -> GatewayLogin {
        var login = GatewayLogin(.session(request, token: secret("a.b.c")), negotiation: .direct)
        _ = login.connected()
        _ = login.encryptionStarted()
        return login
    }

    private func isFailure(_ action: GatewayLogin.Action) -> Bool {
        if case .fail = action { true } else { false }
    }

    @Test func `a login is TLS, startup packet, token and greeting`() throws {
        var login = GatewayLogin(.session(Self.request, token: secret("a.b.c")), negotiation: .postgres)
        #expect(login.connected() == .send(FrontendMessage.sslRequest))
        #expect(login.awaitsReply)
        #expect(login.received([UInt8(ascii: "S")]) == .startEncryption)
        #expect(login.encryptionStarted() == .send(Self.request.startup))
        #expect(login.received(Self.asks) == .send(FrontendMessage.password(secret("a.b.c"))))
        let key = try #require(CancelKey(processID: 5, secret: [1, 2, 3, 4]))
        let greeting =
            Self.accepts
            + BackendMessage.parameterStatus(ParameterStatus(name: "server_version", value: "15.4")).encoded
            + BackendMessage.backendKeyData(key).encoded + ready()
        let notice = message("N", [0])
        guard case .succeed(let found) = login.received(greeting + notice) else {
            Issue.record("no success")
            return
        }
        #expect(found.bytes == greeting && found.leftover == notice)
        #expect(found.cancelKey == key && found.givesReceipts && found.serverVersion == "15.4")
    }

    @Test(arguments: ["N", "E", "H", "SX"])
    func `without TLS there is no startup packet`(answer: String) {
        var login = GatewayLogin(.session(Self.request, token: secret("a.b.c")), negotiation: .postgres)
        _ = login.connected()
        #expect(isFailure(login.received(Array(answer.utf8))))
    }

    @Test func `the gateway's refusal is kept word for word`() {
        for before in [[], Self.asks] {
            var login = Self.begun()
            if !before.isEmpty { _ = login.received(before) }
            let fields = ErrorFields(severity: .fatal, sqlState: .invalidAuthorization, message: "access refused")
            #expect(login.received(BackendMessage.errorResponse(fields).encoded) == .refused(fields))
        }
    }

    @Test(
        arguments: [
            ready(), BackendMessage.authentication(.md5Password(salt: [1, 2, 3, 4])).encoded,
            BackendMessage.authentication(.sasl(mechanisms: ["SCRAM-SHA-256"])).encoded,
            BackendMessage.authentication(.ok).encoded, asks + accepts, message("R", [0, 0]), message("Y"),
            message("E", [UInt8](repeating: 1, count: 40_000)),
        ]
    )
    func `a server that asks for anything else gets no token`(_ bytes: [UInt8]) {
        var login = Self.begun()
        let action = login.received(bytes)
        #expect(isFailure(action), "\(action)")
    }

    @Test func `an older gateway gives no receipts, and another protocol is none`() {
        for (minor, options, isGood) in [(UInt16(0), ["_pq_.postern"], true), (UInt16(1), [], false)] {
            var login = Self.begun()
            let answer = NegotiateProtocolVersion(
                version: ProtocolVersion(major: 3, minor: minor),
                unrecognizedOptions: options
            )
            let action = login.received(BackendMessage.negotiateProtocolVersion(answer).encoded)
            #expect(action == .receive || isFailure(action) == !isGood)
            guard isGood else { continue }
            _ = login.received(Self.asks)
            guard case .succeed(let found) = login.received(Self.accepts + ready()) else {
                Issue.record("no success")
                continue
            }
            #expect(!found.givesReceipts)
        }
    }

    @Test func `every split of a greeting is the same greeting`() {
        let bytes =
            Self.accepts + BackendMessage.parameterStatus(ParameterStatus(name: "a", value: "b")).encoded + ready()
        for split in 1..<bytes.count {
            var login = Self.begun()
            _ = login.received(Self.asks)
            #expect(login.received(Array(bytes[..<split])) == .receive)
            guard case .succeed(let found) = login.received(Array(bytes[split...])) else {
                Issue.record("split at \(split)")
                continue
            }
            #expect(found.bytes == bytes)
        }
    }

    @Test func `a login does not go on for ever`() {
        var login = Self.begun()
        _ = login.received(Self.asks)
        _ = login.received(Self.accepts)
        let notice = message("N", Array("SNOTICE\0".utf8) + [UInt8](repeating: 77, count: 20_000) + [0, 0])
        var last = GatewayLogin.Action.receive
        for _ in 0..<60 where last == .receive { last = login.received(notice) }
        #expect(isFailure(last))
    }

    @Test func `a cancel request is sent behind TLS alone`() throws {
        let key = try #require(CancelKey(processID: 7, secret: [1, 2, 3, 4]))
        var login = GatewayLogin(.cancel(key), negotiation: .direct)
        #expect(login.connected() == .startEncryption)
        #expect(login.encryptionStarted() == .send(FrontendMessage.cancelRequest(key)))
        #expect(isFailure(login.received([1])))
    }
}
