import PostgresWire

/// Packets built by hand, so that a test does not check the encoder with itself.
func packet(length: UInt32? = nil, code: UInt32, _ body: [UInt8] = []) -> [UInt8] {
    bigEndian(length ?? UInt32(8 + body.count)) + bigEndian(code) + body
}

func bigEndian(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
}

/// `user=alice` becomes `user\0alice\0`; a zero byte ends it.
func startup(version: UInt32 = 0x0003_0000, _ pairs: String...) -> [UInt8] {
    var body: [UInt8] = []
    for pair in pairs {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        for part in parts { body += Array(part.utf8) + [0] }
    }
    return packet(code: version, body + [0])
}

func message(_ type: Character, _ body: [UInt8], length: UInt32? = nil) -> [UInt8] {
    Array(String(type).utf8) + bigEndian(length ?? UInt32(body.count + 4)) + body
}

/// Reads one packet that comes in the given pieces.
func read(_ pieces: [ArraySlice<UInt8>], isEncrypted: Bool = false) throws(Refusal) -> StartupPacket? {
    var reader = StartupReader(isEncrypted: isEncrypted)
    for piece in pieces {
        var input = piece
        if let packet = try reader.take(from: &input) { return packet }
    }
    return nil
}

func message(of packet: [UInt8]) throws -> StartupMessage? {
    guard case .startup(let message) = try read([packet[...]]) else { return nil }
    return message
}

/// Every way to cut the bytes in two, whole, and byte by byte.
func splits(of bytes: [UInt8]) -> [[ArraySlice<UInt8>]] {
    (0...bytes.count).map { [bytes[..<$0], bytes[$0...]] } + [bytes.indices.map { bytes[$0...$0] }]
}
