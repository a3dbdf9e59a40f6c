/// The name of a session: 16 characters of `0-9a-z`, unique for all practical purposes (82 bits).
///
/// It stands in every refusal, in the journal and in the upstream `application_name`, where
/// `postern/<role>/<session>` must fit PostgreSQL's 63 bytes.
package struct SessionID: Hashable, Sendable, CustomStringConvertible {
    package static let length = 16
    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)

    // Two words instead of a `String`, which has no room for 16 bytes in itself: each record of the journal writes them.
    private let bytes: (UInt64, UInt64)

    /// Makes a new id from a generator of random numbers.
    package init(using generator: inout some RandomNumberGenerator) {
        let letters = (0..<Self.length).map { _ in
            Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &generator)]
        }
        bytes = Self.pack(letters)
    }

    /// Makes a new id from the system's random source.
    package init() {
        var generator = SystemRandomNumberGenerator()
        self.init(using: &generator)
    }

    /// Takes an id that was written down; nil when it is not 16 characters of the alphabet.
    package init?(_ text: String) {
        guard text.utf8.count == Self.length, text.utf8.allSatisfy(Self.alphabet.contains) else { return nil }
        bytes = Self.pack(text.utf8)
    }

    private static func pack(_ letters: some Collection<UInt8>) -> (UInt64, UInt64) {
        var bytes: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &bytes) { $0.copyBytes(from: letters) }
        return bytes
    }

    /// Calls `body` with the 16 characters, ASCII.
    package func withText<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        withUnsafeBytes(of: bytes, body)
    }

    package var description: String { withText { String(decoding: $0, as: UTF8.self) } }

    package static func == (left: SessionID, right: SessionID) -> Bool { left.bytes == right.bytes }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(bytes.0)
        hasher.combine(bytes.1)
    }
}
