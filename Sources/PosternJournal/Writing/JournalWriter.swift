package import PosternCore
internal import PosternCrypto

/// Appends the records of one chain.
///
/// A record is in the file when `append` returns: one write, without a lock or another thread. Durability is the
/// `JournalSyncer`'s. Confined to one loop or actor: not `Sendable`.
package final class JournalWriter {
    /// A checkpoint follows this many records, or this much time when there are new ones.
    package static let checkpointRecords = 1000
    package static let checkpointInterval = Duration.seconds(10)

    package let name: String
    private let directory: JournalDirectory
    private let syncer: JournalSyncer
    private let rotateSize: Int
    private var chain: HashChain
    private var encoder: RecordEncoder
    private var file: JournalFile
    private var fileNumber: Int
    private var size: Int
    private var recordsSinceCheckpoint = 0
    private var lastCheckpoint: Timestamp
    private var isClosed = false
    /// The file's name leads elsewhere or nowhere: what is written now would be lost.
    private var isMisplaced = false
    // Other chains name this one's head only when it is on the disk: after a loss of power a checkpoint must not
    // speak of records that are gone.
    private var headToNote: RecordPosition?

    /// Why the last append failed; nil while the journal can be written.
    package private(set) var failure: JournalError?
    package private(set) var recordCount: UInt64 = 0
    package private(set) var byteCount: UInt64 = 0

    /// Takes up the chain of this name where its last writer left it, or begins a new one.
    ///
    /// - Parameters:
    ///   - gateway: the gateway's name, for a new chain's first record.
    ///   - rotateSize: bytes after which a file is followed by the next.
    package init(
        directory: JournalDirectory,
        syncer: JournalSyncer,
        name: String,
        gateway: String,
        rotateSize: Int,
        now: Timestamp
    ) throws(JournalError) {
        self.name = name
        self.directory = directory
        self.syncer = syncer
        self.rotateSize = rotateSize
        lastCheckpoint = now
        fileNumber = try ChainFiles.numbers(of: name, in: directory.path).last ?? 1
        file = try JournalFile(path: ChainFiles.path(of: name, number: fileNumber, in: directory.path))
        var recovery = try ChainRecovery.scan(file)
        let torn = recovery
        if recovery.tornBytes > 0 { try file.truncate(to: recovery.wholeBytes) }
        // A crash right after a rotation leaves an empty file: the chain's head is in the one before.
        var previous = fileNumber - 1
        while recovery.head == nil, previous >= 1 {
            recovery = try ChainRecovery.scan(
                JournalFile(path: ChainFiles.path(of: name, number: previous, in: directory.path))
            )
            previous -= 1
        }
        size = file.size
        chain = recovery.head.map(HashChain.init(after:)) ?? HashChain(id: ChainID())
        encoder = RecordEncoder(chain: chain.id)
        let state = try ChainFiles.state(of: name, in: directory)
        try checkContinuity(state)
        syncer.opened(file)
        try writeState(.open(after: chain.head))
        if chain.head == nil {
            try append(ChainStart(gateway: gateway, publicKey: directory.key.publicKey.raw), now: now)
        } else if torn.tornBytes > 0 || state?.isOpen ?? true {
            try append(
                JournalRecovered(
                    file: ChainFiles.fileName(of: name, number: fileNumber),
                    wholeBytes: torn.wholeBytes,
                    tornBytes: torn.tornBytes
                ),
                now: now
            )
        }
    }

    /// A chain whose state names a later record than its files hold has lost some: that is not continued in silence.
    private func checkContinuity(_ state: ChainState?) throws(JournalError) {
        guard let state else { return }
        let known: RecordPosition?
        switch state.status {
        case .open(let after): known = after
        case .closed(let last): known = last
        }
        guard let known else { return }
        let isThere: Bool
        switch state.status {
        case .closed: isThere = chain.head == known
        case .open: isThere = chain.head.map { $0.chain == known.chain && $0.seq >= known.seq } ?? false
        }
        guard isThere else {
            throw JournalError(
                "the journal `\(directory.path)` has lost records of `\(name)` that its state file names",
                hint: "keep the folder for the auditors and give the gateway a new `audit.directory`"
            )
        }
    }

    // MARK: Appending

    /// Writes one record.
    ///
    /// - Returns: where it stands.
    /// - Throws: when it could not be written whole; the file and the chain are as before, and the next append tries
    ///   again.
    @discardableResult
    package func append(_ event: some JournalEvent, now: Timestamp) throws(JournalError) -> RecordPosition {
        let position = try write(event, now: now)
        recordsSinceCheckpoint += 1
        if recordsSinceCheckpoint >= Self.checkpointRecords { try checkpoint(now: now) }
        if size >= rotateSize { try rotate(now: now) }
        return position
    }

    private func write(_ event: some JournalEvent, now: Timestamp) throws(JournalError) -> RecordPosition {
        guard !isClosed else { throw JournalError("the journal is closed") }
        guard !isMisplaced else { throw JournalError("`\(file.path)` is gone") }
        let hash = encoder.encode(in: chain, time: now, event: type(of: event).name) { event.encode(into: &$0) }
        guard encoder.line.count <= RecordEncoder.maximumLine else {
            throw JournalError(
                "a record of `\(type(of: event).name)` is larger than \(RecordEncoder.maximumLine) bytes"
            )
        }
        do throws(JournalError) {
            try file.append(encoder.line, at: size)
        } catch {
            failure = error
            throw error
        }
        failure = nil
        size += encoder.line.count
        recordCount += 1
        byteCount += UInt64(encoder.line.count)
        return chain.advance(hash)
    }

    // MARK: Checkpoints, rotation, end

    /// Signs the chain when it is time to. Call it about once a second.
    package func tick(now: Timestamp) {
        noteHead()
        isMisplaced = !file.isInPlace
        if isMisplaced { reopen() }
        guard !isMisplaced else {
            failure = JournalError("`\(file.path)` is gone")
            return
        }
        let isDue = recordsSinceCheckpoint > 0 && now >= lastCheckpoint.advanced(by: Self.checkpointInterval)
        // After a failure only a write that succeeds tells that the trouble is over.
        guard isDue || failure != nil else { return }
        // A failed checkpoint is tried again at the next tick; `failure` says so meanwhile.
        try? checkpoint(now: now)
    }

    /// A tick is ten times as long as the syncer's rounds are apart.
    private func noteHead() {
        guard let head = headToNote, !file.isDirty else { return }
        directory.heads.note(name, head)
        headToNote = nil
    }

    private func checkpoint(now: Timestamp) throws(JournalError) {
        let checkpoint = Checkpoint(
            of: chain,
            heads: directory.heads.others(than: name),
            key: directory.key,
            keyID: directory.keyID
        )
        let position = try write(CheckpointEvent(checkpoint: checkpoint), now: now)
        recordsSinceCheckpoint = 0
        lastCheckpoint = now
        headToNote = position
    }

    private func rotate(now: Timestamp) throws(JournalError) {
        if recordsSinceCheckpoint > 0 { try checkpoint(now: now) }
        let next = try JournalFile(path: ChainFiles.path(of: name, number: fileNumber + 1, in: directory.path))
        syncer.left(file)
        syncer.opened(next)
        file = next
        fileNumber += 1
        size = next.size
    }

    /// A folder that vanished and came back empty cannot continue the chain; one that came back whole can.
    private func reopen() {
        guard let reopened = try? JournalFile(path: file.path, mayMake: false) else { return }
        guard let recovery = try? ChainRecovery.scan(reopened), recovery.head == chain.head else { return }
        syncer.left(file)
        syncer.opened(reopened)
        file = reopened
        size = reopened.size
        isMisplaced = false
    }

    /// Signs the chain's end: from now on any other end is a broken chain.
    package func close(now: Timestamp) throws(JournalError) {
        guard !isClosed else { return }
        try checkpoint(now: now)
        isClosed = true
        try file.sync()
        noteHead()
        syncer.left(file)
        guard let head = chain.head else { return }
        try writeState(.closed(head))
    }

    private func writeState(_ status: ChainState.Status) throws(JournalError) {
        let state = ChainState(chain: chain.id, status: status)
        try Files.replace(
            ChainFiles.statePath(of: name, in: directory.path),
            with: state.signed(by: directory.key),
            mode: 0o600
        )
    }
}
