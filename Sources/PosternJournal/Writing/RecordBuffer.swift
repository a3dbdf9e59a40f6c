internal import PosternCore

/// The records of a chain that are not in the file yet, in their order, as the bytes that will be written.
struct RecordBuffer {
    /// A place to which the buffer can be taken back.
    struct Mark {
        fileprivate let bytes: Int
        fileprivate let count: Int
        fileprivate let chain: HashChain
    }

    /// Where the chain stands with the records of the buffer.
    private(set) var chain: HashChain
    /// The last record in the file.
    private(set) var written: RecordPosition?
    /// Records in the buffer.
    private(set) var count = 0
    private var encoder: RecordEncoder

    /// - Parameter chain: as it stands in the file.
    init(chain: HashChain) {
        self.chain = chain
        written = chain.head
        encoder = RecordEncoder(chain: chain.id)
    }

    var bytes: [UInt8] { encoder.lines }
    var byteCount: Int { encoder.lines.count }

    /// Adds the chain's next record.
    ///
    /// - Throws: when it is too long; the buffer is as before.
    mutating func add(_ event: some JournalEvent, now: Timestamp) throws(JournalError) -> RecordPosition {
        let start = byteCount
        let hash = encoder.encode(in: chain, time: now, event: type(of: event).name) { event.encode(into: &$0) }
        guard byteCount - start - 1 <= RecordEncoder.maximumLine else {
            encoder.cut(to: start)
            throw JournalError(
                "a record of `\(type(of: event).name)` is larger than \(RecordEncoder.maximumLine) bytes"
            )
        }
        count += 1
        return chain.advance(hash)
    }

    var mark: Mark { Mark(bytes: byteCount, count: count, chain: chain) }

    /// Takes back what was added since the mark: it never was a part of the chain.
    mutating func cut(to mark: Mark) {
        encoder.cut(to: mark.bytes)
        count = mark.count
        chain = mark.chain
    }

    /// Takes note that everything in the buffer is in the file now.
    mutating func empty() {
        encoder.removeAll()
        count = 0
        written = chain.head
    }
}
