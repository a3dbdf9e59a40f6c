import Glibc
import PosternCore
import PosternJournal
import Testing

private func cancel(_ number: Int) -> SessionCancel {
    SessionCancel(session: SessionID(), source: "192.0.2.\(number)")
}

struct JournalWriterTests {
    private let folder = WriterFolder()
    private let now = Timestamp(seconds: 1_800_000_001)

    @Test func `what is written verifies with the public key alone`() throws {
        try folder.write { writer in
            for number in 0..<5 { try writer.append(cancel(number), now: now) }
        }
        let chain = try folder.verify()
        #expect(chain.isIntact)
        // chain.start, five records, the last checkpoint
        #expect(chain.records == 7)
        #expect(chain.uncovered == 0)
        #expect(
            folder.names() == [
                "checkpoint.pub", "lock", "loop-0-000001.jsonl", "loop-0.state", "signing.key", "text.key",
            ]
        )
    }

    @Test func `a chain goes on after a clean stop, with the same name and numbers that never restart`() throws {
        try folder.write { try $0.append(cancel(1), now: now) }
        let first = try folder.verify()
        try folder.write { try $0.append(cancel(2), now: now) }
        let second = try folder.verify()
        #expect(second.isIntact)
        #expect(second.head?.chain == first.head?.chain)
        #expect(second.records == first.records + 2)
    }

    @Test func `a file that is full is followed by the next`() throws {
        try folder.write(rotateSize: 1000) { writer in
            for number in 0..<12 { try writer.append(cancel(number), now: now) }
        }
        let chain = try folder.verify()
        #expect(chain.isIntact)
        #expect(chain.files > 2)
    }

    @Test func `a checkpoint follows a thousand records, or ten seconds`() throws {
        try folder.write(close: false) { writer in
            for number in 0..<1000 { try writer.append(cancel(number), now: now) }
        }
        #expect(try folder.verify().lastCheckpoint != nil)
        let other = WriterFolder()
        try other.write(close: false) { writer in
            try writer.append(cancel(1), now: now)
            writer.tick(now: Timestamp(seconds: 1_800_000_009))
        }
        #expect(try other.verify().lastCheckpoint == nil)
        try other.write(close: false) { writer in
            try writer.append(cancel(1), now: now)
            writer.tick(now: Timestamp(seconds: 1_800_000_010))
        }
        #expect(try other.verify().lastCheckpoint != nil)
    }

    @Test func `after a crash at any byte of the last record the chain goes on and says what was torn`() throws {
        try folder.write(close: false) { writer in
            for number in 0..<3 { try writer.append(cancel(number), now: now) }
        }
        let name = "loop-0-000001.jsonl"
        let whole = folder.size(of: name)
        var beforeLast = 0
        try folder.write(close: false) { writer in
            beforeLast = folder.size(of: name)
            try writer.append(cancel(9), now: now)
        }
        #expect(beforeLast > whole)
        let full = folder.size(of: name)
        let lastLine = full - beforeLast
        for torn in stride(from: 1, to: lastLine, by: 7) {
            truncate("\(folder.path)/\(name)", off_t(beforeLast + torn))
            try folder.write(close: false)
            let chain = try folder.verify()
            #expect(chain.isIntact, "torn after \(torn) bytes: \(chain.problems)")
            #expect(chain.tornBytes == 0)
            // Back to the state before this crash, so that each length is tried on the same file.
            truncate("\(folder.path)/\(name)", off_t(beforeLast))
            unlink("\(folder.path)/loop-0.state")
            try folder.write(close: false) { try $0.append(cancel(9), now: now) }
            truncate("\(folder.path)/\(name)", off_t(beforeLast))
            unlink("\(folder.path)/loop-0.state")
        }
    }

    @Test func `a chain that has lost records is not continued in silence`() throws {
        try folder.write { writer in
            for number in 0..<3 { try writer.append(cancel(number), now: now) }
        }
        let name = "\(folder.path)/loop-0-000001.jsonl"
        truncate(name, off_t(folder.size(of: "loop-0-000001.jsonl") - 1500))
        #expect(throws: JournalError.self) { try folder.write() }
    }

    @Test func `a last record that was changed is not continued`() throws {
        try folder.write(close: false) { try $0.append(cancel(1), now: now) }
        let file = fopen("\(folder.path)/loop-0-000001.jsonl", "r+")
        fseek(file, -200, SEEK_END)
        fputs("9", file)
        fclose(file)
        #expect(throws: JournalError.self) { try folder.write() }
    }

    @Test func `one process at a time writes to a folder`() throws {
        let first = try JournalDirectory(path: folder.path, signingKeyFile: nil)
        #expect(throws: JournalError.self) { try JournalDirectory(path: folder.path, signingKeyFile: nil) }
        withExtendedLifetime(first) {}
    }

    @Test func `a key that others may read is refused`() throws {
        try folder.write()
        chmod("\(folder.path)/signing.key", 0o644)
        #expect(throws: JournalError.self) { try folder.write() }
    }

    @Test func `a record that is too long is refused and harms nothing`() throws {
        try folder.write { writer in
            let huge = SessionCancel(session: SessionID(), source: String(repeating: "x", count: 2 << 20))
            #expect(throws: JournalError.self) { try writer.append(huge, now: now) }
            try writer.append(cancel(1), now: now)
        }
        #expect(try folder.verify().isIntact)
    }
}
