import PosternCore
import PosternUpstream
import PostgresWire
import Testing

/// What a server could do to Postern (every row one list of bytes after the startup packet). All end in a failure.
struct HostileUpstreamTests {
    private static func raw(_ type: Character, length: UInt32, _ body: [UInt8] = []) -> [UInt8] {
        Array(String(type).utf8) + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + body
    }

    private static func message(_ type: Character, _ body: [UInt8]) -> [UInt8] {
        raw(type, length: UInt32(body.count + 4), body)
    }

    private static let ok = BackendMessage.authentication(.ok)
    private static let utf8 = BackendMessage.parameterStatus(ParameterStatus(name: "client_encoding", value: "UTF8"))
    private static let error = ErrorFields(severity: .fatal, sqlState: .invalidPassword, message: "no\u{1B}[2J")

    @Test(arguments: [
        // Out of order.
        ("a parameter before authentication", bytes([utf8])),
        ("ready before authentication", bytes([.readyForQuery(.idle)])),
        ("a key before authentication", bytes([Greeting.key(4)])),
        ("a notice before authentication", bytes([.noticeResponse(error)])),
        ("a SASL challenge that nobody asked for", bytes([.authentication(.saslContinue([]))])),
        ("a SASL end that nobody asked for", bytes([.authentication(.saslFinal([]))])),
        ("OK twice", bytes([ok, ok])),
        ("a password request after OK", bytes([ok, .authentication(.cleartextPassword)])),
        (
            "a version after OK",
            bytes([ok, .negotiateProtocolVersion(.init(version: .version30, unrecognizedOptions: []))])
        ),
        ("two keys", bytes([ok, Greeting.key(4), Greeting.key(4)])),
        ("a long key in protocol 3.0", bytes([ok, Greeting.key(32)])),
        ("going on before the answer", bytes([.authentication(.md5Password(salt: [1, 2, 3, 4])), ok])),
        ("a session in a transaction", bytes([ok, utf8, .readyForQuery(.inTransaction)])),
        ("a session in a failed transaction", bytes([ok, utf8, .readyForQuery(.failed)])),
        ("no client encoding", bytes([ok, .readyForQuery(.idle)])),
        (
            "another client encoding",
            bytes([
                ok, .parameterStatus(ParameterStatus(name: "client_encoding", value: "SJIS")), .readyForQuery(.idle),
            ])
        ),
        // Sizes.
        ("length 0", raw("R", length: 0)), ("length 3", raw("R", length: 3)), ("length 2001", raw("R", length: 2001)),
        ("length 2^31", raw("S", length: 1 << 31)), ("length 2^32-1", raw("E", length: .max)),
        ("an error of 30 kB", raw("E", length: 30001)),
        ("a key of 257 bytes", bytes([ok]) + message("K", .init(repeating: 1, count: 261))),
        ("a key of 3 bytes", bytes([ok]) + message("K", .init(repeating: 1, count: 7))),
        (
            "too many parameters",
            bytes([ok] + (0...256).map { .parameterStatus(ParameterStatus(name: "p\($0)", value: "")) })
        ),
        ("too many notices", bytes([ok] + (0...256).map { _ in .noticeResponse(error) })),
        // Bodies.
        ("an empty request", message("R", [])), ("a short salt", message("R", [0, 0, 0, 5, 1])),
        ("an unknown type", message("D", [0, 0])), ("a TLS alert", [0x15, 3, 1, 0, 2, 2, 40]),
        ("HTTP", Array("HTTP/1.1 400".utf8)),
        ("an error cut short", message("E", Array("SFATAL\0".utf8))),
        // Errors.
        ("an error", bytes([.errorResponse(error)])), ("an error after OK", bytes([ok, .errorResponse(error)])),
        ("an error without SQLSTATE", message("E", Array("SFATAL\0Mgo away\0\0".utf8))),
        ("an error without any field", message("E", [0])),
    ])
    func `ends in a failure with a fixed text`(what: String, bytes: [UInt8]) {
        var login = UpstreamLogin(.test(methods: [.none, .md5]))
        _ = login.connected()
        guard case .fail(let failure) = login.received(bytes) else {
            Issue.record("\(what) was accepted")
            return
        }
        #expect(failure.refusal.sqlState == .connectionFailure)
        #expect(failure.refusal.message == "could not connect to the upstream database")
        #expect(!failure.log.isEmpty && failure.log.utf8.allSatisfy { $0 >= 0x20 })
        // Nothing brings it back.
        guard case .fail = login.received(Self.ok.encoded) else {
            Issue.record("\(what) went on")
            return
        }
    }

