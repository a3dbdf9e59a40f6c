internal import PosternCore
internal import PosternCrypto
internal import PosternJournal

/// The journal as the shipper sees it.
struct ShippingSource: Sendable {
    let gateway: String
    let directory: JournalDirectory
    /// The names of the chains that this process writes.
    let writers: Set<String>

    /// Of the key that signs checkpoints, or vouches for those that do, base64.
    var publicKey: String { Base64.encode(directory.published.raw) }

    /// The chains that have files: those of this process, and those that an earlier one left.
    func names() throws(JournalReadError) -> [String] {
        try JournalFiles(directory: directory.path).chains.filter { !$0.files.isEmpty }.map(\.name)
    }

    /// How far a chain may be read: to its last checkpoint that is on the disk. What follows may still be taken back by
    /// a full disk or lost with the machine's power. A chain that nobody writes is read to its end.
    func limit(of name: String) -> ShippingLimit? {
        guard writers.contains(name) else { return .end }
        return directory.heads.durable[name].map(ShippingLimit.checkpoint)
    }

    /// Takes the next records of a chain, and checks the signatures of the checkpoints among them.
    ///
    /// - Returns: no records when there is nothing new.
    func collect(
        _ follower: ChainFollower,
        after position: RecordPosition?,
        gap: ClosedRange<UInt64>?,
        until limit: ShippingLimit,
        _ limits: ShippingBatch.Limits
    ) throws(JournalReadError) -> ShippingBatch {
        var batch = ShippingBatch(name: follower.name, previous: position, gap: gap)
        while limit.reaches(beyond: follower.head), let record = try follower.peek() {
            let frame = record.frame
            guard String(validating: record.line, as: UTF8.self) != nil else {
                throw JournalReadError("record \(frame.seq) of `\(follower.name)` is not UTF-8")
            }
            guard limit.allows(frame.position) else {
                throw JournalReadError("record \(frame.seq) of `\(follower.name)` is not the one that was written")
            }
            if frame.event == Checkpoint.event {
                // Of this run, or of one before it that left a backlog.
                guard let text = CheckpointText(record.line, frame: frame),
                    let key = try directory.key(text.keyID, of: frame.chain, at: frame.seq),
                    text.isSigned(by: key, frame: frame)
                else {
                    throw JournalReadError(
                        "checkpoint \(frame.seq) of `\(follower.name)` is not signed by a key that counts there"
                    )
                }
            }
            let stored = StoredRecord(record)
            guard batch.hasRoom(for: stored, limits) else { break }
            batch.append(stored)
            follower.advance()
        }
        return batch
    }
}

/// How far a chain may be read.
enum ShippingLimit: Sendable {
    case end
    case checkpoint(RecordPosition)

    func reaches(beyond head: RecordPosition?) -> Bool {
        switch self {
        case .end: true
        case .checkpoint(let position): head.map { $0.seq < position.seq } ?? true
        }
    }

    /// Whether a record is the one that the writer wrote, where that is known.
    func allows(_ record: RecordPosition) -> Bool {
        switch self {
        case .end: true
        case .checkpoint(let position): record.seq != position.seq || record == position
        }
    }
}
