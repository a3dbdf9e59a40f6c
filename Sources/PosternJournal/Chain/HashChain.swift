/// One place in a chain: a record's number and hash.
package struct RecordPosition: Hashable, Sendable {
    package let chain: ChainID
    /// Counts from 0 and never starts again.
    package let seq: UInt64
    package let hash: RecordHash

    package init(chain: ChainID, seq: UInt64, hash: RecordHash) {
        self.chain = chain
        self.seq = seq
        self.hash = hash
    }
}

/// Where a chain stands: what the next record says about the ones before.
package struct HashChain: Sendable {
    package let id: ChainID
    /// The number of the next record.
    package private(set) var seq: UInt64
    /// The hash of the record before; 64 zeros when there is none.
    package private(set) var prev: RecordHash

    /// A chain without records.
    package init(id: ChainID) {
        self.id = id
        seq = 0
        prev = .zero
    }

    /// A chain that goes on after its record `head`.
    package init(after head: RecordPosition) {
        id = head.chain
        seq = head.seq + 1
        prev = head.hash
    }

    /// The last record; nil when there is none.
    package var head: RecordPosition? {
        seq == 0 ? nil : RecordPosition(chain: id, seq: seq - 1, hash: prev)
    }

    /// Takes note that the next record was written and has this hash.
    package mutating func advance(_ hash: RecordHash) -> RecordPosition {
        let position = RecordPosition(chain: id, seq: seq, hash: hash)
        seq += 1
        prev = hash
        return position
    }
}
