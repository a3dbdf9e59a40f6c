/// Finds the messages in what the job sends after its login, in whatever pieces they arrive.
///
/// Query, Parse and FunctionCall are passed on whole or not at all: half of one must never stand upstream when the
/// job vanishes. Bodies of CopyData and Bind stream through; only their headers are looked at.
struct FrontendFrames {
    /// How large a message that is passed on whole may be, in bytes. PostgreSQL itself stops at 1 GiB.
    static let wholeMessageLimit = 16 * 1024 * 1024
    /// PostgreSQL's own bound for messages that carry only names (PQ_SMALL_MESSAGE_LIMIT, postgres.c).
    static let smallMessageLimit = 10_000
    /// PostgreSQL's own bound for the rest (PQ_LARGE_MESSAGE_LIMIT: MaxAllocSize - 1).
    static let largeMessageLimit = 0x3FFF_FFFE

    enum Kind {
        /// Starts a cycle that one ReadyForQuery ends.
        case query
        case functionCall
        case sync
        case parse
        case execute
        /// Bind, Describe, Close, Flush, CopyData: nothing to count.
        case other
        case copyEnd
        case terminate
    }

    enum Next {
        /// A message, or the part of a streamed one, that ends at this offset.
        case message(Kind, end: Int)
        /// The rest of the input is a message of which more must come, `total` bytes in all as far as is known.
        case incomplete
        case violation(String)
        case tooLarge
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
        guard length >= 4 else { return .violation("invalid message length") }
        switch bytes[offset] {
        case UInt8(ascii: "Q"): return whole(.query, length, available, offset)
        case UInt8(ascii: "P"): return whole(.parse, length, available, offset)
        case UInt8(ascii: "F"): return whole(.functionCall, length, available, offset)
        case UInt8(ascii: "B"), UInt8(ascii: "d"): return streamed(length, available, offset)
        case UInt8(ascii: "S"): return small(.sync, length, available, offset)
        case UInt8(ascii: "X"): return small(.terminate, length, available, offset)
        case UInt8(ascii: "c"), UInt8(ascii: "f"): return small(.copyEnd, length, available, offset)
        case UInt8(ascii: "E"): return small(.execute, length, available, offset)
        case UInt8(ascii: "D"), UInt8(ascii: "C"), UInt8(ascii: "H"):
            return small(.other, length, available, offset)
        default:
            return .violation("invalid frontend message type \(bytes[offset])")
        }
    }

    @inline(__always)
    private func whole(_ kind: Kind, _ length: Int, _ available: Int, _ offset: Int) -> Next {
        guard length <= Self.wholeMessageLimit else { return .tooLarge }
        return available >= length + 1 ? .message(kind, end: offset + length + 1) : .incomplete
    }

    @inline(__always)
    private func small(_ kind: Kind, _ length: Int, _ available: Int, _ offset: Int) -> Next {
        guard length <= Self.smallMessageLimit else { return .violation("invalid message length") }
        return available >= length + 1 ? .message(kind, end: offset + length + 1) : .incomplete
    }

    @inline(__always)
    private mutating func streamed(_ length: Int, _ available: Int, _ offset: Int) -> Next {
        guard length <= Self.largeMessageLimit else { return .violation("invalid message length") }
        let taken = min(length + 1, available)
        bodyRemaining = length + 1 - taken
        return .message(.other, end: offset + taken)
    }
}
