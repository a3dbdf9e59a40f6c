package import PosternCore

/// The requests that were taken while they live: none is taken twice.
///
/// Memory is bounded: only who can sign gets in, and when it is full nobody does. A request is forgotten when it is
/// stale by the clock and was seen long enough ago by the machine's own count, so that a clock that jumps forward and
/// back brings none of them to life.
package struct ReplayMemory: Sendable {
    /// A runner asks once for each pipeline, or for each step and secret.
    package static let capacity = 65_536
    /// Longer than from the earliest moment at which a request is good to the last.
    private static let life = RequestLife.window + RequestLife.window

    private struct Entry: Sendable {
        let fingerprint: [UInt8]
        let staleAfter: Timestamp
        let seen: MonotonicTime
    }

    private let capacity: Int
    private var known: Set<[UInt8]> = []
    /// In the order in which they came; those before `head` are forgotten.
    private var entries: [Entry] = []
    private var head = 0

    package init(capacity: Int = Self.capacity) {
        self.capacity = capacity
    }

    package var count: Int { known.count }

    /// Whether a request was taken, and is remembered. Nothing changes.
    package func knows(_ fingerprint: [UInt8]) -> Bool { known.contains(fingerprint) }

    /// Takes a genuine request.
    ///
    /// - Parameters:
    ///   - date: when it was signed.
    ///   - monotonic: of the same moment as `now`.
    package mutating func take(
        _ fingerprint: [UInt8],
        date: Timestamp,
        now: Timestamp,
        monotonic: MonotonicTime
    ) throws(RequestRefusal) {
        forget(now: now, monotonic: monotonic)
        guard !known.contains(fingerprint) else { throw .replayed }
        guard known.count < capacity else { throw .tooMany }
        known.insert(fingerprint)
        let staleAfter = date.advanced(by: RequestLife.window + .seconds(1))
        entries.append(Entry(fingerprint: fingerprint, staleAfter: staleAfter, seen: monotonic))
    }

    private mutating func forget(now: Timestamp, monotonic: MonotonicTime) {
        while head < entries.count {
            let entry = entries[head]
            guard entry.staleAfter < now, monotonic.since(entry.seen) >= Self.life else { break }
            known.remove(entry.fingerprint)
            head += 1
        }
        guard head > 1024, head * 2 > entries.count else { return }
        entries.removeFirst(head)
        head = 0
    }
}
