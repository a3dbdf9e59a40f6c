/// What the driver has sent and the server has not answered with ReadyForQuery.
///
/// It may believe too long that something is under way, which costs a receipt; never that nothing is.
struct Unanswered {
    private enum Kind: UInt8 {
        /// A Query or a FunctionCall.
        case query
        case sync
    }

    /// In the order in which they were sent; the first `answered` of them have been answered.
    private var sent: [Kind] = []
    private var answered = 0
    /// Messages of the extended protocol have been sent, and no Sync behind them.
    private var isOpen = false
    /// The server waits for copy data: it reads over a Sync until the copy's end.
    private var isCopying = false

    var isEmpty: Bool { answered == sent.count && !isOpen && !isCopying }

    /// What has no Query, FunctionCall or Sync behind it is undone when the connection ends.
    var mayTakeEffect: Bool { answered < sent.count }

    /// The driver sent a message of this type.
    @inline(__always)
    mutating func sent(_ type: UInt8) {
        switch type {
        case UInt8(ascii: "Q"), UInt8(ascii: "F"): sent.append(.query)
        case UInt8(ascii: "S"):
            isOpen = false
            if !isCopying { sent.append(.sync) }
        case UInt8(ascii: "P"), UInt8(ascii: "B"), UInt8(ascii: "E"), UInt8(ascii: "D"), UInt8(ascii: "C"):
            isOpen = true
        case UInt8(ascii: "c"), UInt8(ascii: "f"): isCopying = false
        default: break
        }
    }

    /// ReadyForQuery came.
    @inline(__always)
    mutating func becameReady() {
        isCopying = false
        // Without a question: the one that ends the login.
        guard answered < sent.count else { return }
        answered += 1
        if answered == sent.count {
            sent.removeAll(keepingCapacity: true)
            answered = 0
        } else if answered > 1024 {
            sent.removeFirst(answered)
            answered = 0
        }
    }

    /// CopyInResponse came. In the extended protocol the Sync that was sent with the Execute is read over.
    mutating func copyBegan() {
        isCopying = true
        while answered < sent.count, sent[answered] == .sync { answered += 1 }
        if answered == sent.count {
            sent.removeAll(keepingCapacity: true)
            answered = 0
        }
    }
}
