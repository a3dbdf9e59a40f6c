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
    }

    private let state: Mutex<State>
    private let logger: Logger

    init(retain: Duration?, logger: Logger) {
        state = Mutex(State(retain: retain))
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

    /// Removes what `audit.retain` keeps no longer, until the task is cancelled. All that blocks runs on the pool.
    func followRetention(loops: [EventLoop], pool: BlockingPool) async {
        while !Task.isCancelled {
            if let retain = retention.retain {
                do {
                    try await removeOld(retain, loops: loops, pool: pool)
                    retention.note(nil)
                } catch {
                    retention.note(error)
                }
            }
            try? await Task.sleep(for: Self.retentionInterval)
        }
    }

    private func removeOld(_ retain: Duration, loops: [EventLoop], pool: BlockingPool) async throws {
        let directory = directory
        let cutoff = Timestamp.now.advanced(by: .zero - retain)
        for name in try await pool.run({ try ChainRetention.chains(in: directory) }) {
            let chain = ChainRetention(of: name, in: directory)
            if Task.isCancelled { return }
            let plan = try await pool.run {
                try chain.finish()
                return try chain.plan(before: cutoff)
            }
            guard let plan else { continue }
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
