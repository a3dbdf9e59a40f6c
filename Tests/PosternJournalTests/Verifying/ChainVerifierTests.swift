import PosternCore
import PosternCrypto
import PosternJournal
import Testing

@Suite struct ChainVerifierTests {
    private let key = SigningKey()
    private let first = "loop-0-000001.jsonl"
    private let second = "loop-0-000002.jsonl"

    @Test func `a whole chain has no problems`() {
        let chain = TestChain(small: key)
        let report = chain.verify(state: chain.closed)
        #expect(report.findings == [])
        #expect(report.records == 7 && report.files == 2 && report.uncovered == 0)
        #expect(report.end == .closed && report.head == chain.chain.head && report.lastCheckpoint == report.head)
    }

    @Test func `any changed byte of a closed chain is found`() {
        let chain = TestChain(small: key)
        var missed: [String] = []
        for file in chain.bytes.indices {
            for offset in chain.bytes[file].indices {
                // A letter's case, another character's lowest bit: a digit stays a digit.
                var files = chain.bytes
                let isLetter = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(files[file][offset] & ~0x20)
                files[file][offset] ^= isLetter ? 0x20 : 0x01
                if chain.verify(files, state: chain.closed).isIntact { missed.append("\(file):\(offset)") }
            }
        }
        #expect(missed == [])
    }

    @Test func `a changed byte is told once, at its line`() {
        let chain = TestChain(small: key)
        var files = chain.bytes
        // A digit of the second line's time.
        let offset = chain.lines[0].count + 90
        files[0][offset] ^= 1
        let report = chain.verify(files, state: chain.closed)
        #expect(report.findings == ["\(first):2 changed"])
        #expect(report.problems.first?.text == "record 1 was changed: its bytes do not have the hash that it states")
    }

    @Test func `a changed record with a new hash is found by the next one`() {
        let chain = TestChain(small: key)
        var lines = chain.lines
        var encoder = RecordEncoder(chain: chain.chain.id)
        let position = chain.position(0)
        let before = position.map(HashChain.init(after:)) ?? chain.chain
        _ = encoder.encode(in: before, time: Timestamp(seconds: 1), event: "session.start") {
            $0.text("session", "cccccccccccccccc")
        }
        lines[1] = encoder.lines
        let report = chain.verify([lines.flatMap { $0 }], state: chain.closed)
        #expect(report.findings == ["\(first):3 link"])
    }

    @Test func `a removed line is found, and told once`() {
        let chain = TestChain(small: key)
        for index in chain.lines.indices {
            var lines = chain.lines
            lines.remove(at: index)
            let report = chain.verify([lines.flatMap { $0 }], state: chain.closed)
            // The first record is the one that another may not follow; the last is missed by the state.
            let expected = index == 6 ? "\(first):6 end" : "\(first):\(index + 1) sequence"
            #expect(report.findings == [expected])
        }
    }

    @Test func `a duplicated line is found, and told once`() {
        let chain = TestChain(small: key)
        for index in chain.lines.indices {
            for place in (index + 1)...chain.lines.count {
                var lines = chain.lines
                lines.insert(lines[index], at: place)
                let report = chain.verify([lines.flatMap { $0 }], state: chain.closed)
                #expect(report.problems.first.map { "\($0.location) \($0.kind)" } == "\(first):\(place + 1) sequence")
                #expect(report.problems.allSatisfy { [.sequence, .duplicate, .end].contains($0.kind) })
            }
        }
    }

    @Test func `swapped lines are found`() {
        let chain = TestChain(small: key)
        for left in chain.lines.indices {
            for right in chain.lines.indices where right > left {
                var lines = chain.lines
                lines.swapAt(left, right)
                let report = chain.verify([lines.flatMap { $0 }], state: chain.closed)
                #expect(report.findings.first == "\(first):\(left + 1) sequence")
            }
        }
    }

    @Test func `swapped files are found`() {
        let chain = TestChain(small: key)
        #expect(!chain.verify(chain.bytes.reversed(), state: chain.closed).isIntact)
    }

