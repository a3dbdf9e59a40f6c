/// Finds the messages in what the job sends after its login, in whatever pieces they arrive.
///
/// Query, Parse and FunctionCall are passed on whole or not at all: half of one must never stand upstream when the
/// job vanishes. Bodies of CopyData and of Bind stream through; of a Bind the two names are waited for.
struct FrontendFrames {
    /// How large a message that is passed on whole may be, in bytes. PostgreSQL itself stops at 1 GiB.
    static let wholeMessageLimit = 16 * 1024 * 1024
    /// PostgreSQL's own bound for messages that carry only names (PQ_SMALL_MESSAGE_LIMIT, postgres.c).
    static let smallMessageLimit = 10_000
    /// PostgreSQL's own bound for the rest (PQ_LARGE_MESSAGE_LIMIT: MaxAllocSize - 1).
    static let largeMessageLimit = 0x3FFF_FFFE
    /// Names of statements and portals are at most NAMEDATALEN - 1 bytes: PostgreSQL cuts longer ones, and two names
    /// that differ only behind the cut would be one.
    static let nameLimit = 63

    enum Kind {
        case query
        case functionCall
        case sync
        case parse
        /// The message's beginning, as far as it has come: both names are whole.
        case bind
        case execute
        case describe
        case close
        case flush
        /// CopyDone or CopyFail.
        case copyEnd
        case terminate
        /// CopyData, and what is left of a streamed message.
        case data
    }

    enum Next {
        /// A message, or the part of a streamed one, that ends at this offset.
        case message(Kind, end: Int)
        /// The rest of the input is a message of which more must come.
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
            return .message(.data, end: offset + taken)
        }
        guard available >= MessageHeader.size else { return .incomplete }
        let length = MessageHeader.length(bytes, at: offset)
        guard length >= 4 else { return .violation("invalid message length") }
        switch bytes[offset] {
        case UInt8(ascii: "Q"): return whole(.query, length, available, offset)
        case UInt8(ascii: "P"): return whole(.parse, length, available, offset)
        case UInt8(ascii: "F"): return whole(.functionCall, length, available, offset)
        case UInt8(ascii: "B"):
            guard length <= Self.largeMessageLimit else { return .violation("invalid message length") }
            // Portal and statement name, each with its NUL.
            let needed = min(length + 1, MessageHeader.size + 2 * (Self.nameLimit + 1))
            guard available >= needed else { return .incomplete }
            return streamed(.bind, length, available, offset)
        case UInt8(ascii: "d"): return streamed(.data, length, available, offset)
        case UInt8(ascii: "S"): return small(.sync, length, available, offset)
        case UInt8(ascii: "X"): return small(.terminate, length, available, offset)
        case UInt8(ascii: "c"), UInt8(ascii: "f"): return small(.copyEnd, length, available, offset)
        case UInt8(ascii: "E"): return small(.execute, length, available, offset)
        case UInt8(ascii: "D"): return small(.describe, length, available, offset)
        case UInt8(ascii: "C"): return small(.close, length, available, offset)
        case UInt8(ascii: "H"): return small(.flush, length, available, offset)
        default: return .violation("invalid frontend message type \(bytes[offset])")
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
    private mutating func streamed(_ kind: Kind, _ length: Int, _ available: Int, _ offset: Int) -> Next {
        guard length <= Self.largeMessageLimit else { return .violation("invalid message length") }
        let taken = min(length + 1, available)
        bodyRemaining = length + 1 - taken
        return .message(kind, end: offset + taken)
    }

    /// Gives back a message that cannot be passed on yet: it is offered again, from its first byte.
    mutating func putBack() {
        bodyRemaining = 0
    }
}
