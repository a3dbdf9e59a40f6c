import PosternCore
import PostgresWire
import Testing

struct ReaderTests {
    private static let login: [UInt8] = MessageTests.backend.flatMap(\.1)

    private func messages(of pieces: [ArraySlice<UInt8>]) throws -> (messages: [BackendMessage], rest: [UInt8]) {
        var reader = BackendMessageReader()
        var messages: [BackendMessage] = []
        for piece in pieces {
            reader.append(piece)
            while let message = try reader.next() { messages.append(message) }
        }
        return (messages, Array(reader.rest))
    }

    @Test func `every split of a login reads the same`() throws {
        for pieces in splits(of: Self.login) {
            let (messages, rest) = try messages(of: pieces)
            #expect(messages == MessageTests.backend.map(\.0))
            #expect(rest.isEmpty)
        }
    }

    @Test func `what follows a message stays to the byte`() throws {
        var reader = BackendMessageReader()
        reader.append(message("Z", [73]) + message("N", [1, 2, 3], length: 500))
        #expect(try reader.next() == .readyForQuery(.idle))
        #expect(Array(reader.rest) == message("N", [1, 2, 3], length: 500))
        #expect(try reader.next() == nil)
    }

    @Test(arguments: [
        (message("R", [], length: 3), BackendMessageError.invalidLength(type: 82, length: 3)),
        (message("R", [], length: 0), .invalidLength(type: 82, length: 0)),
        (message("R", [], length: 2001), .invalidLength(type: 82, length: 2001)),
        (message("v", [], length: 2001), .invalidLength(type: 118, length: 2001)),
        (message("E", [], length: 30001), .invalidLength(type: 69, length: 30001)),
        (message("S", [], length: 0x8000_0000), .invalidLength(type: 83, length: 0x8000_0000)),
        (message("N", [], length: 0xFFFF_FFFF), .invalidLength(type: 78, length: 0xFFFF_FFFF)),
        (message("Z", [0]), .malformed(type: 90, .invalidValue)),
        ([UInt8(ascii: "H")], .unexpectedType(72)), ([0x16], .unexpectedType(0x16)), ([0], .unexpectedType(0)),
        (message("D", [0, 0]), .unexpectedType(68)),
    ])
    func `a message that cannot be is refused before it is read`(bytes: [UInt8], error: BackendMessageError) {
        #expect(throws: error) { _ = try messages(of: [bytes[...]]) }
    }

    @Test func `every split of a password reads the same`() throws {
        let bytes = message("p", Array("eyJ.token.sig\0".utf8))
        for pieces in splits(of: bytes) {
            var reader = PasswordReader()
            var password: [UInt8]?
            for piece in pieces {
                var input = piece
                if let read = try reader.take(from: &input) { password = read.reveal() }
                #expect(input.isEmpty)
            }
            #expect(password == Array("eyJ.token.sig".utf8))
        }
    }

    @Test func `a password of 65530 bytes is the longest`() throws {
        let longest = [UInt8](repeating: 97, count: 65530)
        var reader = PasswordReader()
        var input = (message("p", longest + [0]) + [1])[...]
        #expect(try reader.take(from: &input)?.reveal() == longest)
        #expect(input == [1])
        var other = PasswordReader()
        input = message("p", longest + [97, 0])[...]
        #expect(throws: Refusal(.protocolViolation, "invalid password message length")) {
            _ = try other.take(from: &input)
        }
    }

    @Test(arguments: [
        message("p", [97]), message("p", [97, 0, 0]), message("p", [97, 0, 98, 0]), message("p", [], length: 4),
        message("p", [], length: 0), message("p", [], length: 0xFFFF_FFFF), message("Q", [97, 0]), startup("user=a"),
        [0x16, 3, 1],
    ])
    func `anything but one C string is refused`(bytes: [UInt8]) {
        var reader = PasswordReader()
        var input = bytes[...]
        #expect { _ = try reader.take(from: &input) } throws: { error in
            (error as? Refusal)?.sqlState == .protocolViolation
        }
    }

    /// Fixed seed: random bodies under every type end in a message or an error.
    @Test func `random bodies never crash`() {
        var generator = FixedGenerator(state: 0xB0D1)
        var decoded = 0
        for _ in 0..<20_000 {
            let type = Array("RESKNvZ".utf8).randomElement(using: &generator) ?? 0
            let body = (0..<Int.random(in: 0...16, using: &generator)).map { _ in
                UInt8.random(in: 0...12, using: &generator)
            }
            var reader = BackendMessageReader()
            reader.append([type] + bigEndian(UInt32(body.count + 4)) + body)
            if let message = try? reader.next() {
                decoded += 1
                #expect(message.encoded.count <= body.count + 5)
            }
        }
        #expect(decoded > 0)
    }

    @Test func `a refused password stays refused`() {
        var reader = PasswordReader()
        for bytes in [message("p", [], length: 0), message("p", [97, 0])] {
            var input = bytes[...]
            #expect(throws: Refusal.self) { _ = try reader.take(from: &input) }
            #expect(reader.bytesNeeded >= 0)
        }
    }
}
