import PosternCrypto
import PosternJournal
import Testing

struct ChainFollowerTests {
    private let folder: TestFolder
    private let chain: TestChain

    init() throws {
        folder = try TestFolder()
        // Four records in the first file, three in the second.
        chain = TestChain(small: SigningKey())
        try folder.write(chain, status: .open(after: nil))
    }

    private func follower(after position: RecordPosition? = nil) throws -> ChainFollower {
        try ChainFollower(name: chain.name, in: folder.path, chain: chain.chain.id, after: position)
    }

    /// The numbers of the records that come next.
    private func take(_ follower: ChainFollower, atMost count: Int = 100) throws -> [UInt64] {
        var seqs: [UInt64] = []
        while seqs.count < count, let record = try follower.peek() {
            seqs.append(record.frame.seq)
            follower.advance()
        }
        return seqs
    }

    private func error(after position: RecordPosition? = nil) -> String {
        do {
            _ = try take(follower(after: position))
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func `the chain's name is in its first record`() throws {
        #expect(try ChainFollower.identity(of: chain.name, in: folder.path) == chain.chain.id)
        #expect(try ChainFollower.identity(of: "loop-9", in: folder.path) == nil)
    }

    @Test func `all records come, over all files, and the bytes are the file's`() throws {
        let follower = try follower()
        var lines: [[UInt8]] = []
        while let record = try follower.peek() {
            lines.append(record.line + [UInt8(ascii: "\n")])
            follower.advance()
        }
        #expect(lines == chain.lines)
        #expect(follower.head == chain.chain.head)
        #expect(follower.file == 2)
        #expect(follower.gap == nil)
    }

    @Test func `what is peeked at twice is the same record`() throws {
        let follower = try follower()
        #expect(try follower.peek()?.frame.seq == 0)
        #expect(try follower.peek()?.frame.seq == 0)
        #expect(follower.head == nil)
    }

    @Test(arguments: 0..<7) func `it begins after any record`(index: Int) throws {
        let seqs = try take(follower(after: chain.position(index)))
        #expect(seqs == (0..<7).filter { $0 > index }.map(UInt64.init))
    }

    @Test func `it goes on where the writer has gone on`() throws {
        var growing = TestChain(key: SigningKey())
        growing.start()
        try folder.write(growing, status: .open(after: nil))
        folder.remove("loop-0-000002.jsonl")
        let follower = try ChainFollower(name: growing.name, in: folder.path, chain: growing.chain.id, after: nil)
        #expect(try take(follower) == [0])
        growing.add("session.cancel")
        // Half a line is no record yet.
        try folder.write("loop-0-000001.jsonl", Array(growing.bytes[0].dropLast(9)))
        #expect(try take(follower) == [])
        try folder.write(growing, status: .open(after: nil))
        #expect(try take(follower) == [1])
        growing.add("session.cancel")
        growing.rotate()
        growing.add("session.cancel")
        try folder.write(growing, status: .open(after: nil))
        #expect(try take(follower) == [2, 3])
        #expect(follower.file == 2)
    }

    @Test func `records that are gone are a gap, and the rest comes`() throws {
        folder.remove("loop-0-000001.jsonl")
        let follower = try follower()
        #expect(follower.gap == 0...3)
        #expect(try take(follower) == [4, 5, 6])
        let late = try self.follower(after: chain.position(1))
        #expect(late.gap == 2...3)
        #expect(try self.follower(after: chain.position(3)).gap == nil)
    }

    @Test func `another record in the place of the last one is no place to begin`() throws {
        let position = try #require(chain.position(3))
        let other = RecordPosition(chain: position.chain, seq: position.seq, hash: .zero)
        #expect(error(after: other).contains("the store holds record 3 of `loop-0`"))
        folder.remove("loop-0-000001.jsonl")
        #expect(error(after: other).contains("the store holds record 3 of `loop-0`"))
        let beyond = RecordPosition(chain: position.chain, seq: 7, hash: .zero)
        #expect(error(after: beyond).contains("the store holds record 7 of `loop-0`"))
    }

    @Test func `a changed, missing or torn record ends it, with its number`() throws {
        var lines = chain.lines
        lines[2] = Array(String(decoding: lines[2], as: UTF8.self).replacing("bbbb", with: "cccc").utf8)
        try folder.write("loop-0-000001.jsonl", lines[0..<4].flatMap { $0 })
        #expect(error().contains("does not hold record 2 of its chain as it was written"))
        lines = chain.lines
        try folder.write("loop-0-000001.jsonl", [lines[0], lines[1], lines[3]].flatMap { $0 })
        #expect(error().contains("where record 2 should follow"))
        try folder.write("loop-0-000001.jsonl", Array(lines[0..<4].flatMap { $0 }.dropLast(5)))
        #expect(error().contains("ends with half a record, and another file follows"))
        try folder.write("loop-0-000001.jsonl", lines[0..<3].flatMap { $0 })
        #expect(error().contains("where record 3 should follow"))
    }
}
