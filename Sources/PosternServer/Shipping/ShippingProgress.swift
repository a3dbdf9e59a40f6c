package import PosternCore
package import PosternJournal

/// How far the store is behind the journal: what is known without asking either.
package struct ShippingProgress: Sendable {
    private var shipped: [String: UInt64] = [:]
    /// Since when a chain has records that the store has not.
    private var behind: [String: Timestamp] = [:]

    package init() {}

    /// A batch is about to be loaded that begins with a record of this time.
    package mutating func loading(_ name: String, from time: Timestamp) { behind[name] = time }

    /// The store has a chain up to this record; nil when it has nothing of it.
    package mutating func stored(_ name: String, through seq: UInt64?) {
        shipped[name] = seq
        behind[name] = nil
    }

    /// Another store is asked from now on.
    package mutating func forget() {
        shipped = [:]
        behind = [:]
    }

    /// - Parameter heads: the last checkpoint of each chain that is on the disk: what can be shipped.
    /// - Returns: how many records wait, and for how long the oldest has. Of a chain whose position is not known yet
    ///   all records wait.
    package mutating func lag(
        _ heads: [String: RecordPosition],
        now: Timestamp
    ) -> (records: UInt64, duration: Duration) {
        var records: UInt64 = 0
        for (name, head) in heads {
            let next = shipped[name].map { $0 + 1 } ?? 0
            if head.seq >= next {
                records += head.seq - next + 1
                if behind[name] == nil { behind[name] = now }
            } else {
                behind[name] = nil
            }
        }
        let oldest = behind.values.min() ?? now
        return (records, .microseconds(max(0, now.microseconds - oldest.microseconds)))
    }
}
