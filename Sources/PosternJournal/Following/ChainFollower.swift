internal import Glibc
internal import PosternCrypto

/// A record as it is handed on: its line without the line feed, and what all records have.
package struct FollowedRecord: Sendable {
    package let line: [UInt8]
    package let frame: RecordFrame

    package init(line: [UInt8], frame: RecordFrame) {
        self.line = line
        self.frame = frame
    }
}

/// Reads one chain's records from a place on, over all of its files, while their writer goes on writing.
///
/// Hands out whole lines only, each checked: its hash, and that it follows the one before. Not `Sendable`.
package final class ChainFollower {
    package let name: String
    /// Records that should have come first and are no longer there.
    package private(set) var gap: ClosedRange<UInt64>?
    private let directory: String
    private var chain: HashChain
    private var fileNumber: Int
    /// Where the next line begins.
    private var offset: Int
    private var reader: JournalReader?
    /// A later file was there before this one was read to its end: nobody writes to this one any more.
    private var hasSuccessor = false
    private var ahead: (record: FollowedRecord, end: Int)?

    /// The chain that the files of a name hold; nil while there is no record.
    package static func identity(of name: String, in directory: String) throws(JournalReadError) -> ChainID? {
        for number in try numbers(of: name, in: directory) {
            if let frame = try first(name, number, directory) { return frame.chain }
        }
        return nil
    }

    /// - Parameter position: the record before the first one that is wanted; nil for all there are.
    /// - Throws: when the chain does not hold that record, or another one in its place.
    package init(
        name: String,
        in directory: String,
        chain id: ChainID,
        after position: RecordPosition?
    ) throws(JournalReadError) {
        self.name = name
        self.directory = directory
        var start: (number: Int, frame: RecordFrame)?
        for number in try Self.numbers(of: name, in: directory) {
            guard let frame = try Self.first(name, number, directory) else { continue }
            if start != nil, frame.seq > position?.seq ?? 0 { break }
            start = (number, frame)
        }
        guard let start, start.frame.chain == id else {
            throw JournalReadError("the files of `\(name)` do not hold the chain \(id)")
        }
        fileNumber = start.number
        offset = 0
        chain = HashChain(id: id)
        let wanted = position.map { $0.seq + 1 } ?? 0
        if start.frame.seq >= wanted, start.frame.seq > 0 {
            if start.frame.seq > wanted { gap = wanted...(start.frame.seq - 1) }
            // What came before is gone, or is what the caller has: the first record says what it follows.
            chain = HashChain(after: RecordPosition(chain: id, seq: start.frame.seq - 1, hash: start.frame.prev))
            guard start.frame.seq > wanted || position?.hash == start.frame.prev else { throw conflict(wanted) }
        } else if let position {
            try pass(position)
        }
    }

    /// The file that the next record is in, or will be.
    package var file: Int { fileNumber }

    /// The last record that was taken; nil before the first one.
    package var head: RecordPosition? { chain.head }

    /// The next record; nil when there is none yet.
    ///
    /// - Throws: when the next line is no intact record that follows the last one.
    package func peek() throws(JournalReadError) -> FollowedRecord? {
        if let ahead { return ahead.record }
        while true {
            if reader == nil { reader = try JournalReader(path: path, startingAt: offset) }
            guard let reader else { return nil }
            let line = try reader.next()
            switch line?.ending {
            case .lineFeed:
                guard let line else { return nil }
                let record = try checked(line.bytes)
                ahead = (record, line.end)
                return record
            case .tooLong: throw JournalReadError("`\(path)` holds a line that is too long")
            case .endOfFile, nil:
                // What is half written is read again from its beginning.
                self.reader = nil
                guard try !goOn(leaving: line != nil) else { continue }
                return nil
            }
        }
    }

    /// Takes the record that `peek` has shown.
    package func advance() {
        guard let (record, end) = ahead else { return }
        ahead = nil
        offset = end
        _ = chain.advance(record.frame.hash)
    }

    // MARK: Files

    private var path: String { ChainFiles.path(of: name, number: fileNumber, in: directory) }

    /// At the end of a file: whether there is more to read, in this one or in the next.
    private func goOn(leaving isTorn: Bool) throws(JournalReadError) -> Bool {
        let current = fileNumber
        let next = try Self.numbers(of: name, in: directory).first { $0 > current }
        guard let next else { return false }
        guard hasSuccessor else {
            // The writer may have written here between our reading and its rotation: once more.
            hasSuccessor = true
            return true
        }
        guard !isTorn else { throw JournalReadError("`\(path)` ends with half a record, and another file follows") }
        fileNumber = next
        offset = 0
        hasSuccessor = false
        return true
    }

    private static func numbers(of name: String, in directory: String) throws(JournalReadError) -> [Int] {
        do throws(JournalError) {
            return try ChainFiles.numbers(of: name, in: directory)
        } catch {
            throw JournalReadError(error.description)
        }
    }

    /// The frame of a file's first record; nil while there is none.
    private static func first(
        _ name: String,
        _ number: Int,
        _ directory: String
    ) throws(JournalReadError) -> RecordFrame? {
        let path = ChainFiles.path(of: name, number: number, in: directory)
        guard let line = try JournalReader(path: path).next(), line.ending == .lineFeed else { return nil }
        guard let frame = RecordFrame(line.bytes) else {
            throw JournalReadError("the first line of `\(path)` is not a record")
        }
        return frame
    }

    // MARK: Checks

    private func checked(_ line: [UInt8]) throws(JournalReadError) -> FollowedRecord {
        guard let frame = RecordFrame(line), frame.isIntact(line) else {
            throw JournalReadError("`\(path)` does not hold record \(chain.seq) of its chain as it was written")
        }
        guard frame.chain == chain.id, frame.seq == chain.seq, frame.prev == chain.prev else {
            throw JournalReadError(
                "`\(path)` has record \(frame.seq) of chain \(frame.chain) where record \(chain.seq) should follow"
            )
        }
        return FollowedRecord(line: line, frame: frame)
    }

    /// Reads up to a record that the caller has.
    private func pass(_ position: RecordPosition) throws(JournalReadError) {
        let reader = try JournalReader(path: path)
        while let line = try reader.next(), line.ending == .lineFeed {
            // The file is the one that should hold it. What comes before it is not looked at again.
            guard let frame = RecordFrame(line.bytes), frame.seq <= position.seq else { break }
            guard frame.seq == position.seq else { continue }
            guard frame.position == position, frame.isIntact(line.bytes) else { break }
            chain = HashChain(after: position)
            offset = line.end
            return
        }
        throw conflict(position.seq + 1)
    }

    private func conflict(_ seq: UInt64) -> JournalReadError {
        JournalReadError("the store holds record \(seq - 1) of `\(name)`, and the journal does not have it")
    }
}
