internal import Glibc
internal import Synchronization

/// An open journal file. Writers append to it, the syncer makes it durable; it closes when both have let go of it.
final class JournalFile: Sendable {
    let path: String
    let descriptor: Int32
    /// Written since the last sync: a mark without a lock, since it is set for every record.
    private let dirty = Atomic<Bool>(false)
    /// Syncs that began, and the last one that has ended well; one at a time.
    private let begun = Atomic<Int>(0)
    private let ended = Atomic<Int>(0)
    private let syncing = Mutex(())

    /// Opens a file to append to.
    ///
    /// - Parameter mayMake: whether it is made, with mode 0600, when it is not there.
    init(path: String, mayMake: Bool = true) throws(JournalError) {
        descriptor = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | (mayMake ? O_CREAT : 0), 0o600)
        self.path = path
        guard descriptor >= 0 else { throw .last("opening `\(path)`") }
    }

    deinit { close(descriptor) }

    /// There are bytes that the disk may not have yet.
    var isDirty: Bool { dirty.load(ordering: .acquiring) }

    /// Taken after a write, to ask later whether the disk has it: how many syncs had begun.
    var syncMark: Int { begun.load(ordering: .acquiring) }

    /// Whether the disk has what was written before the mark was taken: also under a load that dirties the file again
    /// right after each sync.
    func isDurable(since mark: Int) -> Bool {
        if ended.load(ordering: .acquiring) > mark { return true }
        // The sync that took it may have been the last one: nothing is left to write, and none is under way.
        return !isDirty && ended.load(ordering: .acquiring) == begun.load(ordering: .acquiring)
    }

    var size: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Appends all of `bytes` with as few writes as the kernel needs, which is one.
    ///
    /// - Throws: when a byte could not be written; the file is cut back to where it was.
    func append(_ bytes: [UInt8], at size: Int) throws(JournalError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
            }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                let error = JournalError.last("writing `\(path)`")
                // Half a record must not stand in front of the next one.
                ftruncate(descriptor, off_t(size))
                throw error
            }
        }
        dirty.store(true, ordering: .releasing)
    }

    /// Cuts the file to `size` bytes.
    func truncate(to size: Int) throws(JournalError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw .last("cutting `\(path)`") }
    }

    /// No name leads to this file any more: what is written to it is gone when it is closed. One system call that looks at
    /// no folder, cheap enough for every write.
    var isRemoved: Bool {
        var status = stat()
        return fstat(descriptor, &status) != 0 || status.st_nlink == 0
    }

    /// Whether the file's name still leads to this file: a directory that vanished takes the record with it.
    var isInPlace: Bool {
        var here = stat()
        var named = stat()
        return fstat(descriptor, &here) == 0 && stat(path, &named) == 0 && here.st_ino == named.st_ino
            && here.st_dev == named.st_dev
    }

    /// Brings what was written to the disk. Blocks for as long as the disk takes: never on an event loop.
    ///
    /// - Returns: false when there was nothing new.
    /// - Throws: when the disk refuses; the file stays marked.
    @discardableResult
    func sync() throws(JournalError) -> Bool {
        try syncing.withLock { _ throws(JournalError) in
            // Before the mark is taken away: who finds the file clean must find a sync under way.
            let number = begun.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue
            let isNew = dirty.exchange(false, ordering: .acquiring)
            if isNew, fdatasync(descriptor) != 0 {
                dirty.store(true, ordering: .releasing)
                throw .last("syncing `\(path)`")
            }
            ended.store(number, ordering: .releasing)
            return isNew
        }
    }
}
