internal import Logging
internal import PosternConfiguration
internal import PosternCore
internal import PosternJournal
internal import PosternNet
internal import Synchronization

/// How long the journal is kept, and what was last said about it.
final class JournalRetention: Sendable {
    private struct State {
        var retain: Duration?
        var complaint: String?
        var awaitsStore = false
    }

    private let state: Mutex<State>
    private let health: Health
    private let logger: Logger

    init(retain: Duration?, health: Health, logger: Logger) {
        state = Mutex(State(retain: retain))
        self.health = health
        self.logger = logger
    }

    /// Nil for ever. Changes with the configuration.
    var retain: Duration? {
        get { state.withLock(\.retain) }
        set { state.withLock { $0.retain = newValue } }
    }

    func note(removed plan: ChainRetention.Plan, of chain: String) {
        logger.notice(
            "journal files removed",
            metadata: ["chain": "\(chain)", "files": "\(plan.files.count)", "last": "\(plan.files.last ?? "")"]
        )
    }

    /// Says once that old files wait for the auditors' store, and once that none does any more.
    ///
    /// - Parameter chains: those whose files do.
    func note(awaitingStore chains: [String]) {
        let isNew = state.withLock { state in
            defer { state.awaitsStore = !chains.isEmpty }
            return state.awaitsStore == chains.isEmpty
        }
        health.retention(chainsAwaitingStore: chains.count)
        guard isNew else { return }
        if chains.isEmpty {
            logger.notice("no old journal file waits for the auditors' store any more")
        } else {
            logger.notice(
                "old journal files stay until the auditors' store has them",
                metadata: ["chains": "\(chains.joined(separator: ", "))"]
            )
        }
    }

    var awaitsStore: Bool { state.withLock(\.awaitsStore) }

    /// Says once what keeps old files from being removed; nil when nothing does.
    func note(_ error: (any Error)?) {
        let text = error.map { "\($0)" }
        let isNew = state.withLock { state in
            defer { state.complaint = text }
            return text != nil && state.complaint != text
        }
        guard isNew, let text else { return }
        logger.error("old journal files are not removed", metadata: ["error": "\(text)"])
    }
}

extension GatewayJournal {
    /// A round reads the end of each chain's oldest file: cheap enough to need no clock of its own.
    private static let retentionInterval = Duration.seconds(60)
    /// While files wait for the auditors' store, which catches up within seconds once it is there.
    private static let storeInterval = Duration.seconds(5)

    /// Removes what `audit.retain` keeps no longer, until the task is cancelled. All that blocks runs on the pool.
    func followRetention(loops: [EventLoop], pool: BlockingPool) async {
        while !Task.isCancelled {
            if let retain = retention.retain {
                do {
                    let waiting = try await removeOld(retain, loops: loops, pool: pool)
                    retention.note(nil)
                    retention.note(awaitingStore: waiting)
                } catch {
                    retention.note(error)
                }
            } else {
                retention.note(awaitingStore: [])
            }
            try? await Task.sleep(for: retention.awaitsStore ? Self.storeInterval : Self.retentionInterval)
        }
    }

    /// - Returns: the chains that have old files which the auditors' store has not got.
    private func removeOld(_ retain: Duration, loops: [EventLoop], pool: BlockingPool) async throws -> [String] {
        let directory = directory
        var waiting: [String] = []
        let cutoff = Timestamp.now.advanced(by: .zero - retain)
        for name in try await pool.run({ try ChainRetention.chains(in: directory) }) {
            let chain = ChainRetention(of: name, in: directory)
            if Task.isCancelled { return waiting }
            let due = try await pool.run {
                try chain.finish()
                return try chain.due(before: cutoff)
            }
            if due.awaitsStore { waiting.append(name) }
            guard let plan = due.plan else { continue }
            let event = RetentionRemoved(
                files: plan.files,
                through: plan.through,
                lastTime: plan.lastTime,
                retain: DurationText.print(retain)
            )
            let record = try await write(event, into: name, loops: loops, pool: pool)
            // What says that files are gone must not be lost when they are.
            guard let record, await synced() else { continue }
            try await pool.run { try chain.carryOut(plan, record: record) }
            retention.note(removed: plan, of: name)
        }
        return waiting
    }

    /// Writes the record where the chain's writer is; for a chain that has none any more, by one of its own.
    private func write(
        _ event: RetentionRemoved,
        into name: String,
        loops: [EventLoop],
        pool: BlockingPool
    ) async throws -> RecordPosition? {
        if name == Self.controlName { return try await append(event) }
        if let index = loops.indices.first(where: { Self.loopName($0) == name }) {
            return await loops[index].perform { $0.context?.journal.place(event) }
        }
        return try await pool.run {
            let writer = try self.makeWriter(name: name)
            let record = try writer.append(event, now: .now)
            try writer.close(now: .now)
            return record
        }
    }
}
