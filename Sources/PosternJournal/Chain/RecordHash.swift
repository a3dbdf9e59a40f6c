internal import PosternCrypto

/// The SHA-256 of a record's bytes, or the 64 zeros before the first one.
package struct RecordHash: Hashable, Sendable, CustomStringConvertible {
    package static let textLength = 64

    /// What record 0 has as `prev`.
    package static let zero = RecordHash()

    // Four words instead of an array: a hash is made for each record, and must not allocate.
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    private init() {}

    /// Hashes `bytes` in place.
    package init(of bytes: UnsafeRawBufferPointer) {
        withUnsafeMutableBytes(of: &words) { SHA256.hash(bytes, into: $0) }
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

    /// Appends the 64 digits.
    package func append(to text: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.textLength) { digits in
            withUnsafeBytes(of: words) { bytes in
                Self.digits.withUnsafeBufferPointer { letters in
                    for index in 0..<SHA256.byteCount {
                        digits.initializeElement(at: 2 * index, to: letters[Int(bytes[index] >> 4)])
                        digits.initializeElement(at: 2 * index + 1, to: letters[Int(bytes[index] & 15)])
                    }
                }
            }
            text.append(contentsOf: digits)
        }
    }

    package var description: String {
        var text: [UInt8] = []
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    package static func == (left: RecordHash, right: RecordHash) -> Bool { left.words == right.words }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }
}
