import PosternCore
import PosternCrypto
import PosternJournal
import Testing

@Suite struct EndorsedKeyTests {
    private let service = SigningKey()
    private let runs = [SigningKey(), SigningKey()]
    private let time = Timestamp(seconds: 1_795_224_580)

    private func endorse(_ key: SigningKey, _ heads: [RecordPosition]) throws -> KeyEndorsement {
        let made = KeyEndorsement(time: time, key: key.publicKey, heads: heads)
        let text = made.text(signature: service.sign(made.message))
        return try #require(KeyEndorsement(text, keys: [service.publicKey]))
    }

    /// A chain of two runs, with a session and a checkpoint of each, and what endorses their keys.
    private func chain(second signer: Int = 1) throws -> (TestChain, [KeyEndorsement]) {
        var chain = TestChain(key: runs[0])
        chain.start()
        chain.add("session.start") { $0.text("session", "aaaaaaaaaaaaaaaa") }
        chain.checkpoint(signedBy: runs[0])
        let endorsements = [try endorse(runs[0], []), try endorse(runs[1], [try #require(chain.chain.head)])]
        chain.add("session.end") { $0.text("session", "aaaaaaaaaaaaaaaa") }
        chain.checkpoint(signedBy: runs[signer])
        return (chain, endorsements)
    }

    private func verify(_ chain: TestChain, _ endorsements: [KeyEndorsement]) -> ChainReport {
        let required = endorsements.flatMap { endorsement in
            endorsement.heads.map { RequiredRecord($0, kind: .key, source: "`keys/x.key`") }
        }
        var verifier = ChainVerifier(
            name: "loop-0",
            state: chain.open(),
            stateFile: TestChain.stateFile,
            trust: TrustedKeys(roots: [service.publicKey], endorsements: endorsements),
            required: required
        )
        verifier.begin(file: "loop-0-000001.jsonl", settled: .max)
        for (index, line) in chain.lines.enumerated() {
            verifier.take(
                JournalLine(number: index + 1, bytes: Array(line.dropLast()), ending: .lineFeed, end: 0)
            )
        }
        return verifier.finish()
    }

    @Test func `each run's key counts for what the run wrote`() throws {
        let (chain, endorsements) = try chain()
        #expect(verify(chain, endorsements).findings == [])
        #expect(verify(chain, []).findings.count == 3)
    }

    @Test func `an earlier run's key does not sign what came after it`() throws {
        let (chain, endorsements) = try chain(second: 0)
        #expect(verify(chain, endorsements).findings == ["loop-0-000001.jsonl:5 checkpoint"])
    }

    @Test func `a later run's key does not sign what was before it`() throws {
        let (_, endorsements) = try chain()
        var forged = TestChain(key: runs[1])
        forged.start()
        forged.checkpoint(signedBy: runs[1])
        // It is another chain, of which nobody but a run's key vouches.
        #expect(verify(forged, endorsements).findings == [])
        var second = try chain().0
        let head = try #require(second.chain.head)
        second.checkpoint(signedBy: runs[0])
        let late = [try endorse(runs[0], [head]), try endorse(runs[1], [])]
        #expect(verify(second, late).findings.contains("loop-0-000001.jsonl:3 checkpoint"))
    }

    @Test func `what was before a run cannot be rewritten with the run's key or the one before`() throws {
        let (_, endorsements) = try chain()
        let id = try #require(endorsements[1].heads.first?.chain)
        let other = RecordPosition(chain: id, seq: 2, hash: .zero)
        let (chain, _) = try chain()
        let own = RecordPosition(chain: chain.chain.id, seq: 2, hash: other.hash)
        let report = verify(chain, [try endorse(runs[0], []), try endorse(runs[1], [own])])
        #expect(report.findings == ["loop-0-000001.jsonl:3 key"])
        #expect(report.problems.first?.text == "record 2 is not the one that `keys/x.key` names")
    }

    @Test func `an endorsement that is changed in any byte is none`() throws {
        let made = KeyEndorsement(
            time: time,
            key: runs[0].publicKey,
            heads: [RecordPosition(chain: ChainID(), seq: 7, hash: .zero)]
        )
        let text = made.text(signature: service.sign(made.message))
        #expect(KeyEndorsement(text, keys: [service.publicKey]) == made)
        #expect(KeyEndorsement(text, keys: [runs[0].publicKey]) == nil)
        for offset in text.indices {
            var changed = text
            changed[offset] ^= 1
            #expect(KeyEndorsement(changed, keys: [service.publicKey]) == nil, "byte \(offset)")
        }
        #expect(KeyEndorsement(text + [10], keys: [service.publicKey]) == nil)
        // AWS, Google and Vault sign at least this much.
        #expect(made.message.count < 200)
    }

    @Test func `a folder whose keys a service endorses is verified with the service's key`() throws {
        let folder = WriterFolder()
        let kept = try TestFolder()
        try kept.write("service.pub", service.publicKey.pem)
        let service = service
        for _ in 0..<3 {
            let directory = try JournalDirectory(
                path: folder.path,
                signer: .endorsed(publicKey: kept.path + "/service.pub", now: time) { service.sign($0) }
            )
            let writer = try JournalWriter(
                directory: directory,
                syncer: JournalSyncer { _ in },
                name: "loop-0",
                gateway: "gw",
                rotateSize: 1 << 20,
                now: time
            )
            try writer.append(GatewayStop(gateway: "gw", version: "1"), now: time)
            try writer.close(now: time)
        }
        #expect(try folder.verify().records == 1 + 3 * 2)
        #expect(folder.names(folder.path + "/keys").count == 3)
        #expect(!folder.names().contains("signing.key"))
        let other = try JournalVerifier(directory: folder.path, keys: [SigningKey().publicKey]).verify()
        #expect(!other.isIntact && other.problems.count == 3)
        #expect(throws: JournalError.self) {
            try JournalDirectory(
                path: folder.path,
                signer: .endorsed(publicKey: kept.path + "/service.pub", now: time) { SigningKey().sign($0) }
            )
        }
    }

    @Test func `a journal of another key is left as it is`() throws {
        let folder = WriterFolder()
        try folder.write()
        let kept = try TestFolder()
        try kept.write("service.pub", service.publicKey.pem)
        let before = folder.names()
        let service = service
        #expect(throws: JournalError.self) {
            try JournalDirectory(
                path: folder.path,
                signer: .endorsed(publicKey: kept.path + "/service.pub", now: time) { service.sign($0) }
            )
        }
        #expect(folder.names() == before)
        #expect(try folder.verify().isIntact)
    }
}