    @Test(arguments: [
        (SQLState.tooManyConnections, SQLState.tooManyConnections), (.cannotConnectNow, .cannotConnectNow),
        (.adminShutdown, .cannotConnectNow), (.invalidPassword, .connectionFailure),
        (.invalidCatalogName, .connectionFailure), (.insufficientPrivilege, .connectionFailure),
    ])
    func `a server's error becomes one of three`(sent: SQLState, told: SQLState) {
        var login = UpstreamLogin(.test())
        _ = login.connected()
        let fields = ErrorFields(severity: .fatal, sqlState: sent, message: "host db1 user migrator")
        guard case .fail(let failure) = login.received(bytes([.errorResponse(fields)])) else {
            return report("not a failure")
        }
        #expect(failure.reason == .refused(sent))
        #expect(failure.isCredentialRefusal == (sent == .invalidPassword))
        #expect(failure.refusal.sqlState == told)
        #expect(!failure.refusal.message.contains("db1"))
        #expect(failure.log.contains("host db1 user migrator") && failure.log.contains(sent.rawValue))
    }

    @Test(arguments: ["iterations", "few iterations", "no nonce of its own", "a huge nonce", "no salt"])
    func `a SCRAM challenge out of bounds costs no derivation`(what: String) {
        var server = SCRAMServer()
        switch what {
        case "iterations": server.iterations = 2_000_000_000
        case "few iterations": server.iterations = 1
        case "no nonce of its own": server.nonceTail = ""
        case "a huge nonce": server.nonceTail = String(repeating: "x", count: 1990)
        default: server.salt = []
        }
        var login = UpstreamLogin(.test())
        _ = login.connected()
        guard case .send(let first) = login.received(bytes([.authentication(.sasl(mechanisms: ["SCRAM-SHA-256"]))])),
            case .fail(let failure) = login.received(server.challenge(to: first).encoded)
        else { return report("\(what) was accepted") }
        #expect(failure.reason == .violation)
    }

    /// From the proof on: the server's last words, and whether the login may succeed.
    @Test(arguments: ["right", "wrong password", "OK without proof", "proof without OK", "error", "another request"])
    func `OK counts only behind the server's signature`(script: String) throws {
        var server = SCRAMServer()
        var login = UpstreamLogin(.test(methods: [.scramSHA256, .none, .md5]))
        _ = login.connected()
        guard case .send(let first) = login.received(bytes([.authentication(.sasl(mechanisms: ["SCRAM-SHA-256"]))])),
            case .derive(let derivation) = login.received(server.challenge(to: first).encoded),
            case .send(let proof) = login.keysDerived(derivation.run())
        else { return report("no proof") }
        let greeting = bytes(Greeting.whole)
        let signature = server.signature(for: proof).encoded
        switch script {
        case "right":
            guard case .succeed = login.received(signature + greeting) else { return report("refused") }
        case "wrong password":
            server.password = "other"
            guard case .fail = login.received(server.signature(for: proof).encoded + greeting) else {
                return report("accepted")
            }
        case "OK without proof":
            guard case .fail = login.received(greeting) else { return report("accepted") }
        case "proof without OK":
            guard case .fail = login.received(signature + bytes(Array(Greeting.whole.dropFirst()))) else {
                return report("accepted")
            }
        case "error":
            guard case .fail = login.received(bytes([.authentication(.saslFinal(Array("e=no".utf8)))])) else {
                return report("accepted")
            }
        default:
            let request = BackendMessage.authentication(.md5Password(salt: [1, 2, 3, 4]))
            guard case .fail = login.received(signature + request.encoded) else { return report("accepted") }
        }
    }

    @Test func `bytes while keys are derived end the login`() {
        var server = SCRAMServer()
        var login = UpstreamLogin(.test())
        _ = login.connected()
        guard case .send(let first) = login.received(bytes([.authentication(.sasl(mechanisms: ["SCRAM-SHA-256"]))])),
            case .derive(let derivation) = login.received(server.challenge(to: first).encoded)
        else { return report("no derivation") }
        guard case .fail = login.received(Self.ok.encoded) else { return report("accepted") }
        guard case .fail = login.keysDerived(derivation.run()) else { return report("went on") }
    }

    @Test func `an endless login ends`() {
        var login = UpstreamLogin(.test(methods: [.none]))
        _ = login.connected()
        let status = BackendMessage.parameterStatus(
            ParameterStatus(name: "a", value: String(repeating: "x", count: 20_000))
        )
        var action = login.received(Self.ok.encoded)
        for _ in 0..<60 where action == .receive { action = login.received(status.encoded) }
        #expect(action == .fail(UpstreamFailure(.violation, "server sent more than a login takes")))
    }

    @Test func `a closed connection says where`() {
        var login = UpstreamLogin(.test())
        _ = login.connected()
        #expect(
            login.closed()
                == .fail(
                    UpstreamFailure(
                        .unreachable,
                        "server closed the connection while waiting for the authentication request"
                    )
                )
        )
    }

    @Test func `events out of order end the login`() {
        var twice = UpstreamLogin(.test())
        _ = twice.connected()
        guard case .fail = twice.connected() else { return report("connected twice") }
        var early = UpstreamLogin(.test())
        guard case .fail = early.received([1]) else { return report("bytes before the connection") }
        var noTLS = UpstreamLogin(.test())
        _ = noTLS.connected()
        guard case .fail = noTLS.encryptionStarted(endPointDigest: nil) else {
            return report("TLS in the middle")
        }
    }
}
