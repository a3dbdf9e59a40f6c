package import PostgresWire

/// The session after its login: what passes in both directions, and what is learnt from it on the way.
///
/// Bytes pass exactly as they came. The relay says up to where they are whole, keeps the server's transaction
/// status, counts what `session.end` reports, and knows when the session is idle.
package struct SessionRelay {
    /// What is to be done with a piece of input.
    package struct Step {
        /// So many bytes from the front go to the other side as they are. The rest is the beginning of a message and
        /// must be offered again with what comes after it.
        package var forward = 0
        /// Queries, Syncs and FunctionCalls in what is forwarded: each will be answered by ReadyForQuery.
        package var cyclesBegun = 0
        /// ReadyForQuery messages in what is forwarded.
        package var cyclesEnded = 0
        package var ending: Ending?
    }

    package enum Ending: Hashable, Sendable {
        /// The job sent Terminate, the last byte of what is forwarded.
        case terminated
        case jobViolation(String)
        case serverViolation(String)
        /// A message that must be whole is larger than the gateway takes, in bytes.
        case tooLarge(limit: Int)
        /// The server changed a setting that the gateway relies on.
        case forbiddenSetting(name: String, value: String)
    }

    /// Totals for the session's last record.
    package struct Totals: Hashable, Sendable {
        /// CommandComplete messages.
        package var statements: UInt64 = 0
        package var errors: UInt64 = 0
        /// The sum of the row counts of the command tags.
        package var rows: UInt64 = 0

        package init(statements: UInt64 = 0, errors: UInt64 = 0, rows: UInt64 = 0) {
            self.statements = statements
            self.errors = errors
            self.rows = rows
        }
    }

    package private(set) var transactionStatus = TransactionStatus.idle
    package private(set) var totals = Totals()
    /// The SQLSTATE of a FATAL or PANIC error that the server sent: it is about to close.
    package private(set) var fatalState: String?

    private var frontend = FrontendFrames()
    private var backend = BackendFrames()
    private var pendingCycles = 0
    // PostgreSQL ignores Sync while it reads copy data (protocol.md 1.7), so those Syncs are never answered.
    private var isCopyingIn = false
    private var cyclesSinceCopyEnd = 0
    private var sawCopyEnd = false
    // Executes since the last Sync that the server has not answered: a job that flushes in place of syncing is busy too.
    private var unsyncedExecutes = 0
    // An error was answered and nothing synced since: the server throws everything away up to the next Sync.
    private var isSkipping = false

    package init() {}

    /// No statement is under way, as far as the server has said.
    package var isIdle: Bool { pendingCycles == 0 && unsyncedExecutes == 0 && !isCopyingIn }

    /// Part of a message stands upstream: nothing may be sent there but the rest of it.
    package var isMidMessage: Bool { frontend.bodyRemaining > 0 }

    /// Part of a message stands with the job: an error message would be read as the rest of it.
    package var isMidAnswer: Bool { backend.bodyRemaining > 0 }

    // MARK: From the job

    package mutating func fromJob(_ bytes: borrowing Span<UInt8>) -> Step {
        var step = Step()
        while step.forward < bytes.count {
            switch frontend.next(bytes, from: step.forward) {
            case .message(let kind, let end):
                step.forward = end
                switch kind {
                case .execute:
                    if !isSkipping { unsyncedExecutes += 1 }
                case .query, .functionCall, .sync:
                    unsyncedExecutes = 0
                    isSkipping = false
                    if !(kind == .sync && isCopyingIn) {
                        pendingCycles += 1
                        cyclesSinceCopyEnd += 1
                        step.cyclesBegun += 1
                    }
                case .copyEnd:
                    isCopyingIn = false
                    sawCopyEnd = true
                    cyclesSinceCopyEnd = 0
                case .terminate:
                    step.ending = .terminated
                    return step
                case .parse, .other:
                    break
                }
            case .incomplete:
                return step
            case .violation(let reason):
                step.ending = .jobViolation(reason)
                return step
            case .tooLarge:
                step.ending = .tooLarge(limit: FrontendFrames.wholeMessageLimit)
                return step
            }
        }
        return step
    }

    // MARK: From the server

    package mutating func fromServer(_ bytes: borrowing Span<UInt8>) -> Step {
        var step = Step()
        while step.forward < bytes.count {
            switch backend.next(bytes, from: step.forward) {
            case .message(let kind, let end):
                let start = step.forward
                switch kind {
                case .other:
                    break
                case .readyForQuery:
                    guard let status = TransactionStatus(rawValue: bytes[start + 5]) else {
                        step.ending = .serverViolation("unknown transaction status")
                        return step
                    }
                    transactionStatus = status
                    isCopyingIn = false
                    if pendingCycles > 0 { pendingCycles -= 1 }
                    step.cyclesEnded += 1
                case .executeEnd:
                    executeEnded()
                case .commandComplete:
                    executeEnded()
                    totals.statements &+= 1
                    totals.rows &+= Self.rowCount(bytes, start + 5, end)
                case .errorResponse:
                    totals.errors &+= 1
                    isCopyingIn = false
                    if pendingCycles == 0 {
                        unsyncedExecutes = 0
                        isSkipping = true
                    }
                    noteError(bytes, start + 5, end)
                case .parameterStatus:
                    if let ending = forbidden(bytes, start + 5, end) {
                        step.ending = ending
                        return step
                    }
                case .copyInResponse:
                    beginCopyIn()
                }
                step.forward = end
            case .incomplete:
                return step
            case .violation(let reason):
                step.ending = .serverViolation(reason)
                return step
            }
        }
        return step
    }

    /// Answers that come while a Sync is awaited belong to what stands before it.
    private mutating func executeEnded() {
        if pendingCycles == 0, unsyncedExecutes > 0 { unsyncedExecutes -= 1 }
    }

    /// The Syncs that the job sent before the end of its copy data are swallowed by the server. The Query that
    /// began a simple copy is still to be answered, and so is what follows the end of the data.
    private mutating func beginCopyIn() {
        if sawCopyEnd {
            pendingCycles = max(1, min(pendingCycles, cyclesSinceCopyEnd))
        } else {
            isCopyingIn = true
            pendingCycles = min(pendingCycles, 1)
        }
        sawCopyEnd = false
    }

    /// The number at the end of a command tag: `INSERT 0 5`, `SELECT 3`; 0 when there is none.
    private static func rowCount(_ bytes: borrowing Span<UInt8>, _ start: Int, _ end: Int) -> UInt64 {
        var index = end - 2  // before the final NUL
        var place: UInt64 = 1
        var count: UInt64 = 0
        while index >= start, (0x30...0x39).contains(bytes[index]), place <= 1_000_000_000_000_000_000 {
            count &+= UInt64(bytes[index] - 0x30) &* place
            place &*= 10
            index -= 1
        }
        return index >= start && bytes[index] == 0x20 ? count : 0
    }

    private mutating func noteError(_ bytes: borrowing Span<UInt8>, _ start: Int, _ end: Int) {
        var isFatal = false
        var state = ""
        var index = start
        while index < end, bytes[index] != 0 {
            let field = bytes[index]
            var text: [UInt8] = []
            index += 1
            while index < end, bytes[index] != 0 {
                if text.count < 16 { text.append(bytes[index]) }
                index += 1
            }
            index += 1
            switch field {
            case UInt8(ascii: "V"): isFatal = text.elementsEqual("FATAL".utf8) || text.elementsEqual("PANIC".utf8)
            case UInt8(ascii: "C"): state = String(decoding: text, as: UTF8.self)
            default: break
            }
        }
        if isFatal { fatalState = state }
    }

    /// The settings that decide how text is read must stay as they were agreed at the start.
    private func forbidden(_ bytes: borrowing Span<UInt8>, _ start: Int, _ end: Int) -> Ending? {
        let expected = "client_encoding"
        guard end - start > expected.utf8.count else { return nil }
        var index = start
        for letter in expected.utf8 {
            guard bytes[index] == letter else { return nil }
            index += 1
        }
        guard bytes[index] == 0 else { return nil }
        var value: [UInt8] = []
        index += 1
        while index < end, bytes[index] != 0, value.count < 64 {
            value.append(bytes[index])
            index += 1
        }
        guard !value.elementsEqual("UTF8".utf8) else { return nil }
        return .forbiddenSetting(name: expected, value: String(decoding: value, as: UTF8.self))
    }
}
