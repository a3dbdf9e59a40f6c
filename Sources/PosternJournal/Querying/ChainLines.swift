internal import PosternCore

/// The records of one chain from its first file on, over rotations and removals, as far as they are written.
final class ChainLines {
    struct Line {
        let glance: RecordGlance
        /// Without the line feed; valid until the next call.
        let bytes: UnsafeBufferPointer<UInt8>
    }

    private let directory: String
    let name: String
    private let notes: ReadingNotes
    private var scanner: LineScanner?
    private var number = 0
    private var current: Line?

    init(directory: String, name: String, notes: ReadingNotes) {
        self.directory = directory
        self.name = name
        self.notes = notes
    }

    /// The next record that was not taken yet; nil when none is written.
    ///
    /// - Parameter numbers: of the files that are there now, in order.
    func peek(_ numbers: [Int]) throws(JournalReadError) -> Line? {
        if let current { return current }
        while true {
            if let scanner {
                if let line = try read(scanner) {
                    current = line
                    return line
                }
                // What was still to come into this file was there before the next one was made: `numbers` is older than
                // the read that found nothing.
                guard numbers.contains(where: { $0 > number }) else { return nil }
            }
            guard let next = numbers.first(where: { $0 > number }) else { return nil }
            let path = directory + "/" + JournalFiles.fileName(of: name, number: next)
            do {
                scanner = try LineScanner(path: path)
            } catch {
                notes.missed(path, error)
            }
            number = next
        }
    }

    func take() { current = nil }

    private func read(_ scanner: LineScanner) throws(JournalReadError) -> Line? {
        while let line = try scanner.next() {
            if !line.isTooLong, let glance = RecordGlance(line.bytes) { return Line(glance: glance, bytes: line.bytes) }
            notes.unreadable(1, first: line.offset, path: scanner.path)
        }
        return nil
    }
}
