import Glibc
import PosternCore
import PosternJournal
import Testing

private let session = SessionID()
private let now = Timestamp(seconds: 1_800_000_001)

private func outcome(_ statement: UInt64) -> StatementOutcome {
    StatementOutcome(
        session: session,
        statement: statement,
        result: .ok,
        tag: "SELECT",
        rows: 1,
        bytes: 100,
        sqlState: nil,
        duration: .microseconds(100)
    )
}

private func decision(_ statement: UInt64, padding: Int = 0) -> StatementDecision {
    StatementDecision(
        session: session,
        statement: statement,
        transaction: 1,
        judged: EncodedMembers { $0.text("sql", String(repeating: "x", count: padding)) },
        forwarded: true
    )
}

extension WriterFolder {
    static let file = "loop-0-000001.jsonl"

    /// The records of statements in all files: `d` and `o` for their events, with the statement's number; and `lost`
    /// with the number of records.
    func statements() throws -> [String] {
        try names().filter { $0.hasSuffix(".jsonl") }.flatMap { try beginnings(of: $0) }.compactMap { line in
            for (event, mark) in [("statement.decision", "d"), ("statement.outcome", "o"), ("journal.lost", "lost")]
            where line.contains("\"event\":\"\(event)\"") {
                let name = mark == "lost" ? "\"records\":" : "\"statement\":"
                let member = line.split(separator: ",").first { $0.hasPrefix(name) }
                return mark + (member?.dropFirst(name.count) ?? "?")
            }
            return nil
        }
    }

    /// The first bytes of each line, found fast: some of the tests' records are long.
    private func beginnings(of name: String) throws -> [String] {
        let file = try #require(fopen(path + "/" + name, "r"))
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        var found: [String] = []
        while getline(&line, &capacity, file) > 0 {
            // Unsafe, because getline allocates: the line ends with a zero and lives until the next call.
            guard let line else { break }
            found.append(
                String(decoding: UnsafeRawBufferPointer(start: line, count: strnlen(line, 250)), as: UTF8.self)
            )
        }
        return found
    }
}

@Suite struct DeferredRecordsTests {
    private let folder = WriterFolder()

    @Test func `what is deferred is written with the next record, in order`() throws {
        try folder.write(close: false) { writer in
            let before = folder.size(of: WriterFolder.file)
            try writer.defer(outcome(1), now: now)
            try writer.defer(outcome(2), now: now)
            #expect(folder.size(of: WriterFolder.file) == before && writer.hasDeferred)
            let position = try writer.append(decision(3), now: now)
            #expect(position.seq == 3 && !writer.hasDeferred)
            #expect(try folder.statements() == ["o1", "o2", "d3"])
            #expect(writer.recordCount == 4 && writer.byteCount == UInt64(folder.size(of: WriterFolder.file)))
        }
        #expect(try folder.verify().records == 4)
    }

    @Test func `a flush, a checkpoint, a rotation and the end write what is deferred`() throws {
        try folder.write(rotateSize: 60_000) { writer in
            try writer.defer(outcome(1), now: now)
            writer.flush(now: now)
            #expect(try folder.statements() == ["o1"])
            try writer.defer(outcome(2), now: now)
            writer.tick(now: now.advanced(by: .seconds(60)))
            #expect(try folder.statements() == ["o1", "o2"])
            try writer.defer(outcome(3), now: now)
            try writer.append(decision(4, padding: 60_000), now: now)
            #expect(folder.names().contains("loop-0-000002.jsonl"))
            try writer.defer(outcome(5), now: now)
        }
        #expect(try folder.statements() == ["o1", "o2", "o3", "d4", "o5"])
        let chain = try folder.verify()
        #expect(chain.isIntact && chain.files == 2 && chain.end == .closed)
    }

    @Test func `deferred records are written when they are many, and count for checkpoints`() throws {
        try folder.write(close: false) { writer in
            let first = folder.size(of: WriterFolder.file)
            var number: UInt64 = 0
            while folder.size(of: WriterFolder.file) == first {
                number += 1
                try writer.defer(outcome(number), now: now)
            }
            let written = folder.size(of: WriterFolder.file) - first
            #expect(written >= JournalWriter.deferredSize && written < JournalWriter.deferredSize + 1000)
            while number < 1100 {
                number += 1
                try writer.defer(outcome(number), now: now)
            }
            writer.flush(now: now)
        }
        let chain = try folder.verify()
        #expect(chain.lastCheckpoint != nil && chain.uncovered < 1000)
    }

