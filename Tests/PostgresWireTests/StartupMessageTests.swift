import PostgresWire
import Testing

struct StartupMessageTests {
    @Test func `keys are sorted out`() throws {
        let message = try #require(
            try message(
                of: startup(
                    version: 0x0003_0002,
                    "user=alice",
                    "database=orders",
                    "_pq_.postern=1",
                    "options=-c geqo=off",
                    "TimeZone=UTC",
                    "replication=off"
                )
            )
        )
        #expect(message.requestedVersion == .version32)
        #expect(message.user == "alice")
        #expect(message.database == "orders")
        #expect(message.options == "-c geqo=off")
        #expect(message.protocolOptions == [StartupSetting("_pq_.postern", "1")])
        #expect(message.parameters == [StartupSetting("TimeZone", "UTC")])
    }

    @Test func `the database defaults to the user`() throws {
        #expect(try message(of: startup("user=alice"))?.database == "alice")
    }

    @Test(arguments: [
        // No terminator, a terminator too early, a name without a value, a value without a NUL.
        (packet(code: 0x0003_0000), SQLState.protocolViolation),
        (packet(code: 0x0003_0000, Array("user\0a\0".utf8)), .protocolViolation),
        (packet(code: 0x0003_0000, Array("user\0a\0\0database\0b\0\0".utf8)), .protocolViolation),
        (packet(code: 0x0003_0000, Array("user\0a\0\0\0".utf8)), .protocolViolation),
        (packet(code: 0x0003_0000, Array("user\0".utf8)), .protocolViolation),
        (packet(code: 0x0003_0000, Array("user\0a".utf8)), .protocolViolation),
        (packet(code: 0x0003_0000, [0x75, 0, 0xFF, 0, 0]), .characterNotInRepertoire),
        (packet(code: 0x0003_0000, [0xC0, 0xAF, 0, 0x61, 0, 0]), .characterNotInRepertoire),
        (startup(), .invalidAuthorization),
        (startup("USER=alice"), .invalidAuthorization),
        (startup("user="), .invalidAuthorization),
        (startup("user=a", "database="), .invalidAuthorization),
        (startup("user=a", "user=b"), .protocolViolation),
        (startup("user=a", "USER=b"), .protocolViolation),
        (startup("user=a", "search_path=c", "SEARCH_PATH=d"), .protocolViolation),
        (startup("user=a", "_pq_.x=1", "_PQ_.x=1"), .protocolViolation),
        (startup("user=" + String(repeating: "u", count: 64)), .programLimitExceeded),
        (startup("user=a", "database=" + String(repeating: "é", count: 32)), .programLimitExceeded),
        (startup("user=a", "replication=true"), .insufficientPrivilege),
        (startup("user=a", "replication=T"), .insufficientPrivilege),
        (startup("user=a", "replication=ON"), .insufficientPrivilege),
        (startup("user=a", "replication=y"), .insufficientPrivilege),
        (startup("user=a", "replication=1"), .insufficientPrivilege),
        (startup("user=a", "replication=database"), .insufficientPrivilege),
        (startup("user=a", "replication=Database"), .invalidParameterValue),
        (startup("user=a", "replication="), .invalidParameterValue),
        (startup("user=a", "replication=o"), .invalidParameterValue),
        (startup("user=a", "replication=10"), .invalidParameterValue),
    ])
    func `what PostgreSQL reads in two ways is refused`(bytes: [UInt8], state: SQLState) {
        #expect { _ = try message(of: bytes) } throws: { error in
            (error as? Refusal)?.sqlState == state
        }
    }

    @Test(arguments: ["false", "FALSE", "f", "fa", "no", "N", "off", "of", "0"])
    func `replication that says no is dropped`(word: String) throws {
        let message = try #require(try message(of: startup("user=a", "replication=" + word)))
        #expect(message.parameters.isEmpty)
    }

    @Test func `more than 128 parameters are refused`() {
        var body: [UInt8] = Array("user\0a\0".utf8)
        for index in 0..<128 { body += Array("p\(index)\0v\0".utf8) }
        #expect { _ = try message(of: packet(code: 0x0003_0000, body + [0])) } throws: { error in
            (error as? Refusal)?.sqlState == .programLimitExceeded
        }
    }

    @Test(
        arguments: [
            (0x0003_0000, ["user=a"], ProtocolVersion.version30, nil),
            (0x0003_0002, ["user=a"], .version32, nil),
            (0x0003_0002, ["user=a", "_pq_.postern=1"], .version32, nil),
            (
                0x0003_0000, ["user=a", "_pq_.x=1", "_pq_.postern=1", "_pq_.y=2"], .version30,
                NegotiateProtocolVersion(version: .version30, unrecognizedOptions: ["_pq_.x", "_pq_.y"])
            ),
            (
                0x0003_270F, ["user=a", "_pq_.test_protocol_negotiation="], .version32,
                NegotiateProtocolVersion(version: .version32, unrecognizedOptions: ["_pq_.test_protocol_negotiation"])
            ),
            (
                0x0003_0003, ["user=a"], .version32,
                NegotiateProtocolVersion(version: .version32, unrecognizedOptions: [])
            ),
        ] as [(UInt32, [String], ProtocolVersion, NegotiateProtocolVersion?)]
    )
    func `versions and unknown options are negotiated`(
        code: UInt32,
        pairs: [String],
        version: ProtocolVersion,
        answer: NegotiateProtocolVersion?
    ) throws {
        var body: [UInt8] = []
        for pair in pairs {
            for part in pair.split(separator: "=", omittingEmptySubsequences: false) { body += part.utf8 + [0] }
        }
        let message = try #require(try message(of: packet(code: code, body + [0])))
        let negotiation = ProtocolNegotiation(message, recognizedOptions: ["_pq_.postern"])
        #expect(negotiation.version == version)
        #expect(negotiation.message == answer)
    }
}
