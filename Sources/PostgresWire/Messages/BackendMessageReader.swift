/// Why the bytes of a server cannot be read further.
package enum BackendMessageError: Error, Hashable, Sendable {
    /// A length below 4 or beyond the type's limit.
    case invalidLength(type: UInt8, length: Int)
    /// A type that has no place before ReadyForQuery.
    case unexpectedType(UInt8)
    case malformed(type: UInt8, WireError)
}

/// Takes a server's messages one by one from bytes as they come, up to the first ReadyForQuery.
///
/// After each message `rest` begins at the next one, so what follows ReadyForQuery can be handed on to the byte.
/// At most one message's limit and one read are held.
package struct BackendMessageReader: Sendable {
    /// libpq's limits of the login phase (fe-connect.c, `PQconnectPoll`): the length field's value at most.
    package static let authenticationLimit = 2000
    package static let otherLimit = 30000
    private static let headerLength = 5

    /// What has been received and not taken.
    package private(set) var rest: ArraySlice<UInt8> = []

    package init() {}

    package mutating func append(_ bytes: some Collection<UInt8>) {
        // A fresh array, so that taken messages are not kept alive in front of the slice.
        rest = ArraySlice(Array(rest) + bytes)
    }

    /// The next whole message, or nil when more bytes are needed.
    package mutating func next() throws(BackendMessageError) -> BackendMessage? {
        guard let type = rest.first else { return nil }
        let limit: Int
        switch type {
        case UInt8(ascii: "R"), UInt8(ascii: "v"): limit = Self.authenticationLimit
        case UInt8(ascii: "E"), UInt8(ascii: "N"), UInt8(ascii: "S"), UInt8(ascii: "K"), UInt8(ascii: "Z"):
            limit = Self.otherLimit
        default: throw .unexpectedType(type)
        }
        guard rest.count >= Self.headerLength else { return nil }
        let length = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard length >= 4, length <= limit else { throw .invalidLength(type: type, length: length) }
        guard rest.count >= 1 + length else { return nil }
        let body = rest.dropFirst(Self.headerLength).prefix(length - 4)
        let message: BackendMessage?
        do throws(WireError) {
            message = try BackendMessage(type: type, body: body)
        } catch {
            throw .malformed(type: type, error)
        }
        guard let message else { throw .unexpectedType(type) }
        rest = rest.dropFirst(1 + length)
        return message
    }
}
