internal import Glibc
internal import PosternCore

/// The files of one chain, their indexes and single records of them.
final class ChainReader {
    /// Indexes in memory at once; a file of 256 MiB has one of some 15 MiB.
    private static let keptIndexes = 3
    private static let keptReaders = 8

    let directory: String
    let name: String
    /// Names without the folder, in the order in which they were written.
    let files: [String]
    private let store: IndexStore
    private let notes: ReadingNotes
    private var indexes: [(file: Int, index: FileIndex)] = []
    private var readers: [(file: Int, reader: RecordReader)] = []

    init(_ chain: JournalFiles.Chain, directory: String, store: IndexStore, notes: ReadingNotes) {
        self.directory = directory
        name = chain.name
        files = chain.files
        self.store = store
        self.notes = notes
    }

    /// The index of a file. One that cannot be read any more, since its time was over, is like an empty one, and noted.
    func index(_ file: Int) -> FileIndex {
        if let place = indexes.firstIndex(where: { $0.file == file }) { return indexes[place].index }
        let index: FileIndex
        do {
            index = try store.index(of: files[file])
            notes.unreadable(index, path: path(file))
        } catch {
            notes.missed(path(file), error)
            index = FileIndex()
        }
        if indexes.count == Self.keptIndexes { indexes.removeFirst() }
        indexes.append((file, index))
        return index
    }

    func record(file: Int, offset: UInt64) -> JournalRecord? { record(file: file, offset: Int(clamping: offset)) }

    /// A record; nil, and noted, when there is none that can be read.
    func record(file: Int, offset: Int) -> JournalRecord? {
        do {
            if let record = try reader(file).record(at: offset) { return record }
            notes.add("`\(path(file))` has no record at byte \(offset) any more")
        } catch {
            notes.missed(path(file), error)
        }
        return nil
    }

    private func path(_ file: Int) -> String { directory + "/" + files[file] }

    private func reader(_ file: Int) throws(JournalReadError) -> RecordReader {
        if let place = readers.firstIndex(where: { $0.file == file }) { return readers[place].reader }
        let reader = try RecordReader(path: path(file))
        if readers.count == Self.keptReaders { readers.removeFirst() }
        readers.append((file, reader))
        return reader
    }
}

/// What a reader has to say beside its answer: each thing once.
package final class ReadingNotes {
    private static let maximum = 1000
    private var seen: Set<String> = []
    private let tell: (String) -> Void
    /// A file that is there could not be read: what was found may not be all.
    package private(set) var isIncomplete = false

    /// - Parameter tell: gets each note as it comes: lower case, no full stop, strangers' text in it as it is.
    package init(_ tell: @escaping (String) -> Void) {
        self.tell = tell
    }

    func add(_ note: String) {
        guard seen.count < Self.maximum, seen.insert(note).inserted else { return }
        tell(note)
    }

    /// A file could not be read. One that is gone meanwhile had its time.
    func missed(_ path: String, _ error: JournalReadError) {
        if access(path, F_OK) == 0 || errno != ENOENT { isIncomplete = true }
        add(error.description)
    }

    func unreadable(_ index: FileIndex, path: String) {
        guard index.unreadable > 0 else { return }
        unreadable(index.unreadable, first: index.firstUnreadable, path: path)
    }

    func unreadable(_ count: Int, first: Int, path: String) {
        add("`\(path)`: \(count == 1 ? "1 line is" : "\(count) lines are") no record, the first at byte \(first)")
    }
}
