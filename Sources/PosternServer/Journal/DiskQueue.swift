internal import DequeModule
internal import PosternCore

/// `audit.sync: always`: batches that are written and not known to be on the disk, in the order in which they may go on.
struct DiskQueue {
    private struct Entry {
        let number: UInt64
        let since: MonotonicTime
        var batch: DecisionBatch
        /// Whether the disk has it; nil while nobody knows.
        var isOnDisk: Bool?
    }

    private var entries: Deque<Entry> = []
    private var number: UInt64 = 0

    var isEmpty: Bool { entries.isEmpty }

    /// Since when the first one has been waiting; nil when none is.
    var oldest: MonotonicTime? { entries.first?.since }

    /// - Parameter isOnDisk: nil where the disk has yet to say.
    /// - Returns: the number to tell its outcome by.
    mutating func append(_ batch: DecisionBatch, isOnDisk: Bool?, now: MonotonicTime) -> UInt64 {
        number += 1
        entries.append(Entry(number: number, since: now, batch: batch, isOnDisk: isOnDisk))
        return number
    }

    /// What the disk said of one batch.
    mutating func finish(_ number: UInt64, isOnDisk: Bool) {
        guard let place = entries.firstIndex(where: { $0.number == number }) else { return }
        entries[place].isOnDisk = isOnDisk
    }

    /// Takes the first batch, once its outcome is known: nothing overtakes what came before it.
    mutating func next() -> DecisionBatch? {
        guard let first = entries.first, let isOnDisk = first.batch.hasFailed ? false : first.isOnDisk else {
            return nil
        }
        var batch = entries.removeFirst().batch
        if !isOnDisk { batch.written(false) }
        return batch
    }
}
