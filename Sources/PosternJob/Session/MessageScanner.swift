/// Finds where messages begin in a stream of them, in whatever pieces it comes. It holds nothing back.
struct MessageScanner {
    enum Found {
        /// A message of this type begins; `status` is the first byte of its body where the type is asked for.
        case message(type: UInt8, status: UInt8, next: Int)
        /// The message that ends the stream begins at `offset`.
        case last(offset: Int)
        /// There is no other message in these bytes.
        case end
        case violation
    }

    private static let headerSize = 5

    /// A type of which the first byte of the body is wanted; such messages have a body.
    let wanted: UInt8
    /// The type of the message that ends the stream.
    let last: UInt8?

    private var type: UInt8 = 0
    /// Bytes of the header that have come.
    private var seen = 0
    private var length = 0
    /// Bytes of the body that are still to come.
    private var remaining = 0
    private var awaitsStatus = false

    init(wanted: UInt8 = 0, last: UInt8? = nil) {
        self.wanted = wanted
        self.last = last
    }

    /// Whether the next byte begins a message.
    var isAtBoundary: Bool { seen == 0 && remaining == 0 }

    /// Looks for the next message from `start` on.
    @inline(__always)
    mutating func next(_ bytes: borrowing Span<UInt8>, from start: Int) -> Found {
        var offset = start
        while offset < bytes.count {
            if awaitsStatus {
                awaitsStatus = false
                return .message(type: type, status: bytes[offset], next: offset)
            }
            if remaining > 0 {
                let taken = min(remaining, bytes.count - offset)
                remaining -= taken
                offset += taken
                continue
            }
            if seen == 0 {
                type = bytes[offset]
                if type == last { return .last(offset: offset) }
                length = 0
            } else {
                length = length << 8 | Int(bytes[offset])
            }
            seen += 1
            offset += 1
            guard seen == Self.headerSize else { continue }
            guard length >= 4 else { return .violation }
            seen = 0
            remaining = length - 4
            guard type == wanted, remaining > 0 else { return .message(type: type, status: 0, next: offset) }
            awaitsStatus = true
        }
        return .end
    }
}
