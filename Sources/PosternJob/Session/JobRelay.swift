internal import PostgresWire

/// Passes a session through and knows when it is idle: then, and only then, it can be asked for its receipt.
///
/// All bytes go on as they came, but for the driver's Terminate. Where it leaves an idle session the gateway is asked
/// for the receipt first; where it leaves in the middle of something the gateway hears exactly what the driver said, and
/// is listened to until all of that has been answered.
package struct JobRelay {
    /// What is to be done with bytes of the driver.
    package enum FromDriver: Equatable {
        /// All of it goes on.
        case pass
        /// The first `count` bytes go on, then `departure`.
        case leave(count: Int, Departure)
        case violation
    }

    /// How the session ends, as seen from the gateway.
    package enum Departure: Equatable {
        /// Send this; the answers are for `received`.
        case ask([UInt8])
        /// Nothing is under way: send this and close.
        case terminate([UInt8])
        /// Something is: send this, or end this side without a word as the driver did, and wait for the gateway's end.
        case finish([UInt8])
    }

    /// What is to be done after bytes that answer the question.
    package enum Answer: Equatable {
        case more
        /// The receipt, nil when there is none; send Terminate and close.
        case done(receipt: [UInt8]?)
    }

    private enum Phase {
        /// Can transition to: asking, over.
        case relaying
        /// Can transition to: over.
        case asking(ReceiptReader)
        case over
    }

    private let givesReceipts: Bool
    private var phase = Phase.relaying
    private var driver = MessageScanner(last: UInt8(ascii: "X"))
    private var gateway = MessageScanner(wanted: UInt8(ascii: "Z"))
    private var unanswered = Unanswered()
    private var status = TransactionStatus.idle

    /// - Parameter givesReceipts: whether the gateway knows the question.
    package init(givesReceipts: Bool) {
        self.givesReceipts = givesReceipts
    }

    /// Nothing is under way, in either direction.
    package var isIdle: Bool {
        guard case .relaying = phase else { return false }
        return unanswered.isEmpty && driver.isAtBoundary && gateway.isAtBoundary
    }

    /// Something was asked for that may still take effect: its outcome has not come.
    package var awaitsOutcome: Bool { unanswered.mayTakeEffect }

    /// Bytes of the driver.
    package mutating func fromDriver(_ bytes: borrowing Span<UInt8>) -> FromDriver {
        var offset = 0
        while true {
            switch driver.next(bytes, from: offset) {
            case .message(let type, _, let next):
                unanswered.sent(type)
                offset = next
            case .last(let end): return .leave(count: end, terminated())
            case .end: return .pass
            case .violation: return .violation
            }
        }
    }

    /// Bytes of the gateway, which all go on to the driver while there is one.
    ///
    /// - Returns: false when they are no messages.
    package mutating func fromGateway(_ bytes: borrowing Span<UInt8>) -> Bool {
        var offset = 0
        while true {
            switch gateway.next(bytes, from: offset) {
            case .message(UInt8(ascii: "Z"), let byte, let next):
                status = TransactionStatus(rawValue: byte) ?? .failed
                unanswered.becameReady()
                offset = next
            case .message(UInt8(ascii: "C"), _, let next),
                .message(UInt8(ascii: "I"), _, let next),
                .message(UInt8(ascii: "s"), _, let next):
                unanswered.completed()
                offset = next
            case .message(UInt8(ascii: "E"), _, let next):
                unanswered.failed()
                offset = next
            case .message(UInt8(ascii: "G"), _, let next):
                unanswered.copyBegan()
                offset = next
            case .message(_, _, let next), .last(let next): offset = next
            case .end: return true
            case .violation: return false
            }
        }
    }

    /// The driver has closed its connection without Terminate, or the run is over.
    package mutating func driverLeft() -> Departure {
        guard isIdle else {
            phase = .over
            return .finish([])
        }
        return terminated()
    }

    private mutating func terminated() -> Departure {
        guard isIdle, givesReceipts else {
            defer { phase = .over }
            return isIdle ? .terminate(FrontendMessage.terminate) : .finish(FrontendMessage.terminate)
        }
        // The end of the session would roll back what is open; done first, the receipt speaks of it.
        let texts = (status == .idle ? [] : ["ROLLBACK"]) + ["SHOW postern.receipt"]
        phase = .asking(ReceiptReader(answers: texts.count))
        return .ask(texts.flatMap(FrontendMessage.query))
    }

    /// Bytes of the gateway after `ask`.
    package mutating func received(_ bytes: [UInt8]) -> Answer {
        guard case .asking(var reader) = phase else { return .done(receipt: nil) }
        let answer = reader.received(bytes)
        switch answer {
        case .more: phase = .asking(reader)
        case .done: phase = .over
        }
        return answer
    }
}
