import PosternCore
import PostgresWire
import Testing

struct MessageTests {
    static let backend: [(BackendMessage, [UInt8])] = [
        (.authentication(.ok), message("R", [0, 0, 0, 0])),
        (.authentication(.cleartextPassword), message("R", [0, 0, 0, 3])),
        (.authentication(.md5Password(salt: [1, 2, 3, 4])), message("R", [0, 0, 0, 5, 1, 2, 3, 4])),
        (.authentication(.sasl(mechanisms: ["A", "B"])), message("R", [0, 0, 0, 10, 65, 0, 66, 0, 0])),
        (.authentication(.saslContinue([7])), message("R", [0, 0, 0, 11, 7])),
        (.authentication(.saslFinal([])), message("R", [0, 0, 0, 12])),
        (.authentication(.unsupported(code: 7)), message("R", [0, 0, 0, 7])),
        (.parameterStatus(ParameterStatus(name: "a", value: "b")), message("S", [97, 0, 98, 0])),
        (.readyForQuery(.idle), message("Z", [73])),
        (.readyForQuery(.inTransaction), message("Z", [84])),
        (.readyForQuery(.failed), message("Z", [69])),
        (
            .negotiateProtocolVersion(NegotiateProtocolVersion(version: .version32, unrecognizedOptions: ["x"])),
            message("v", [0, 3, 0, 2, 0, 0, 0, 1, 120, 0])
        ),
        (
            .errorResponse(ErrorFields(severity: .fatal, sqlState: .tooManyConnections, message: "m", hint: "h")),
            message("E", Array("SFATAL\0VFATAL\0C53300\0Mm\0Hh\0\0".utf8))
        ),
        (
            .noticeResponse(ErrorFields(severity: .warning, sqlState: .internalError, message: "a\0b", detail: "d")),
            message("N", Array("SWARNING\0VWARNING\0CXX000\0Ma b\0Dd\0\0".utf8))
        ),
    ]

    @Test(arguments: backend)
    func `backend messages have their bytes and come back`(_ case: (BackendMessage, [UInt8])) throws {
        let (value, bytes) = `case`
        #expect(value.encoded == bytes)
        #expect(try BackendMessage(type: bytes[0], body: bytes[5...]) == value)
    }

    @Test(arguments: [4, 32, 256])
    func `cancel keys of all lengths come back`(length: Int) throws {
        let key = try #require(CancelKey(processID: -2, secret: [UInt8](repeating: 200, count: length)))
        let bytes = BackendMessage.backendKeyData(key).encoded
        #expect(bytes == message("K", [255, 255, 255, 254] + [UInt8](repeating: 200, count: length)))
        #expect(try BackendMessage(type: bytes[0], body: bytes[5...]) == .backendKeyData(key))
        let request = FrontendMessage.cancelRequest(key)
        #expect(try StartupPacket(packet: request[...]) == .cancelRequest(key))
    }

    @Test func `a cancel key does not show itself`() throws {
        let key = try #require(CancelKey(processID: 1, secret: [171, 172, 173, 174]))
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!(dumped + "\(key)").contains("171"))
        #expect(CancelKey(processID: 1, secret: [1, 2, 3]) == nil)
        #expect(CancelKey(processID: 1, secret: [UInt8](repeating: 1, count: 257)) == nil)
    }

    @Test(
        arguments: [
            ("R", [], .truncated), ("R", [0, 0, 0, 5, 1, 2, 3], .truncated), ("R", [0, 0, 0, 0, 0], .trailingBytes),
            ("R", [0, 0, 0, 5, 1, 2, 3, 4, 5], .trailingBytes), ("R", [0, 0, 0, 10, 65], .unterminatedString),
            ("R", [0, 0, 0, 10, 65, 0], .unterminatedString), ("R", [0, 0, 0, 10, 0, 0], .trailingBytes),
            ("R", [0, 0, 0, 10, 255, 0, 0], .invalidText),
            ("K", [0, 0, 0, 1, 1, 2, 3], .invalidLength), ("K", [0, 0, 0], .truncated),
            ("K", [UInt8](repeating: 1, count: 261), .invalidLength),
            ("S", [97, 0, 98], .unterminatedString), ("S", [97, 0, 98, 0, 0], .trailingBytes),
            ("Z", [], .truncated), ("Z", [0], .invalidValue), ("Z", [73, 73], .trailingBytes),
            ("E", [], .truncated), ("E", [77, 120], .unterminatedString), ("E", [77, 120, 0], .truncated),
            ("E", [77, 120, 0, 0, 0], .trailingBytes),
            ("v", [0, 3, 0, 0, 255, 255, 255, 255], .invalidLength), ("v", [0, 3, 0, 0, 0, 0, 0, 9], .invalidLength),
            ("v", [0, 3, 0, 0, 0, 0, 0, 1, 97], .unterminatedString),
        ] as [(Character, [UInt8], WireError)]
    )
    func `a malformed body is refused`(type: Character, body: [UInt8], error: WireError) {
        #expect(throws: error) { _ = try BackendMessage(type: type.asciiValue ?? 0, body: body[...]) }
    }

    @Test func `an error without SQLSTATE or with unknown fields is read`() throws {
        let fields = try ErrorFields(body: Array("SFATAL\0Mno\0Zz\0Cabc\0\0".utf8)[...])
        #expect(fields.sqlState == nil)
        #expect(fields.severity == .fatal)
        #expect(fields.message == "no")
        #expect(fields[.init(rawValue: UInt8(ascii: "Z"))] == "z")
        #expect(try ErrorFields(body: [0]).message == "")
    }

    @Test func `fields of an error are replaced and removed`() {
        var fields = ErrorFields(severity: .error, sqlState: .syntaxError, message: "a")
        fields.set(.message, "b")
        fields.set(.position, "7")
        fields.remove(.localizedSeverity)
        #expect(fields.message == "b")
        #expect(fields[.position] == "7")
        #expect(fields.fields.map(\.code) == [.severity, .sqlState, .message, .position])
    }

    @Test func `frontend messages have their bytes`() {
        #expect(FrontendMessage.sslRequest == [0, 0, 0, 8, 4, 210, 22, 47])
        #expect(FrontendMessage.terminate == [88, 0, 0, 0, 4])
        #expect(FrontendMessage.query("x") == message("Q", [120, 0]))
        #expect(FrontendMessage.password(Redacted([120])) == message("p", [120, 0]))
        #expect(FrontendMessage.saslResponse([1, 2]) == message("p", [1, 2]))
        #expect(
            FrontendMessage.saslInitialResponse(mechanism: "M", data: [9]) == message("p", [77, 0, 0, 0, 0, 1, 9])
        )
        #expect(
            FrontendMessage.startup(version: .version32, parameters: [StartupSetting("user", "a")])
                == startup(version: 0x0003_0002, "user=a")
        )
    }

    @Test(arguments: ["", "0800", "08P011", "08p01", "08P-1", "é001"])
    func `what is no SQLSTATE is none`(text: String) {
        #expect(SQLState(rawValue: text) == nil)
        #expect(SQLState(rawValue: "08P01") == .protocolViolation)
    }
}
