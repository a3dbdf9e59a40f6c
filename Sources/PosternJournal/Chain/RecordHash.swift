package import PosternCrypto

/// The SHA-256 of a record's bytes, or the 64 zeros before the first one.
package struct RecordHash: Hashable, Sendable, CustomStringConvertible {
    package static let textLength = 64

    /// What record 0 has as `prev`.
    package static let zero = RecordHash()

    // Four words instead of an array: a hash is made for each record, and must not allocate.
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    private init() {}

    /// Hashes `bytes` in place.
    package init(of bytes: UnsafeRawBufferPointer, using sha256: SHA256) {
        withUnsafeMutableBytes(of: &words) { sha256.hash(bytes, into: $0) }
    }

    /// Takes a hash that was written down; nil when it is not 64 lower-case hexadecimal digits.
    package init?(_ text: some Collection<UInt8>) {
        guard text.count == Self.textLength else { return nil }
        var nibbles = text.makeIterator()
        for index in 0..<SHA256.byteCount {
            guard let high = nibbles.next().flatMap(HexDigit.value), let low = nibbles.next().flatMap(HexDigit.value)
            else { return nil }
            withUnsafeMutableBytes(of: &words) { $0[index] = high << 4 | low }
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// Writes the 64 digits over the first 64 bytes of `text`.
    package func write(into text: inout [UInt8]) {
        precondition(text.count >= Self.textLength, "a hash has 64 digits")
        Self.digits.withUnsafeBufferPointer { digits in
            withUnsafeBytes(of: words) { bytes in
                text.withUnsafeMutableBufferPointer { text in
                    for index in 0..<SHA256.byteCount {
                        text[2 * index] = digits[Int(bytes[index] >> 4)]
                        text[2 * index + 1] = digits[Int(bytes[index] & 15)]
                    }
                }
            }
        }
    }

    package var description: String {
        var text = [UInt8](repeating: 0, count: Self.textLength)
        write(into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    package static func == (left: RecordHash, right: RecordHash) -> Bool { left.words == right.words }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }
}
