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
        case emptyQueryResponse
        case portalSuspended
        case errorResponse
        case parameterStatus
        case parseComplete
        case bindComplete
        case closeComplete
        case parameterDescription
        /// RowDescription, possibly the first part of it.
        case rowDescription
        case noData
        case copyInResponse
        /// The first part of a DataRow.
        case row
        /// The first part of a CopyData.
        case copyData
        /// What is left of a DataRow or a CopyData.
        case rest
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
    /// They belong to a row or to copy data.
    private var isData = false

    /// Looks at the message that begins at `offset`.
    @inline(__always)
    mutating func next(_ bytes: borrowing Span<UInt8>, from offset: Int) -> Next {
        let available = bytes.count - offset
        if bodyRemaining > 0 {
            let taken = min(bodyRemaining, available)
            bodyRemaining -= taken
            return .message(isData ? .rest : .other, end: offset + taken)
        }
        guard available >= MessageHeader.size else { return .incomplete }
        let length = MessageHeader.length(bytes, at: offset)
        guard length >= 4, length <= Self.messageLimit else { return .violation("invalid message length") }
        isData = false
        let kind: Kind
        switch bytes[offset] {
        case UInt8(ascii: "D"):
            isData = true
            return streamed(.row, length, available, offset)
        case UInt8(ascii: "d"):
            isData = true
            return streamed(.copyData, length, available, offset)
        case UInt8(ascii: "T"): return streamed(.rowDescription, length, available, offset)
        case UInt8(ascii: "Z"):
            guard length == 5 else { return .violation("invalid ReadyForQuery") }
            kind = .readyForQuery
        case UInt8(ascii: "C"):
            guard length > 4 else { return .violation("invalid CommandComplete") }
            kind = .commandComplete
        case UInt8(ascii: "I"): kind = .emptyQueryResponse
        case UInt8(ascii: "s"): kind = .portalSuspended
        case UInt8(ascii: "E"): kind = .errorResponse
        case UInt8(ascii: "S"): kind = .parameterStatus
        case UInt8(ascii: "1"): kind = .parseComplete
        case UInt8(ascii: "2"): kind = .bindComplete
        case UInt8(ascii: "3"): kind = .closeComplete
        case UInt8(ascii: "n"): kind = .noData
        case UInt8(ascii: "t"): return streamed(.parameterDescription, length, available, offset)
        case UInt8(ascii: "G"): kind = .copyInResponse
        default: return streamed(.other, length, available, offset)
        }
        guard length < Self.readLimit else {
            switch kind {
            // An error's text may be as long as the statement that it quotes; only its kind matters then.
            case .errorResponse: return streamed(kind, length, available, offset)
            // A setting that decides how text is read must not change unseen.
            case .parameterStatus: return .violation("ParameterStatus is too long")
            default: return .violation("a message of type \(bytes[offset]) is too long")
            }
        }
        return available >= length + 1 ? .message(kind, end: offset + length + 1) : .incomplete
    }

    @inline(__always)
    private mutating func streamed(_ kind: Kind, _ length: Int, _ available: Int, _ offset: Int) -> Next {
        let taken = min(length + 1, available)
        bodyRemaining = length + 1 - taken
        return .message(kind, end: offset + taken)
    }
}
