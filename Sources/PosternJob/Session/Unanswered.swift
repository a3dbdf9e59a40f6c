/// What the driver has sent and the server has not answered.
///
/// It may believe too long that something is under way, which costs a receipt; never that nothing is.
struct Unanswered {
    private enum Kind: UInt8 {
        /// A Query or a FunctionCall.
        case query
        /// A Sync behind other messages of the extended protocol.
        case sync
        /// A Sync right behind another.
        case bareSync
    }

    /// What ReadyForQuery answers, in the order in which it was sent; the first `answered` have been answered.
    private var sent: [Kind] = []
    private var answered = 0
    /// Messages of the extended protocol have been sent, and no Sync behind them.
    private var isOpen = false
    /// Executes without a Sync behind them that have not completed.
    private var executes = 0
    /// The server waits for copy data: it reads over a Sync until the copy's end.
    private var isCopying = false
    /// A copy began, and the driver has not sent its end: whatever else comes, it takes no effect.
    private var isCopyUnended = false
    /// Syncs that the server reads over, unless the copy fails before it comes to them.
    private var readOver = 0
    /// A copy failed, and whether its Syncs were read over is not to be known: a ReadyForQuery may be another's.
    private var isUncertain = false

    var isEmpty: Bool { answered == sent.count && !isOpen && !isCopying }

    /// Whether the outcome of something is still to come. An Execute may be of a COMMIT: it needs no Sync to take
    /// effect.
    var mayTakeEffect: Bool {
        isUncertain || sent.count - answered + executes > (isCopyUnended ? 1 : 0)
    }

    /// The driver sent a message of this type.
    @inline(__always)
    mutating func sent(_ type: UInt8) {
        switch type {
        case UInt8(ascii: "Q"), UInt8(ascii: "F"):
            isCopying = false
            sent.append(.query)
        case UInt8(ascii: "S"): synced()
        case UInt8(ascii: "P"), UInt8(ascii: "B"), UInt8(ascii: "E"), UInt8(ascii: "D"), UInt8(ascii: "C"):
            // In the middle of a copy they make it fail.
            isCopying = false
            isOpen = true
            if type == UInt8(ascii: "E") { executes += 1 }
        case UInt8(ascii: "c"), UInt8(ascii: "f"):
            isCopying = false
            isCopyUnended = false
        default: break
        }
    }

    private mutating func synced() {
        guard !isCopying else {
            readOver += 1
            return
        }
        sent.append(isOpen ? .sync : .bareSync)
        isOpen = false
        executes = 0
    }

    /// CommandComplete, EmptyQueryResponse or PortalSuspended came.
    @inline(__always)
    mutating func completed() {
        readOver = 0
        if executes > 0, answered == sent.count { executes -= 1 }
    }

    /// ErrorResponse came, perhaps of a gateway that ends the session while the server goes on.
    mutating func failed() {
        isCopying = false
        if readOver > 0 { isUncertain = true }
    }

    /// ReadyForQuery came.
    @inline(__always)
    mutating func becameReady() {
        isCopying = false
        isCopyUnended = false
        readOver = 0
        // Without a question: the one that ends the login.
        guard answered < sent.count else { return }
        answered += 1
        if answered == sent.count || answered > 1024 { forgetAnswered() }
    }

    /// CopyInResponse came. In the extended protocol the Sync that was sent with the Execute is read over, and those
    /// right behind it.
    mutating func copyBegan() {
        isCopying = true
        isCopyUnended = true
        guard answered < sent.count, sent[answered] != .query else { return }
        repeat {
            answered += 1
            readOver += 1
        } while answered < sent.count && sent[answered] == .bareSync
        isOpen = true
        executes += 1
        forgetAnswered()
    }

    private mutating func forgetAnswered() {
        sent.removeFirst(answered)
        answered = 0
    }
}