    @Test(arguments: ["", "{}", "garbage", "\u{FF}\u{0}"])
    func `an inserted line that is no record is told once`(text: String) {
        let chain = TestChain(small: key)
        for place in chain.lines.indices {
            var lines = chain.lines
            lines.insert(Array(text.utf8) + [10], at: place)
            #expect(
                chain.verify([lines.flatMap { $0 }], state: chain.closed).findings == [
                    "\(first):\(place + 1) unreadable"
                ]
            )
        }
        let after = chain.verify(
            [chain.bytes.flatMap { $0 } + Array(text.utf8) + [10]],
            state: chain.closed
        )
        #expect(after.findings == ["\(first):8 unreadable", "\(first):8 end"])
    }

    @Test func `a record of another chain is found`() {
        let chain = TestChain(small: key)
        let other = TestChain(small: key)
        var lines = chain.lines
        lines[2] = other.lines[2]
        let report = chain.verify([lines.flatMap { $0 }], state: chain.closed)
        #expect(report.findings == ["\(first):3 chain", "\(first):4 sequence"])
        #expect(!other.verify(state: chain.closed).isIntact)
    }

    // MARK: Ends

    @Test func `a closed chain that is cut anywhere is broken`() {
        let chain = TestChain(small: key)
        for count in chain.bytes[1].indices {
            let files = [chain.bytes[0], Array(chain.bytes[1].prefix(count))]
            #expect(!chain.verify(files, state: chain.closed).isIntact, "cut to \(count) bytes")
        }
        #expect(!chain.verify([chain.bytes[0]], state: chain.closed).isIntact)
        #expect(!chain.verify([], state: chain.closed).isIntact)
    }

    @Test func `an open chain may end with half a record, or early`() {
        let chain = TestChain(small: key)
        for count in 0...chain.bytes[1].count {
            let cut = Array(chain.bytes[1].prefix(count))
            let whole = UInt64(cut.count { $0 == 10 })
            let torn = cut.count - (cut.lastIndex(of: 10).map { $0 + 1 } ?? 0)
            let report = chain.verify([chain.bytes[0], cut], state: chain.open())
            #expect(report.findings == [])
            #expect(report.end == .open && report.records == 4 + whole && report.tornBytes == torn)
            #expect(report.uncovered == (whole == 3 ? 0 : whole))
        }
    }

    @Test func `an open chain must have the record after which it was taken up`() {
        let chain = TestChain(small: key)
        let state = chain.open(after: chain.position(4))
        #expect(chain.verify(state: state).isIntact)
        let kept = [chain.bytes[0], chain.files[1][0]]
        #expect(chain.verify(kept, state: state).isIntact)
        let torn = [chain.bytes[0], Array(chain.files[1][0].dropLast())]
        #expect(chain.verify(torn, state: state).findings == ["\(second):1 end"])
        #expect(chain.verify([chain.bytes[0]], state: state).findings == ["\(first):4 end"])
    }

    @Test func `half a record is found anywhere but at the end`() {
        let chain = TestChain(small: key)
        let files = [Array(chain.bytes[0].dropLast(9)), chain.bytes[1]]
        #expect(chain.verify(files, state: chain.open()).findings == ["\(first):4 torn"])
        #expect(chain.verify([files[0], []], state: chain.open()).findings == ["\(first):4 torn"])
    }

    @Test func `records without a state that can be trusted are a broken chain`() {
        let chain = TestChain(small: key)
        #expect(chain.verify(state: .missing).findings == ["loop-0.state state"])
        #expect(chain.verify(state: .untrusted).findings == ["loop-0.state state"])
        #expect(chain.verify([[]], state: .missing).isIntact)
    }

    // MARK: Checkpoints and starts

    @Test func `forged checkpoints are found`() {
        var forged = TestChain(key: key)
        forged.start()
        forged.checkpoint(signedBy: SigningKey(), as: Checkpoint.keyID(of: key.publicKey))
        let report = forged.verify(state: forged.closed)
        #expect(report.findings == ["\(first):2 checkpoint"])
        #expect(report.problems.first?.text.hasPrefix("the checkpoint is forged: ") == true)
        #expect(report.lastCheckpoint == nil && report.uncovered == 2)

        var unknown = TestChain(key: key)
        unknown.start()
        unknown.checkpoint(signedBy: SigningKey())
        #expect(unknown.verify(state: unknown.closed).findings == ["\(first):2 checkpoint"])

        var malformed = TestChain(key: key)
        malformed.start()
        malformed.add(Checkpoint.event) { $0.text("key_id", "") }
        #expect(malformed.verify(state: malformed.closed).findings == ["\(first):2 checkpoint"])
    }

    @Test func `a chain written anew with another key is found`() {
        let chain = TestChain(small: SigningKey())
        let report = verifyChain(chain.bytes, state: .untrusted, keys: [key.publicKey])
        let expected = ["\(first):1 start", "\(first):4 checkpoint", "\(second):3 checkpoint", "loop-0.state state"]
        #expect(report.findings == expected)
    }

    @Test func `a chain starts once, and at its beginning`() {
        var late = TestChain(key: key)
        late.add("gateway.start")
        late.start()
        #expect(late.verify(state: late.closed).findings == ["\(first):1 start", "\(first):2 start"])
    }

    @Test func `a session that starts twice is found`() {
        var chain = TestChain(key: key)
        chain.start()
        for _ in 0..<2 { chain.add("session.start") { $0.text("session", "aaaaaaaaaaaaaaaa") } }
        #expect(chain.verify(state: chain.closed).findings == ["\(first):3 duplicate"])
    }

    @Test func `a record with a name twice is found though its hash is good`() {
        var chain = TestChain(key: key)
        chain.start()
        chain.add("session.cancel") {
            $0.text("source", "a")
            $0.text("source", "b")
        }
        #expect(chain.verify(state: chain.closed).findings == ["\(first):2 unreadable"])
    }

    @Test func `the largest record number ends a chain without a crash`() {
        var chain = TestChain(key: key)
        chain.start()
        let far = HashChain(after: RecordPosition(chain: chain.chain.id, seq: .max - 1, hash: .zero))
        var encoder = RecordEncoder(chain: chain.chain.id)
        _ = encoder.encode(in: far, time: Timestamp(seconds: 1), event: "x") { _ in }
        let report = chain.verify([chain.bytes[0] + encoder.lines + encoder.lines], state: chain.open())
        #expect(report.findings == ["\(first):2 sequence", "\(first):3 sequence"])
    }

    @Test func `problems are listed up to a bound and counted beyond it`() {
        let chain = TestChain(small: key)
        let garbage = [UInt8](repeating: 10, count: 5000)
        let report = chain.verify([chain.bytes[0] + garbage, chain.bytes[1]], state: chain.closed)
        #expect(report.problems.count == ChainReport.maximumProblems && report.problemCount == 5000)
    }
}
