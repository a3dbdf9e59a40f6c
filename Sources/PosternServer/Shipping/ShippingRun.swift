internal import Dispatch
internal import PosternCore
internal import PosternJournal
internal import PosternNet

/// The shipper's work on its thread, over connections that come and go: follows the chains and loads what is new.
///
/// Confined to one thread at a time.
final class ShippingRun {
    /// What the shipper tells of its work.
    enum Event: Sendable {
        case connected
        /// The store has a chain up to this record; nil when it has nothing of it.
        case position(name: String, seq: UInt64?)
        case loading(name: String, time: String)
        /// The store has every record of the chain's files before this one.
        case needs(name: String, file: Int)
        case loaded(name: String, seq: UInt64, records: Int, refused: Int)
        /// Records that were removed before they were shipped.
        case lost(name: String, seqs: ClosedRange<UInt64>)
        /// A chain cannot be read; nil when it can again.
        case chain(name: String, JournalReadError?)
        case retention(LibPQFailure?)
    }

    private struct Chain {
        let follower: ChainFollower
        /// What the store has.
        var position: RecordPosition?
        var gap: ClosedRange<UInt64>?
    }

    /// Between two looks for new records: a chain has a new checkpoint every 1,000 records or 10 s.
    private static let pause = DispatchTimeInterval.milliseconds(500)
    /// Between two looks for months to drop, and at chains that could not be read.
    private static let retentionInterval = Duration.seconds(3600)
    private static let retryInterval = Duration.seconds(30)
    /// After this long without a batch the store is asked whether it is still there.
    private static let checkInterval = Duration.seconds(10)

    private let source: ShippingSource
    private let limits: ShippingBatch.Limits
    private let wake: DispatchSemaphore
    private let tell: (Event) -> Void
    private var chains: [String: Chain] = [:]
    private var unreadable: [String: MonotonicTime] = [:]

    init(
        source: ShippingSource,
        limits: ShippingBatch.Limits,
        wake: DispatchSemaphore,
        tell: @escaping (Event) -> Void
    ) {
        self.source = source
        self.limits = limits
        self.wake = wake
        self.tell = tell
    }

    /// Ships until it is stopped, or finished and nothing is left.
    ///
    /// - Parameters:
    ///   - retain: how old a month may get.
    ///   - isFinishing: whether nothing more will be written.
    func run(
        _ store: StoreConnection,
        retain: Duration?,
        isFinishing: () -> Bool,
        isStopped: () -> Bool
    ) throws(LibPQFailure) {
        // Whatever was under way when the last connection broke: the store knows what it has.
        chains = [:]
        unreadable = [:]
        try store.prepare()
        tell(.connected)
        var nextRemoval = MonotonicTime.now
        var nextCheck = MonotonicTime.now.advanced(by: Self.checkInterval)
        while !isStopped() {
            let finishing = isFinishing()
            let hasShipped = try round(store)
            if !hasShipped, finishing { return }
            if let retain, MonotonicTime.now >= nextRemoval {
                nextRemoval = MonotonicTime.now.advanced(by: Self.retentionInterval)
                try remove(store, retain)
            }
            if hasShipped {
                nextCheck = MonotonicTime.now.advanced(by: Self.checkInterval)
            } else if MonotonicTime.now >= nextCheck {
                nextCheck = MonotonicTime.now.advanced(by: Self.checkInterval)
                try store.check()
            }
            if !hasShipped { _ = wake.wait(timeout: .now() + Self.pause) }
        }
    }

    /// Old months go when nobody is in the way; a failure waits for the next time.
    private func remove(_ store: StoreConnection, _ age: Duration) throws(LibPQFailure) {
        do throws(LibPQFailure) {
            try store.remove(olderThan: age)
            tell(.retention(nil))
        } catch {
            guard error.sqlState != nil else { throw error }
            tell(.retention(error))
        }
    }

    /// One batch of each chain that has something new.
    ///
    /// - Returns: whether there was any.
    private func round(_ store: StoreConnection) throws(LibPQFailure) -> Bool {
        let names = reading(source.directory.path) { () throws(JournalReadError) in try source.names() } ?? []
        var hasShipped = false
        for name in names where try ship(name, to: store) { hasShipped = true }
        return hasShipped
    }

    private func ship(_ name: String, to store: StoreConnection) throws(LibPQFailure) -> Bool {
        if let retry = unreadable[name], MonotonicTime.now < retry { return false }
        guard let limit = source.limit(of: name), let chain = try chain(name, store) else { return false }
        let batch = reading(name) { () throws(JournalReadError) in
            try source.collect(chain.follower, after: chain.position, gap: chain.gap, until: limit, limits)
        }
        guard let batch, let first = batch.records.first, let last = batch.last else { return false }
        tell(.loading(name: name, time: first.time))
        let refused = try store.load(batch)
        if let gap = batch.gap { tell(.lost(name: name, seqs: gap)) }
        chains[name]?.position = last.position
        chains[name]?.gap = nil
        tell(.needs(name: name, file: chain.follower.file))
        tell(.loaded(name: name, seq: last.position.seq, records: batch.records.count, refused: refused))
        return true
    }

    /// The chain of this name, from where the store has it; nil when there is none, or it cannot be read.
    private func chain(_ name: String, _ store: StoreConnection) throws(LibPQFailure) -> Chain? {
        if let known = chains[name] { return known }
        let directory = source.directory.path
        let id = reading(name) { () throws(JournalReadError) in
            try ChainFollower.identity(of: name, in: directory)
        }
        guard case let id?? = id else { return nil }
        let position = try store.position(of: id)
        tell(.position(name: name, seq: position?.seq))
        let follower = reading(name) { () throws(JournalReadError) in
            try ChainFollower(name: name, in: directory, chain: id, after: position)
        }
        guard let follower else { return nil }
        let chain = Chain(follower: follower, position: position, gap: follower.gap)
        chains[name] = chain
        tell(.needs(name: name, file: follower.file))
        return chain
    }

    /// Reads from the journal. What cannot be read is told, and looked at again after a while: other chains go on.
    private func reading<Value>(_ name: String, _ body: () throws(JournalReadError) -> Value) -> Value? {
        do throws(JournalReadError) {
            let value = try body()
            if unreadable.removeValue(forKey: name) != nil { tell(.chain(name: name, nil)) }
            return value
        } catch {
            chains[name] = nil
            unreadable[name] = MonotonicTime.now.advanced(by: Self.retryInterval)
            tell(.chain(name: name, error))
            return nil
        }
    }
}
