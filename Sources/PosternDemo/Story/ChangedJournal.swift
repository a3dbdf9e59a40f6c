internal import PosternCore
internal import PosternJournal

/// A copy of a journal in which one byte was changed by somebody who may write its files.
package struct ChangedJournal: Sendable {
    /// Where the byte is.
    package let file: String
    /// Counted from 1.
    package let line: Int
    package let seq: UInt64
    /// The run that the record named, and the one that it names now.
    package let run: (before: String, after: String)

    /// Copies what a verifier reads and lets the last session that began be another run's.
    ///
    /// - Throws: `DemoError` when no session of a run is recorded, or files cannot be read or written.
    package init(of journal: String, in folder: String) throws(DemoError) {
        try Files.makeFolder(folder)
        var changed: ChangedJournal?
        for name in Files.names(in: journal) where Self.isCopied(name) {
            guard var bytes = Files.read("\(journal)/\(name)") else {
                throw DemoError("cannot read `\(journal)/\(name)`")
            }
            if changed == nil, name.hasSuffix(".jsonl") { changed = Self.change(&bytes, file: name) }
            try Files.writePrivate(bytes, to: "\(folder)/\(name)")
        }
        guard let changed else { throw DemoError("no session of a run is in `\(journal)`") }
        self = changed
    }

    private init(file: String, line: Int, seq: UInt64, run: (before: String, after: String)) {
        self.file = file
        self.line = line
        self.seq = seq
        self.run = run
    }

    /// Keys stay where they are.
    private static func isCopied(_ name: String) -> Bool {
        [".jsonl", ".state", ".pub"].contains { name.hasSuffix($0) }
    }

    private static func change(_ bytes: inout [UInt8], file: String) -> ChangedJournal? {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated().reversed() {
            guard let record = JournalRecord(Array(line)), record.frame.event == "session.start",
                let run = record.members["run"]?.objectValue?["id"]?.stringValue, let last = run.utf8.last,
                let place = line.firstRange(of: Array("\"id\":\"\(run)\"".utf8))
            else { continue }
            // Another digit: the record stays the JSON that it was, and believable.
            let other = last == UInt8(ascii: "9") ? UInt8(ascii: "8") : last + 1
            bytes[place.upperBound - 2] = other
            let after = String(decoding: run.utf8.dropLast() + [other], as: UTF8.self)
            return ChangedJournal(file: file, line: index + 1, seq: record.frame.seq, run: (run, after))
        }
        return nil
    }
}
