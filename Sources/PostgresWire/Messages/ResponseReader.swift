package import PosternCore

/// Takes one message `p` that answers a request for authentication; any other message is refused.
///
/// Before the job is known nothing but `p` is accepted: a second StartupMessage here has been a way to log in as
/// anyone (CVE-2026-107350).
package struct ResponseReader: Sendable {
    /// PostgreSQL's `PG_MAX_AUTH_TOKEN_LENGTH`: what a length field of a message with a token holds at most.
    package static let lengthLimit = 65535
    private static let headerLength = 5

    private let lengths: ClosedRange<Int>
    private let expected: String
    private var message: [UInt8] = []

    /// - Parameters:
    ///   - lengths: what the length field may hold; it counts itself.
    ///   - expected: what is awaited, in words: `password`.
    package init(lengths: ClosedRange<Int>, expected: String) {
        self.lengths = lengths
        self.expected = expected
    }

    /// How many bytes to read next at most: positive until a refusal.
    package var bytesNeeded: Int {
        guard message.count >= Self.headerLength else { return Self.headerLength - message.count }
        return max(0, 1 + declaredLength - message.count)
    }

    /// Takes what it needs from the front of `input`; the rest stays there.
    ///
    /// - Returns: the message's body; nil when more bytes are needed.
    package mutating func take(from input: inout ArraySlice<UInt8>) throws(Refusal) -> Redacted<[UInt8]>? {
        while !input.isEmpty {
            let taken = input.prefix(bytesNeeded)
            message.append(contentsOf: taken)
            input = input.dropFirst(taken.count)
            guard message.first == UInt8(ascii: "p") else {
                throw .violation("expected \(expected) response")
            }
            guard message.count >= Self.headerLength else { continue }
            guard lengths.contains(declaredLength) else {
                throw .violation("invalid \(expected) message length")
            }
            guard message.count == 1 + declaredLength else { continue }
            let body = Array(message.dropFirst(Self.headerLength))
            message = []
            return Redacted(body)
        }
        return nil
    }

    private var declaredLength: Int {
        message.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }
}
