package import PosternJournal

/// Records of one chain that go into the store in one transaction: they follow each other, and the first one follows
/// what the store has.
package struct ShippingBatch: Sendable {
    /// Rows and bytes that one transaction takes: what the gateway holds in memory, and what an outage repeats.
    package struct Limits: Hashable, Sendable {
        package var records: Int
        package var bytes: Int

        package init(records: Int = 5000, bytes: Int = 8 << 20) {
            self.records = records
            self.bytes = bytes
        }
    }

    /// The chain's name: `gateway`, `loop-0` …
    package let name: String
    /// The record that the store has last; nil when it has none of the chain.
    package let previous: RecordPosition?
    /// What is missing before the first record, and is gone.
    package let gap: ClosedRange<UInt64>?
    package private(set) var records: [StoredRecord] = []
    private var bytes = 0

    package init(name: String, previous: RecordPosition?, gap: ClosedRange<UInt64>? = nil) {
        self.name = name
        self.previous = previous
        self.gap = gap
    }

    package var isEmpty: Bool { records.isEmpty }
    package var last: StoredRecord? { records.last }

    /// The seq of the last checkpoint in it.
    package var checkpoint: UInt64? { records.last { $0.event == Checkpoint.event }?.position.seq }

    /// The months whose partitions it needs.
    package var months: Set<StoreMonth> { Set(records.compactMap { StoreMonth(time: $0.time) }) }

    /// Whether another record fits. One always does, whatever its size.
    package func hasRoom(for record: StoredRecord, _ limits: Limits) -> Bool {
        isEmpty || (records.count < limits.records && bytes + record.size <= limits.bytes)
    }

    package mutating func append(_ record: StoredRecord) {
        records.append(record)
        bytes += record.size
    }

    /// Two batches, one after the other, in the place of this one; nil for a single record.
    package var halves: (first: ShippingBatch, second: ShippingBatch)? {
        guard records.count > 1 else { return nil }
        let middle = records.count / 2
        var first = ShippingBatch(name: name, previous: previous, gap: gap)
        for record in records[..<middle] { first.append(record) }
        var second = ShippingBatch(name: name, previous: records[middle - 1].position)
        for record in records[middle...] { second.append(record) }
        return (first, second)
    }

    /// The rows in COPY's text format.
    package func copyText(isPlain: Bool) -> [UInt8] {
        var rows: [UInt8] = []
        rows.reserveCapacity(bytes + bytes / 4)
        for record in records { record.append(to: &rows, isPlain: isPlain) }
        return rows
    }
}
