/// A record that must be in its chain because something says so that whoever writes the chain's files need not have.
package struct RequiredRecord: Hashable, Sendable {
    package let position: RecordPosition
    /// What the problem is when it is not there.
    package let kind: JournalProblem.Kind
    /// Who says it, in a person's words: `loop-0.retained`.
    package let source: String

    package init(_ position: RecordPosition, kind: JournalProblem.Kind, source: String) {
        self.position = position
        self.kind = kind
        self.source = source
    }
}

/// The records that must be in one chain, and which of them have been found.
struct RequiredRecords {
    private var waiting: [UInt64: [RequiredRecord]]

    /// - Parameter records: also those of other chains, which are left aside once the chain's id is known.
    init(_ records: [RequiredRecord]) {
        waiting = Dictionary(grouping: records, by: \.position.seq)
    }

    /// Takes an intact record of the chain.
    ///
    /// - Returns: those that must be in its place and are not.
    mutating func take(_ position: RecordPosition) -> [RequiredRecord] {
        guard !waiting.isEmpty, let records = waiting.removeValue(forKey: position.seq) else { return [] }
        return records.filter { $0.position.chain == position.chain && $0.position.hash != position.hash }
    }

    /// Those that were not found.
    func missing(of chain: ChainID) -> [RequiredRecord] {
        waiting.values.joined().filter { $0.position.chain == chain }.sorted {
            ($0.position.seq, $0.source) < ($1.position.seq, $1.source)
        }
    }
}
