package import PosternCore

/// Takes the one PasswordMessage that answers a request for a password.
package struct PasswordReader: Sendable {
    // Five is a NUL alone, the shortest string.
    private var reader = ResponseReader(lengths: 5...ResponseReader.lengthLimit, expected: "password")

    package init() {}

    /// How many bytes to read next at most: positive until a refusal.
    package var bytesNeeded: Int { reader.bytesNeeded }

    /// Takes what it needs from the front of `input`; the rest stays there.
    ///
    /// - Returns: the password without its NUL, possibly empty; nil when more bytes are needed.
    package mutating func take(from input: inout ArraySlice<UInt8>) throws(Refusal) -> Redacted<[UInt8]>? {
        guard let body = try reader.take(from: &input)?.reveal() else { return nil }
        guard body.firstIndex(of: 0) == body.indices.last else {
            throw .violation("invalid password packet size")
        }
        return Redacted(Array(body.dropLast()))
    }
}
