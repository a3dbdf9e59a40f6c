internal import DequeModule
package import PosternCore
package import PosternPolicy
internal import PosternSQL
package import PostgresWire

/// The session after its login: what passes in both directions, which statements may, and what became of them.
///
///     job ── FrontendFrames ── judge ── NameTable ── Operation queue ── server
///     job ── Poison.rewrite ── outcomes ── Operation queue ── BackendFrames ── server
///
/// What is allowed passes byte for byte. What is denied is replaced by something that the server is certain to answer
/// with an error, and that error's words are replaced: order, transaction state, rollback and skipping are the
/// server's own (protocol.md 1.6). `SessionRelay+*.swift` hold the two directions.
package struct SessionRelay {
    /// What became of a piece of input. What is to be sent stands in `output`, what is to be written in `records`.
    package struct Step {
        /// So many bytes from the front are done with. The rest must be offered again, with what comes after it.
        package var consumed = 0
        /// Queries, Syncs and FunctionCalls that went up: each will be answered by ReadyForQuery.
        package var cyclesBegun = 0
        /// ReadyForQuery messages that came.
        package var cyclesEnded = 0
        /// Where some came: whether no statement is under way now.
        package var isIdle = false
        /// Why the rest is not done with, when it is whole.
        package var wait: Wait?
        package var ending: Ending?
    }

    package enum Wait: Equatable {
        /// For the judgement on this text, which is too large to be judged in passing.
        case judgement([UInt8])
        /// For an answer of the server's. Offer the input again after each.
        case answers
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
        /// More names of prepared statements and cursors, or more text behind them, than a session may hold.
        case tooManyNames(limit: Int)
    }

    /// Totals for the session's last record.
    package struct Totals: Hashable, Sendable {
        /// CommandComplete messages.
        package var statements: UInt64 = 0
        package var denied: UInt64 = 0
        package var errors: UInt64 = 0
        /// The sum of the row counts of the command tags.
        package var rows: UInt64 = 0

        package init(statements: UInt64 = 0, denied: UInt64 = 0, errors: UInt64 = 0, rows: UInt64 = 0) {
            self.statements = statements
            self.denied = denied
            self.errors = errors
            self.rows = rows
        }
    }

    /// Bytes of text that a session's names may hold.
    static let heldTextLimit = 64 * 1024 * 1024

    /// Schemas of search paths that are kept for a session whose rules are not enforced.
    static let schemaLimit = 256
    /// Messages that may be under way, unanswered: a job that sends millions of Syncs must not fill the memory with
    /// them. Far above what the server holds back for want of a Flush (8 KiB of answers of five bytes and more), so
    /// that an answer is certain to come.
    static let pipelineLimit = 8192

    package let session: SessionID
    /// Replaced when a reload changes the role.
    package var rules: RelayRules
    /// The search paths that names may be resolved by: the database's own and all that the session took into use.
    package var paths: SearchPaths {
        didSet { if paths != oldValue { pathsVersion += 1 } }
    }
    package private(set) var pathsVersion = 0

    package internal(set) var transactionStatus = TransactionStatus.idle
    package internal(set) var totals = Totals()
    /// The SQLSTATE of a FATAL or PANIC error that the server sent: it is about to close.
    package internal(set) var fatalState: String?
    /// What the last call wants sent.
    package internal(set) var output = RelayOutput()
    /// What the last call wants written, before anything is sent.
    package internal(set) var records: [SessionRecord] = []
    var changedCatalogue = false
    /// The job began with `_pq_.postern=1`: some statements are the gateway's own.
    package var speaksPostern = false
    /// Notes that were asked for, taken or not.
    var notes = 0
    /// Why the next cancellation is the gateway's own doing, in the words that the job reads.
    package var cancellation: String?

    /// What a call of `fromServer` wants sent to the server.
    package internal(set) var injection: [UInt8] = []

    /// The same, until a message of the job's has gone up whole.
    var deferredInjection: [UInt8] = []
    var gate = RowGate()
    // Random bits for a poison that is sent on the server's answer; renewed with each counted statement.
    var spareBits: (UInt64, UInt64) = (0, 0)
    var frontend = FrontendFrames()
    var backend = BackendFrames()
    /// What went up and is not answered yet, in order.
    var queue: Deque<Operation> = []
    var names = NameTable()
    var transactions = TransactionTracker()
    var sequence: UInt64 = 0
    /// The sequence of the last Query, FunctionCall or Sync that went up.
    var lastCycleEnd: UInt64 = 0
    var cycle: UInt64 = 1
    var statements: UInt64 = 0
    /// When the operation at the head of the queue became the one that the server works on.
    var headSince: MonotonicTime?
    // An error was answered, or is certain to be, and nothing synced since: the server throws everything away up to
    // the next Sync.
    var isSkipping = false
    // PostgreSQL ignores Sync and Flush while it reads copy data (protocol.md 1.7): those Syncs are never answered.
    var isCopyingIn = false
    /// Syncs that the copy under way is taken to have swallowed.
    var swallowedSyncs = 0
    /// Of copies that failed: the server may have read the Sync after it gave up, and then it answers it. Nobody can
    /// tell until it does, or until it answers what came later.
    var doubtfulSyncs = 0
    /// The message from the server that has begun is not for the job.
    var swallowsRest = false
    /// The rest of a Bind that another one was sent for is thrown away.
    var discardsBody = false

    package init(session: SessionID, rules: RelayRules, paths: SearchPaths) {
        self.session = session
        self.rules = rules
        self.paths = paths
    }

    /// No statement is under way, as far as the server has said.
    package var isIdle: Bool { !isCopyingIn && !queue.contains { $0.isWork } }

    /// Since when the server has been at the statement that it runs now; nil when it runs none.
    package var runningSince: MonotonicTime? { isIdle ? nil : headSince }

    /// What was forwarded last goes up only now: until now the server was at nothing of it.
    package mutating func restartClock(now: MonotonicTime) {
        if headSince != nil { headSince = now }
    }

    /// Part of a message stands upstream: nothing may be sent there but the rest of it.
    package var isMidMessage: Bool { frontend.bodyRemaining > 0 && !discardsBody }

    /// Part of a message stands with the job: an error message would be read as the rest of it.
    package var isMidAnswer: Bool { backend.bodyRemaining > 0 }

    /// The session is over: what is still open gets its last records.
    ///
    /// - Parameter now: when.
    package mutating func sessionEnded(now: MonotonicTime) {
        records.removeAll(keepingCapacity: true)
        var mayCommit = false
        for operation in queue {
            mayCommit = mayCommit || operation.endsCycle || operation.run?.facts?.endsTransaction ?? false
            if let run = operation.run {
                transactions.ran(run)
                finish(run, .unknown, now: now)
            }
            for run in operation.following.reversed() { finish(run, .skipped, now: now) }
        }
        queue.removeAll()
        for run in names.endTransaction(before: .max) { abandon(run, now) }
        if let end = transactions.sessionEnded(commitMayHavePassed: mayCommit) { records.append(end) }
    }

    /// Whether a statement that changes the catalogue was completed since this was last asked.
    package mutating func takeChangedCatalogue() -> Bool {
        defer { changedCatalogue = false }
        return changedCatalogue
    }

    // MARK: Both directions

    mutating func nextSequence() -> UInt64 {
        sequence += 1
        return sequence
    }

    mutating func push(_ operation: Operation) {
        if queue.isEmpty { headSince = operation.forwarded }
        if operation.endsCycle { lastCycleEnd = operation.sequence }
        queue.append(operation)
    }

    /// Writes the outcome of a statement, once.
    mutating func finish(
        _ run: StatementRun,
        _ result: OutcomeResult,
        tag: String? = nil,
        rows: UInt64? = nil,
        sqlState: String? = nil,
        now: MonotonicTime
    ) {
        guard !run.isFinished else { return }
        run.isFinished = true
        records.append(
            .outcome(
                OutcomeRecord(
                    statement: run.number,
                    result: result,
                    tag: tag,
                    rows: rows ?? run.rows,
                    bytes: run.bytes,
                    sqlState: sqlState,
                    duration: now.since(run.forwarded)
                )
            )
        )
    }
}
