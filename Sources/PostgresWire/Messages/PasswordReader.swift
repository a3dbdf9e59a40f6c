package import PosternCore

/// Takes the one PasswordMessage that answers a request for a password; any other message is refused.
///
/// Before the job is known nothing but `p` is accepted: a second StartupMessage here has been a way to log in as
/// anyone (CVE-2026-107350).
package struct PasswordReader: Sendable {
    /// PostgreSQL's `PG_MAX_AUTH_TOKEN_LENGTH`: the length field's value at most.
    package static let lengthLimit = 65535
    private static let headerLength = 5

    private var message: [UInt8] = []

    package init() {}

    /// How many bytes to read next at most: positive until a refusal.
    package var bytesNeeded: Int {
        guard message.count >= Self.headerLength else { return Self.headerLength - message.count }
        return max(0, 1 + declaredLength - message.count)
    }

    /// Takes what it needs from the front of `input`; the rest stays there.
    ///
    /// - Returns: the password without its NUL, possibly empty; nil when more bytes are needed.
    package mutating func take(from input: inout ArraySlice<UInt8>) throws(Refusal) -> Redacted<[UInt8]>? {
        while !input.isEmpty {
            let taken = input.prefix(bytesNeeded)
            message.append(contentsOf: taken)
            input = input.dropFirst(taken.count)
            guard message.first == UInt8(ascii: "p") else {
                throw .violation("expected password response")
            }
            guard message.count >= Self.headerLength else { continue }
            // Five is a NUL alone, the shortest string.
            guard declaredLength >= 5, declaredLength <= Self.lengthLimit else {
                throw .violation("invalid password message length")
            }
            guard message.count == 1 + declaredLength else { continue }
            let body = message.dropFirst(Self.headerLength)
            message = []
            guard body.firstIndex(of: 0) == body.indices.last else {
                throw .violation("invalid password packet size")
            }
            return Redacted(Array(body.dropLast()))
        }
        return nil
    }

    private var declaredLength: Int {
        message.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }
}
