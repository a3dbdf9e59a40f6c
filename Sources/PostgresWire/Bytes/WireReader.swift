/// Why bytes are not the message that they claim to be.
package enum WireError: Error, Hashable, Sendable {
    /// The message ends inside a field.
    case truncated
    /// A C string has no NUL.
    case unterminatedString
    /// Bytes follow the message's last field.
    case trailingBytes
    /// An inner length or count is negative or larger than what is left.
    case invalidLength
    /// Text is not UTF-8.
    case invalidText
    /// A field has a value that the protocol does not know.
    case invalidValue
}

/// Takes fields from the front of one message's body.
package struct WireReader {
    /// What has not been taken yet.
    package private(set) var rest: ArraySlice<UInt8>

    package init(_ body: ArraySlice<UInt8>) {
        rest = body
    }

    package var isAtEnd: Bool { rest.isEmpty }

    package mutating func byte() throws(WireError) -> UInt8 {
        guard let byte = rest.popFirst() else { throw .truncated }
        return byte
    }

    package mutating func uint32() throws(WireError) -> UInt32 {
        try bytes(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    package mutating func int32() throws(WireError) -> Int32 {
        Int32(bitPattern: try uint32())
    }

    package mutating func bytes(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= rest.count else { throw .truncated }
        let taken = rest.prefix(count)
        rest = rest.dropFirst(count)
        return taken
    }

    /// Everything that is left.
    package mutating func remainder() -> ArraySlice<UInt8> {
        let taken = rest
        rest = rest.suffix(0)
        return taken
    }

    /// The bytes up to the next NUL, which is taken too.
    package mutating func cString() throws(WireError) -> ArraySlice<UInt8> {
        guard let end = rest.firstIndex(of: 0) else { throw .unterminatedString }
        let text = rest[rest.startIndex..<end]
        rest = rest[(end + 1)...]
        return text
    }

    /// A C string that must be UTF-8.
    package mutating func text() throws(WireError) -> String {
        guard let text = String(validating: try cString(), as: UTF8.self) else { throw .invalidText }
        return text
    }

    package func expectEnd() throws(WireError) {
        guard rest.isEmpty else { throw .trailingBytes }
    }
}
