package import PosternCore
internal import PosternCrypto

/// Appends the records of one chain.
///
/// A record is in the file when `append` returns: one write, without a lock or another thread. What nothing waits for
/// can be deferred: it is in the chain at once and in the file with the next record that is appended. Durability is
/// the `JournalSyncer`'s. Confined to one loop or actor: not `Sendable`.
package final class JournalWriter {
    /// A checkpoint follows this many records, or this much time when there are new ones.
    package static let checkpointRecords = 1000
    package static let checkpointInterval = Duration.seconds(10)
    /// Deferred records are written when they take this many bytes.
    package static let deferredSize = 64 << 10
    /// Deferred records that cannot be written are kept up to this many bytes; those beyond are counted.
    package static let maximumDeferred = 4 << 20

    package let name: String
    private let directory: JournalDirectory
    private let syncer: JournalSyncer
    private let rotateSize: Int
    private var buffer: RecordBuffer
    private var file: JournalFile
    private var fileNumber: Int
    /// The bytes of the file's whole records.
    private var size: Int
    /// There may be half a record behind them, of a write that failed.
    private var isTorn = false
    /// Records that were deferred when there was no room to keep them.
    private var lost: UInt64 = 0
    private var recordsSinceCheckpoint = 0
    private var lastCheckpoint: Timestamp
    private var isClosed = false
    /// The file's name leads elsewhere or nowhere: what is written now would be lost.
    private var isMisplaced = false
    // Other chains name this one's head only when it is on the disk: after a loss of power a checkpoint must not
    // speak of records that are gone.
    private var headToNote: UnsyncedHead?
    /// The newest one while that one waits: a load that signs faster than the disk syncs must not keep pushing it away.
    private var nextHead: UnsyncedHead?

    /// Why the last write failed; nil while the journal can be written.
    package private(set) var failure: JournalError?
    /// What this writer has written.
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
        buffer = RecordBuffer(chain: recovery.head.map(HashChain.init(after:)) ?? HashChain(id: ChainID()))
        let state = try ChainFiles.state(of: name, in: directory)
        try checkContinuity(state)
        syncer.opened(file)
        try writeState(.open(after: buffer.written))
        if buffer.written == nil {
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
        case .closed: isThere = buffer.written == known
        case .open: isThere = buffer.written.map { $0.chain == known.chain && $0.seq >= known.seq } ?? false
        }
        guard isThere else {
            throw JournalError(
                "the journal `\(directory.path)` has lost records of `\(name)` that its state file names",
                hint: "keep the folder for the auditors and give the gateway a new `audit.directory`"
            )
        }
    }

    // MARK: Appending

    /// Writes one record, and before it what was deferred.
    ///
    /// - Returns: where it stands.
    /// - Throws: when it could not be written whole; the file and the chain are as before, what was deferred is kept,
    ///   and the next append tries again.
    @discardableResult
    package func append(_ event: some JournalEvent, now: Timestamp) throws(JournalError) -> RecordPosition {
        let position = try commit(now: now) { buffer throws(JournalError) in try buffer.add(event, now: now) }
        recordsSinceCheckpoint += 1
        keepUp(now: now)
        return position
    }

    /// Writes several records at once: all of them, or none.
    ///
    /// - Throws: as the other one.
    package func append(_ events: [some JournalEvent], now: Timestamp) throws(JournalError) {
        guard !events.isEmpty else { return }
        try commit(now: now) { buffer throws(JournalError) in
            for event in events { _ = try buffer.add(event, now: now) }
        }
        recordsSinceCheckpoint += events.count
        keepUp(now: now)
    }

    /// Takes a record into the chain and leaves it to a later `append` or `flush` to write it.
    ///
    /// What a crash or `kill -9` may lose of the journal is these records. That a write fails is told by `failure`; the
    /// record is kept then.
    ///
    /// - Throws: when it cannot be kept: it is too long, the journal is closed, or `maximumDeferred` is reached. How
    ///   many were lost the journal says itself when it can be written again.
    package func `defer`(_ event: some JournalEvent, now: Timestamp) throws(JournalError) {
        guard !isClosed else { throw JournalError("the journal is closed") }
        guard buffer.byteCount < Self.maximumDeferred else {
            lost += 1
            throw JournalError("the journal cannot be written, and there is no room for more of its records")
        }
        _ = try buffer.add(event, now: now)
        recordsSinceCheckpoint += 1
        // After a failure those who wait for a record try again, and the timer does.
        if buffer.byteCount >= Self.deferredSize, failure == nil { flush(now: now) }
    }

    /// Whether records are deferred that the file does not have.
    package var hasDeferred: Bool { buffer.count > 0 || lost > 0 }

    /// Writes what was deferred. A failure is told by `failure`; the records are kept for the next time.
    package func flush(now: Timestamp) {
        guard hasDeferred else { return }
        do throws(JournalError) {
            try commit(now: now) { _ in }
            keepUp(now: now)
        } catch {
            failure = error
        }
    }

    /// Brings what `add` adds into the file, and before it what was deferred: all of it, or everything is as before.
    private func commit<Value>(
        now: Timestamp,
        _ add: (inout RecordBuffer) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        guard !isClosed else { throw JournalError("the journal is closed") }
        let mark = buffer.mark
        do throws(JournalError) {
            if lost > 0 { _ = try buffer.add(JournalLost(records: lost), now: now) }
            let value = try add(&buffer)
            try write()
            return value
        } catch {
            buffer.cut(to: mark)
            throw error
        }
    }

    /// Writes the buffer, all of it or nothing.
    private func write() throws(JournalError) {
        do throws(JournalError) {
            guard !isMisplaced, !file.isRemoved else { throw JournalError("`\(file.path)` is gone") }
            if isTorn { try file.truncate(to: size) }
            isTorn = true
            try file.append(buffer.bytes, at: size)
            isTorn = false
        } catch {
            failure = error
            throw error
        }
        failure = nil
        lost = 0
        size += buffer.byteCount
        recordCount += UInt64(buffer.count)
        byteCount += UInt64(buffer.byteCount)
        buffer.empty()
    }

    /// Signs and rotates when it is time to. The records are in the file: that this fails is told by `failure`.
    private func keepUp(now: Timestamp) {
        do throws(JournalError) {
            if recordsSinceCheckpoint >= Self.checkpointRecords { try checkpoint(now: now) }
            if size >= rotateSize { try rotate(now: now) }
        } catch {
            failure = error
        }
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
        do throws(JournalError) {
            try checkpoint(now: now)
            if size >= rotateSize { try rotate(now: now) }
        } catch {
            // Tried again at the next tick.
            failure = error
        }
    }

    private func noteHead() {
        while let head = headToNote, head.file.isDurable(since: head.mark) {
            directory.heads.note(name, head.position)
            headToNote = nextHead
            nextHead = nil
        }
    }

    private func checkpoint(now: Timestamp) throws(JournalError) {
        noteHead()
        let position = try commit(now: now) { buffer throws(JournalError) in
            let checkpoint = Checkpoint(
                of: buffer.chain,
                heads: directory.heads.others(than: name),
                key: directory.key,
                keyID: directory.keyID
            )
            return try buffer.add(CheckpointEvent(checkpoint: checkpoint), now: now)
        }
        let head = UnsyncedHead(position: position, file: file, mark: file.syncMark)
        if headToNote == nil { headToNote = head } else { nextHead = head }
        recordsSinceCheckpoint = 0
        lastCheckpoint = now
    }

    private func rotate(now: Timestamp) throws(JournalError) {
        if recordsSinceCheckpoint > 0 { try checkpoint(now: now) }
        // The chain does not go on in a folder that has taken the place of its own since the last tick.
        isMisplaced = !file.isInPlace
        guard !isMisplaced else { throw JournalError("`\(file.path)` is gone") }
        let next = try JournalFile(path: ChainFiles.path(of: name, number: fileNumber + 1, in: directory.path))
        syncer.left(file)
        syncer.opened(next)
        file = next
        fileNumber += 1
        size = next.size
        isTorn = false
    }

    /// A folder that vanished and came back empty cannot continue the chain; one that came back whole can.
    private func reopen() {
        guard let reopened = try? JournalFile(path: file.path, mayMake: false) else { return }
        guard let recovery = try? ChainRecovery.scan(reopened), recovery.head == buffer.written else { return }
        syncer.left(file)
        syncer.opened(reopened)
        file = reopened
        size = recovery.wholeBytes
        isTorn = recovery.tornBytes > 0
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
        guard let head = buffer.written else { return }
        try writeState(.closed(head))
    }

    private func writeState(_ status: ChainState.Status) throws(JournalError) {
        let state = ChainState(chain: buffer.chain.id, status: status)
        try Files.replace(
            ChainFiles.statePath(of: name, in: directory.path),
            with: state.signed(by: directory.key),
            mode: 0o600
        )
    }
}

/// A checkpoint that the disk may not have yet, and the file that it is in: the writer may be on to the next one.
private struct UnsyncedHead {
    let position: RecordPosition
    let file: JournalFile
    let mark: Int
}
