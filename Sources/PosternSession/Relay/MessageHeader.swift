/// The type byte and the length that every message after the startup begins with.
enum MessageHeader {
    static let size = 5

    /// The length that the message states, which counts itself but not the type byte.
    /// - Precondition: `size` bytes stand at `offset`.
    @inline(__always)
    static func length(_ bytes: borrowing Span<UInt8>, at offset: Int) -> Int {
        Int(bytes[offset + 1]) << 24 | Int(bytes[offset + 2]) << 16 | Int(bytes[offset + 3]) << 8
            | Int(bytes[offset + 4])
    }
}