    @Test func `several records are written at once, or none`() throws {
        try folder.write { writer in
            try writer.append([decision(1), decision(2)], now: now)
            #expect(try folder.statements() == ["d1", "d2"])
            try writer.defer(outcome(1), now: now)
            #expect(throws: JournalError.self) {
                try writer.append([decision(3), decision(4, padding: RecordEncoder.maximumLine)], now: now)
            }
            #expect(try folder.statements() == ["d1", "d2"])
            try writer.append([StatementDecision](), now: now)
            try writer.append([decision(5)], now: now)
        }
        #expect(try folder.statements() == ["d1", "d2", "o1", "d5"])
        #expect(try folder.verify().isIntact)
    }

    @Test func `a deferred record that is too long is refused and harms nothing`() throws {
        try folder.write { writer in
            try writer.defer(outcome(1), now: now)
            #expect(throws: JournalError.self) {
                try writer.defer(decision(2, padding: RecordEncoder.maximumLine), now: now)
            }
            try writer.defer(outcome(3), now: now)
        }
        #expect(try folder.statements() == ["o1", "o3"])
        #expect(try folder.verify().isIntact)
    }

    @Test func `while the folder is gone deferred records are kept, up to a bound, and those beyond are counted`()
        throws
    {
        let away = folder.path + "-away"
        try folder.write { writer in
            try writer.defer(outcome(1), now: now)
            rename(folder.path, away)
            writer.tick(now: now)
            #expect(writer.failure != nil)
            #expect(throws: JournalError.self) { try writer.append(decision(2), now: now) }
            writer.flush(now: now)
            var number: UInt64 = 2
            var refused: UInt64 = 0
            while refused < 3 {
                number += 1
                do { try writer.defer(decision(number, padding: 20_000), now: now) } catch { refused += 1 }
            }
            rename(away, folder.path)
            #expect(try folder.statements() == [])
            writer.tick(now: now)
            #expect(writer.failure == nil)
            let kept = ["o1"] + (3...number - 3).map { "d\($0)" } + ["lost3"]
            #expect(try folder.statements() == kept)
            #expect((200...210).contains(kept.count))
            try writer.append(decision(number + 1), now: now)
        }
        #expect(try folder.verify().isIntact)
    }

    @Test func `after a crash at any byte of a write of several records the chain goes on`() throws {
        try folder.write(close: false) { try $0.append(decision(1), now: now) }
        var before = 0
        try folder.write(close: false) { writer in
            before = folder.size(of: WriterFolder.file)
            try writer.defer(outcome(1), now: now)
            try writer.defer(TransactionEnd(session: session, transaction: 1, result: .commit), now: now)
            try writer.append([decision(2), decision(3)], now: now)
        }
        let whole = try contents()
        for end in stride(from: before, through: whole.count, by: 31) {
            try replace(with: Array(whole[..<end]))
            try folder.write(close: false) { try $0.append(decision(4), now: now) }
            let chain = try folder.verify()
            #expect(chain.isIntact && chain.tornBytes == 0, "cut at \(end): \(chain.problems)")
            let kept = try folder.statements()
            #expect(kept.last == "d4" && ["d1", "o1", "d2", "d3"].starts(with: kept.dropLast()), "\(kept)")
            unlink("\(folder.path)/loop-0.state")
        }
    }

    private func contents() throws -> [UInt8] {
        var bytes: [UInt8] = []
        let reader = try JournalReader(path: folder.path + "/" + WriterFolder.file)
        while let line = try reader.next() { bytes += line.bytes + [10] }
        return bytes
    }

    private func replace(with bytes: [UInt8]) throws {
        let file = try #require(fopen(folder.path + "/" + WriterFolder.file, "w"))
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
        fclose(file)
    }
}

/// A disk that takes half a write: the size of the process's files is bounded, which the kernel tells like a full disk.
///
/// The bound is far above what other tests write.
@Suite struct FullDiskTests {
    private static let bound = 8 << 20
    private let folder = WriterFolder()

    @Test func `a write that fails in the middle leaves whole records, and what was deferred comes later`() throws {
        try folder.write(rotateSize: 1 << 30) { writer in
            var number: UInt64 = 0
            while folder.size(of: WriterFolder.file) < Self.bound - 200_000 {
                number += 1
                try writer.append(decision(number, padding: 100_000), now: now)
            }
            while folder.size(of: WriterFolder.file) < Self.bound - 2000 {
                number += 1
                try writer.append(decision(number), now: now)
            }
            try withFileSizes(atMost: Self.bound) {
                let size = folder.size(of: WriterFolder.file)
                for _ in 0..<10 {
                    number += 1
                    try writer.defer(outcome(number), now: now)
                }
                // Three times, so that what a failure leaves behind is tried too.
                for _ in 0..<3 {
                    #expect(throws: JournalError.self) { try writer.append(decision(0), now: now) }
                    #expect(throws: JournalError.self) { try writer.append([decision(0), decision(0)], now: now) }
                    writer.flush(now: now)
                    writer.tick(now: now)
                    #expect(writer.failure != nil && folder.size(of: WriterFolder.file) == size)
                }
                number += 1
                try writer.defer(outcome(number), now: now)
            }
            writer.flush(now: now)
            #expect(writer.failure == nil && !writer.hasDeferred)
            let deferred = (number - 10...number).map { "o\($0)" }
            #expect(try folder.statements().suffix(12) == ["d\(number - 11)"] + deferred)
        }
        #expect(try folder.verify().isIntact)
    }

    private func withFileSizes(atMost bound: Int, _ body: () throws -> Void) throws {
        signal(SIGXFSZ, SIG_IGN)
        var old = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old)
        var new = old
        new.rlim_cur = rlim_t(bound)
        #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &new) == 0)
        defer { setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old) }
        try body()
    }
}
