import PosternCore
import PosternCrypto
import PosternJournal
import Testing

@Suite struct JournalVerifierTests {
    private let key = SigningKey()
    private let folder: TestFolder
    private let first: TestChain
    private let second: TestChain

    /// Two closed chains; the second one's last checkpoint says where the first stood.
    init() throws {
        folder = try TestFolder()
        first = TestChain(small: key)
        var second = TestChain(name: "loop-1", key: key)
        second.start()
        second.checkpoint(heads: Self.heads(of: first, at: 3))
        self.second = second
        try folder.write("checkpoint.pub", key.publicKey.pem)
        for chain in [first, second] {
            try folder.write(chain, status: .closed(#require(chain.chain.head)))
        }
    }

    private static func heads(of chain: TestChain, at index: Int) -> JSONObject {
        guard let position = chain.position(index) else { return [:] }
        return [
            position.chain.description: .object([
                "name": .string(chain.name), "seq": .number(JSONNumber(position.seq)),
                "hash": .string(position.hash.description),
            ])
        ]
    }

    private func verify(keys: [VerifyingKey]? = nil) throws -> JournalReport {
        try JournalVerifier(directory: folder.path, keys: keys).verify()
    }

    @Test func `a whole journal is intact, and says whose word that is`() throws {
        let report = try verify()
        #expect(report.allProblems == [])
        #expect(report.isIntact && report.isSelfAttested)
        #expect(report.chains.map(\.name) == ["loop-0", "loop-1"])
        #expect(report.chains.map(\.records) == [7, 2] && report.chains.map(\.files) == [2, 1])
        let attested = try verify(keys: [key.publicKey])
        #expect(attested.isIntact && !attested.isSelfAttested)
    }

    @Test func `another key does not vouch for the journal`() throws {
        let report = try verify(keys: [SigningKey().publicKey])
        #expect(!report.isIntact)
        #expect(report.chains.allSatisfy { $0.lastCheckpoint == nil && $0.end == .unknown })
    }

    @Test func `a removed file is found`() throws {
        folder.remove("loop-0-000001.jsonl")
        #expect(try verify().chains[0].findings.first == "loop-0-000002.jsonl:1 sequence")
    }

    @Test func `records in a file under a link are not read`() throws {
        folder.remove("loop-0-000002.jsonl")
        folder.link("loop-0-000002.jsonl", to: "/etc/hostname")
        #expect(try verify().chains[0].findings.contains("loop-0-000002.jsonl file"))
    }

    @Test func `a chain whose end was cut while it was open is found by the other chains`() throws {
        let lines = first.lines
        try folder.write("loop-0-000001.jsonl", lines[0] + lines[1])
        folder.remove("loop-0-000002.jsonl")
        try folder.write("loop-0.state", ChainState(chain: first.chain.id, status: .open(after: nil)).signed(by: key))
        let report = try verify()
        #expect(report.chains[0].findings == ["loop-1-000001.jsonl:2 heads"])
    }

    @Test func `a chain that was taken away whole is found by the other chains`() throws {
        for name in ["loop-0-000001.jsonl", "loop-0-000002.jsonl", "loop-0.state"] { folder.remove(name) }
        let report = try verify()
        #expect(
            report.allProblems.map(\.description) == [
                "loop-1-000001.jsonl:2: the chain `loop-0` is not there: it stood at record 3 when this was signed"
            ]
        )
    }

    @Test func `a closed chain without files is broken`() throws {
        folder.remove("loop-1-000001.jsonl")
        #expect(try verify().chains[1].findings == ["loop-1.state end"])
    }

    @Test func `a chain that stands there twice is found`() throws {
        for (index, bytes) in first.bytes.enumerated() { try folder.write("loop-2-00000\(index + 1).jsonl", bytes) }
        try folder.write(
            "loop-2.state",
            ChainState(chain: first.chain.id, status: .closed(#require(first.chain.head))).signed(by: key)
        )
        #expect(try verify().chains[2].findings == ["loop-2.state duplicate"])
    }

    @Test func `a state file that is changed in any byte is found`() throws {
        let state = ChainState(chain: second.chain.id, status: .closed(try #require(second.chain.head))).signed(by: key)
        #expect(ChainState(state, keys: [key.publicKey]) != nil)
        for offset in state.indices {
            var changed = state
            changed[offset] ^= 1
            #expect(ChainState(changed, keys: [key.publicKey]) == nil, "byte \(offset)")
        }
        try folder.write("loop-1.state", state.dropLast() + [32])
        #expect(try verify().chains[1].findings == ["loop-1.state state"])
    }

    @Test func `a record that was kept elsewhere must be there`() throws {
        let head = try #require(first.chain.head)
        let known = try #require(first.position(3))
        let other = RecordPosition(chain: head.chain, seq: 3, hash: head.hash)
        let beyond = RecordPosition(chain: head.chain, seq: head.seq + 1, hash: head.hash)
        let elsewhere = RecordPosition(chain: ChainID(), seq: 0, hash: .zero)
        func verify(_ expected: RecordPosition...) throws -> JournalReport {
            try JournalVerifier(directory: folder.path, expected: expected).verify()
        }
        #expect(try verify(head, known).isIntact)
        #expect(try verify(other).chains[0].findings == ["loop-0-000001.jsonl:4 expected"])
        #expect(try verify(beyond).chains[0].findings == ["loop-0-000002.jsonl:3 expected"])
        let absent = try verify(elsewhere)
        #expect(absent.isIntact && absent.absent == [elsewhere])
        #expect(RecordPosition(text: head.text) == head)
        for text in ["", head.text + " ", ":::", head.text.uppercased(), "\(head.chain):01:\(head.hash)"] {
            #expect(RecordPosition(text: text) == nil)
        }
    }

    @Test func `what is no journal is an error`() throws {
        let empty = try TestFolder()
        #expect(throws: JournalReadError("`\(empty.path)` holds no journal")) {
            try JournalVerifier(directory: empty.path).verify()
        }
        folder.remove("checkpoint.pub")
        #expect(throws: JournalReadError("`\(folder.path)/checkpoint.pub` is not there")) { try verify() }
    }
}
