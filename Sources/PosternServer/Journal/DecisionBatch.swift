internal import PosternJournal
internal import PosternNet
internal import PosternSession

/// What a loop's sessions decided in one turn, and what goes upstream once all of that is on record.
///
/// One write for a turn's decisions instead of one for each: what waits for it waits for microseconds, and in memory
/// that belongs to the loop and not to its sessions.
struct DecisionBatch {
    /// What is left of memory for the next turn; a large message's is given back.
    private static let keptCapacity = 256 * 1024

    private struct Held {
        let session: Session
        /// Where in `bytes` the session's end.
        let end: Int
    }

    private(set) var decisions: [StatementDecision] = []
    private var held: [Held] = []
    private var bytes: [UInt8] = []
    /// A decision could not be written: nothing of the batch goes upstream.
    private(set) var hasFailed = false
    /// Some of its decisions are in the file.
    private(set) var hasDecided = false

    var isEmpty: Bool { held.isEmpty && decisions.isEmpty }

    mutating func add(_ decision: StatementDecision) {
        decisions.append(decision)
    }

    /// Keeps what the relay wants sent, in order behind what is kept for the session already.
    mutating func hold(_ output: RelayOutput, of input: UnsafeRawBufferPointer, for session: Session) {
        for piece in output.pieces {
            switch piece {
            case .input(let range): bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: input[range]))
            case .bytes(let message): bytes.append(contentsOf: message)
            // Rows that the gateway answers go to jobs, not to servers.
            case .answer: break
            }
        }
        held.append(Held(session: session, end: bytes.count))
    }

    mutating func hold(_ message: [UInt8], for session: Session) {
        bytes.append(contentsOf: message)
        held.append(Held(session: session, end: bytes.count))
    }

    /// The decisions so far were written, or could not be.
    mutating func written(_ success: Bool) {
        decisions.removeAll(keepingCapacity: true)
        if success { hasDecided = true } else { hasFailed = true }
    }

    /// Sends what was held, in the order in which it came, or ends its sessions; empty afterwards.
    mutating func release(on loop: isolated EventLoop) {
        bytes.withUnsafeBytes { bytes in
            var start = 0
            for one in held {
                if hasFailed {
                    one.session.decisionsLost(on: loop)
                } else {
                    one.session.release(UnsafeRawBufferPointer(rebasing: bytes[start..<one.end]), on: loop)
                }
                start = one.end
            }
        }
        decisions.removeAll(keepingCapacity: true)
        held.removeAll(keepingCapacity: true)
        if bytes.capacity > Self.keptCapacity { bytes = [] } else { bytes.removeAll(keepingCapacity: true) }
        hasFailed = false
        hasDecided = false
    }

    /// The batch has to wait for the disk: its sessions are not read meanwhile, so that what is held stays small.
    func stall(on loop: isolated EventLoop) {
        for one in held { one.session.stall(on: loop) }
    }
}
