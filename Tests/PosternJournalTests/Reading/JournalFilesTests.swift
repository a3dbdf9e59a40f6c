import PosternJournal
import Testing

@Suite struct JournalFilesTests {
    @Test func `chains and their files are listed in order`() throws {
        let folder = try TestFolder()
        for name in [
            "loop-10-000001.jsonl", "loop-1-000010.jsonl", "loop-1-000002.jsonl", "loop-1-1000000.jsonl",
            "loop-1.state", "gateway.state", "lock", "checkpoint.pub", "signing.key",
            // Not as a writer spells them.
            "loop-1-3.jsonl", "loop-1-000000.jsonl", "loop-1-+00004.jsonl", "-000001.jsonl", ".state",
            "loop-1-000005.jsonl.gz", "loop-1-0000006.jsonl", "000001.jsonl",
        ] {
            try folder.write(name, [])
        }
        let files = try JournalFiles(directory: folder.path)
        #expect(files.chains.map(\.name) == ["gateway", "loop-1", "loop-10"])
        #expect(files.chains.map(\.hasState) == [true, true, false])
        #expect(
            files.chains.map(\.files) == [
                [], ["loop-1-000002.jsonl", "loop-1-000010.jsonl", "loop-1-1000000.jsonl"], ["loop-10-000001.jsonl"],
            ]
        )
    }

    @Test func `a folder that is not there is an error`() {
        #expect(throws: JournalReadError("reading `/nonexistent`: no such file or directory")) {
            try JournalFiles(directory: "/nonexistent")
        }
    }
}

@Suite struct JournalReaderTests {
    private func lines(_ bytes: [UInt8], maximum: Int = 16) throws -> [String] {
        let folder = try TestFolder()
        try folder.write("f", bytes)
        let reader = try JournalReader(path: folder.path + "/f", maximumLine: maximum)
        var lines: [String] = []
        while let line = try reader.next() {
            lines.append("\(line.number) \(String(decoding: line.bytes, as: UTF8.self)) \(line.ending) \(line.end)")
        }
        return lines
    }

    @Test(arguments: [
        ("", []),
        ("\n", ["1  lineFeed 1"]),
        ("a", ["1 a endOfFile 1"]),
        ("a\n", ["1 a lineFeed 2"]),
        ("a\n\nb", ["1 a lineFeed 2", "2  lineFeed 3", "3 b endOfFile 4"]),
        ("0123456789abcdef\nb\n", ["1 0123456789abcdef lineFeed 17", "2 b lineFeed 19"]),
        ("0123456789abcdefg\nb\n", ["1  tooLong 18", "2 b lineFeed 20"]),
        ("0123456789abcdefg", ["1  tooLong 17"]),
        ("0123456789abcdef", ["1 0123456789abcdef endOfFile 16"]),
    ])
    func `lines are read as they lie`(text: String, expected: [String]) throws {
        #expect(try lines(Array(text.utf8)) == expected)
    }

    @Test func `a line across many reads comes whole, and one that is too long is passed over`() throws {
        let long = [UInt8](repeating: 120, count: 200_000)
        let read = try lines(long + [10, 97, 10] + long + long + [10, 98], maximum: 200_000)
        #expect(read.map(\.utf8.count).max() ?? 0 > 200_000)
        #expect(read.dropFirst() == ["2 a lineFeed 200003", "3  tooLong 600004", "4 b endOfFile 600005"])
    }

    @Test func `what is no regular file is refused`() throws {
        let folder = try TestFolder()
        folder.link("link", to: "/etc/hostname")
        #expect(throws: JournalReadError.self) { try JournalReader(path: folder.path + "/link") }
        #expect(throws: JournalReadError("`\(folder.path)` is not a regular file")) {
            try JournalReader(path: folder.path)
        }
        #expect(throws: JournalReadError.self) { try JournalReader(path: "/dev/null") }
    }
}
