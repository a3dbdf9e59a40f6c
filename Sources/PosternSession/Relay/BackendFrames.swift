/// Finds the messages in what the server sends after the login, in whatever pieces they arrive.
///
/// Rows and copy data stream through. The few messages that the gateway reads itself are waited for whole, up to a
/// bound that no server reaches; a larger one streams unread where nothing depends on it, and is refused where the
/// session's safety does.
struct BackendFrames {
    /// Messages that are read are this large at most, header included.
    static let readLimit = 64 * 1024
    /// What PostgreSQL can send at most (MaxAllocSize); more is a server that lost its mind.
    static let messageLimit = 0x3FFF_FFFF

    enum Kind {
        case readyForQuery
        case commandComplete
        /// EmptyQueryResponse or PortalSuspended: the other two ends of an Execute.
        case executeEnd
        case errorResponse
        case parameterStatus
        case copyInResponse
        /// Everything that passes unread.
        case other
    }

    enum Next {
        /// A message, or the part of a streamed one, that ends at this offset.
        case message(Kind, end: Int)
        case incomplete
        case violation(String)
    }

    /// Bytes of a streamed body that are still to come.
    private(set) var bodyRemaining = 0

    /// Looks at the message that begins at `offset`.
    @inline(__always)
    mutating func next(_ bytes: borrowing Span<UInt8>, from offset: Int) -> Next {
        let available = bytes.count - offset
        if bodyRemaining > 0 {
            let taken = min(bodyRemaining, available)
            bodyRemaining -= taken
            return .message(.other, end: offset + taken)
        }
        guard available >= 5 else { return .incomplete }
        let length =
            Int(bytes[offset + 1]) << 24 | Int(bytes[offset + 2]) << 16 | Int(bytes[offset + 3]) << 8
            | Int(bytes[offset + 4])
        guard length >= 4, length <= Self.messageLimit else { return .violation("invalid message length") }
        let kind: Kind
        switch bytes[offset] {
        case UInt8(ascii: "D"), UInt8(ascii: "d"): return streamed(length, available, offset)
        case UInt8(ascii: "Z"):
            guard length == 5 else { return .violation("invalid ReadyForQuery") }
            kind = .readyForQuery
        case UInt8(ascii: "C"): kind = .commandComplete
        case UInt8(ascii: "I"), UInt8(ascii: "s"): kind = .executeEnd
        case UInt8(ascii: "E"): kind = .errorResponse
        case UInt8(ascii: "S"): kind = .parameterStatus
        case UInt8(ascii: "G"): kind = .copyInResponse
        default: return streamed(length, available, offset)
        }
        guard length < Self.readLimit else {
            // A setting that decides how text is read must not change unseen.
            guard kind != .parameterStatus else { return .violation("ParameterStatus is too long") }
            return streamed(length, available, offset)
        }
        return available >= length + 1 ? .message(kind, end: offset + length + 1) : .incomplete
    }

    @inline(__always)
    private mutating func streamed(_ length: Int, _ available: Int, _ offset: Int) -> Next {
        let taken = min(length + 1, available)
        bodyRemaining = length + 1 - taken
        return .message(.other, end: offset + taken)
    }
}
