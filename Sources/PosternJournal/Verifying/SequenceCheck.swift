/// Follows the numbers and links of a chain's records, and finds its way again after a gap, so that one mistake is
/// told once and not for every record after it.
struct SequenceCheck {
    /// Where the chain goes on.
    private struct Next {
        var seq: UInt64 = 0
        /// What `prev` may be.
        var hashes: [RecordHash] = [.zero]
        /// What the record that is pointed at is called in a message.
        var before: UInt64?
    }

    private var next = Next()
    /// Where the chain goes on if the last record, which stood too late, was no intruder.
    private var detour: Next?
    /// Lines since the last record that were no intact record: each may stand for one, or for none.
    private var lost: UInt64 = 0
    /// The hashes that the last of these lines may have.
    private var lostHashes: [RecordHash]?
    private var isEnded = false
    /// The last record that may be missing at the chain's beginning, until its first record came.
    private var removed: RecordPosition?

    /// - Parameter removed: the last record that may be missing at the chain's beginning; nil when none may.
    init(removed: RecordPosition? = nil) {
        self.removed = removed
    }

    /// Takes a line that is no intact record.
    ///
    /// - Parameter hashes: what the next record may call it; nil when the line does not say.
    mutating func lose(hashes: [RecordHash]?) {
        lost += 1
        lostHashes = hashes
        detour = nil
    }

    /// Takes an intact record of the chain.
    ///
    /// - Returns: what is wrong with its place.
    mutating func take(_ frame: RecordFrame) -> (kind: JournalProblem.Kind, text: String)? {
        defer {
            lost = 0
            lostHashes = nil
        }
        begin(with: frame)
        if let detour, frame.seq == detour.seq, detour.hashes.contains(frame.prev) {
            go(on: frame)
            return nil
        }
        detour = nil
        if lost > 0, frame.seq > next.seq, frame.seq - next.seq <= lost {
            let hashes = lostHashes
            go(on: frame)
            guard let hashes, !hashes.contains(frame.prev) else { return nil }
            return (.link, "`prev` of record \(frame.seq) is not the hash of the record before it")
        }
        guard frame.seq == next.seq, !isEnded else { return misplaced(frame) }
        let expected = next
        go(on: frame)
        guard !expected.hashes.contains(frame.prev) else { return nil }
        guard let before = expected.before else {
            return (.link, "`prev` of record \(frame.seq) is not the 64 zeros that a first record has")
        }
        return (
            .link,
            "`prev` of record \(frame.seq) is not the hash of record \(before): one of them is not the one that was written"
        )
    }

    /// The first record may be any up to the one after the last that was removed: a gateway that died while it removed
    /// files has left some of them. What is there leads to that one's hash.
    private mutating func begin(with frame: RecordFrame) {
        guard let removed, removed.seq < .max else { return }
        self.removed = nil
        guard frame.seq > removed.seq else {
            if frame.seq > 0 { next = Next(seq: frame.seq, hashes: [frame.prev], before: frame.seq - 1) }
            return
        }
        next = Next(seq: removed.seq + 1, hashes: [removed.hash], before: removed.seq)
    }

    private mutating func misplaced(_ frame: RecordFrame) -> (kind: JournalProblem.Kind, text: String) {
        guard frame.seq > next.seq else {
            let text = "record \(frame.seq) stands again or too late: record \(next.seq) was expected"
            let following = frame.seq.addingReportingOverflow(1)
            if !following.overflow {
                detour = Next(seq: following.partialValue, hashes: [frame.hash], before: frame.seq)
            }
            return (.sequence, text)
        }
        let last = frame.seq - 1
        let missing = next.seq == last ? "record \(last) is missing" : "records \(next.seq) to \(last) are missing"
        go(on: frame)
        return (.sequence, missing)
    }

    private mutating func go(on frame: RecordFrame) {
        let following = frame.seq.addingReportingOverflow(1)
        isEnded = following.overflow
        next = Next(seq: isEnded ? frame.seq : following.partialValue, hashes: [frame.hash], before: frame.seq)
        detour = nil
    }
}
