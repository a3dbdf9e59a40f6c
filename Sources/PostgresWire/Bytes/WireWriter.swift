/// Builds messages: big-endian integers, C strings, lengths filled in afterwards.
package struct WireWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func append(_ byte: UInt8) {
        bytes.append(byte)
    }

    package mutating func append(_ more: some Collection<UInt8>) {
        bytes.append(contentsOf: more)
    }

    package mutating func append(_ value: UInt32) {
        for shift in stride(from: UInt32(24), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    package mutating func append(_ value: Int32) {
        append(UInt32(bitPattern: value))
    }

    /// Appends the bytes and a NUL.
    /// - Precondition: no NUL among the bytes; whoever takes text from outside checks that.
    package mutating func appendCString(_ text: some Collection<UInt8>) {
        precondition(!text.contains(0), "a C string has no NUL inside")
        bytes.append(contentsOf: text)
        bytes.append(0)
    }

    package mutating func appendCString(_ text: String) {
        appendCString(text.utf8)
    }

    /// Appends what `build` appends, led by a length that counts itself; with `type`, by a type byte before that.
    package mutating func appendMessage(type: UInt8? = nil, _ build: (inout WireWriter) -> Void) {
        if let type { bytes.append(type) }
        let start = bytes.count
        append(UInt32(0))
        build(&self)
        let length = bytes.count - start
        // The largest body that PostgreSQL takes (MaxAllocSize - 1); beyond 32 bits a length would smuggle messages.
        precondition(length <= 0x3FFF_FFFE, "a message fits its length field")
        for index in 0..<4 {
            bytes[start + index] = UInt8(truncatingIfNeeded: length >> (24 - 8 * index))
        }
    }

    /// One message alone.
    package static func message(type: UInt8? = nil, _ build: (inout WireWriter) -> Void) -> [UInt8] {
        var writer = WireWriter()
        writer.appendMessage(type: type, build)
        return writer.bytes
    }
}
