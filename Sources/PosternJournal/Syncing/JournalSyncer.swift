internal import Dispatch
internal import Synchronization

/// Makes written records durable: fsync for all writers of a gateway, away from their loops.
///
/// Writers only mark their file, without a lock; a timer goes through the files every 100 ms.
package final class JournalSyncer: Sendable {
    private static let interval = DispatchTimeInterval.milliseconds(100)

    private struct State {
        /// The files that writers append to, and the ones that they left since the last round.
        var files: [ObjectIdentifier: JournalFile] = [:]
        var left: [JournalFile] = []
        var waiting: [@Sendable (JournalError?) -> Void] = []
        /// The last round failed: that the next one does not is told even if there was nothing new to sync.
        var hasFailed = false
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "postern.journal.sync", target: .global())
    private let onRound: @Sendable (JournalError?) -> Void
    private let failedRounds = Atomic<Int>(0)

    /// How many rounds have failed. The kernel tells of a lost write once; who compares this before and after knows.
    package var failures: Int { failedRounds.load(ordering: .acquiring) }

    /// - Parameter onRound: called on the syncer's queue with the outcome of every round: the error, or nil.
    package init(onRound: @escaping @Sendable (JournalError?) -> Void) {
        self.onRound = onRound
    }

    /// Starts the rounds; they go on for as long as the syncer lives.
    package func start() {
        schedule()
    }

    private func schedule() {
        queue.asyncAfter(deadline: .now() + Self.interval) { [weak self] in
            self?.round()
            self?.schedule()
        }
    }

    /// A writer appends to this file from now on.
    func opened(_ file: JournalFile) {
        state.withLock { $0.files[ObjectIdentifier(file)] = file }
    }

    /// Nothing more will be written to this file.
    func left(_ file: JournalFile) {
        state.withLock { state in
            state.files[ObjectIdentifier(file)] = nil
            state.left.append(file)
        }
    }

    /// Calls back, on the syncer's queue, once everything that was written before the call is on the disk.
    ///
    /// Calls that come while a round is under way share the next one.
    package func afterSync(_ completion: @escaping @Sendable (JournalError?) -> Void) {
        let isFirst = state.withLock { state in
            state.waiting.append(completion)
            return state.waiting.count == 1
        }
        if isFirst { queue.async { self.round() } }
    }

    private func round() {
        let (files, left, waiting) = state.withLock { state in
            defer {
                state.left = []
                state.waiting = []
            }
            return (Array(state.files.values), state.left, state.waiting)
        }
        var failure: JournalError?
        var synced = false
        for file in files + left {
            do throws(JournalError) {
                if try file.sync() { synced = true }
            } catch {
                failure = error
                // Nobody else remembers a file that its writer has left. One whose name leads elsewhere now is not asked
                // again: its disk may be gone for good, and the writer has looked at what is in its place.
                if left.contains(where: { $0 === file }), file.isInPlace { state.withLock { $0.left.append(file) } }
            }
        }
        if failure != nil { failedRounds.add(1, ordering: .acquiringAndReleasing) }
        let hadFailed = state.withLock { state in
            defer { state.hasFailed = failure != nil }
            return state.hasFailed
        }
        if synced || failure != nil || hadFailed { onRound(failure) }
        for completion in waiting { completion(failure) }
    }
}
