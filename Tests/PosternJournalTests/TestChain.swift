import PosternCore
import PosternCrypto
import PosternJournal

/// A small chain in memory, written with the journal's own encoder, and what a verifier says of it.
struct TestChain {
    static let stateFile = "loop-0.state"

    let name: String
    let key: SigningKey
    private(set) var files: [[[UInt8]]] = [[]]
    private(set) var chain: HashChain
    private var encoder: RecordEncoder
    private var time = Timestamp(seconds: 1_795_224_580)

    init(name: String = "loop-0", key: SigningKey) {
        self.name = name
        self.key = key
        chain = HashChain(id: ChainID())
        encoder = RecordEncoder(chain: chain.id)
    }

    /// Two files: a start, two sessions' starts and a checkpoint; their ends and a last checkpoint.
    init(small key: SigningKey) {
        self.init(key: key)
        start()
        add("session.start") { $0.text("session", "aaaaaaaaaaaaaaaa") }
        add("session.start") { $0.text("session", "bbbbbbbbbbbbbbbb") }
        checkpoint()
        rotate()
        add("session.end") { $0.text("session", "aaaaaaaaaaaaaaaa") }
        add("session.end") { $0.text("session", "bbbbbbbbbbbbbbbb") }
        checkpoint()
    }

    var lines: [[UInt8]] { files.flatMap { $0 } }
    var bytes: [[UInt8]] { files.map { $0.flatMap { $0 } } }

    mutating func start() {
        let raw = key.publicKey.raw
        add("chain.start") {
            $0.text("gateway", "gw-1")
            $0.text("public_key", Base64.encode(raw))
        }
    }

    mutating func add(_ event: String, _ body: (inout JSONWriter) -> Void = { _ in }) {
        let hash = encoder.encode(in: chain, time: time, event: event, body: body)
        time = time.advanced(by: .milliseconds(1234))
        _ = chain.advance(hash)
        files[files.count - 1].append(encoder.lines)
        encoder.removeAll()
    }

    mutating func checkpoint(heads: JSONObject = [:], signedBy signer: SigningKey? = nil, as keyID: String? = nil) {
        let signer = signer ?? key
        let checkpoint = Checkpoint(
            of: chain,
            heads: heads,
            key: signer,
            keyID: keyID ?? Checkpoint.keyID(of: signer.publicKey)
        )
        add(Checkpoint.event) { checkpoint.encode(into: &$0) }
    }

    mutating func rotate() { files.append([]) }

    var closed: ChainVerifier.StateFile {
        guard let head = chain.head else { return .missing }
        return .state(ChainState(chain: chain.id, status: .closed(head)))
    }

    func open(after: RecordPosition? = nil) -> ChainVerifier.StateFile {
        .state(ChainState(chain: chain.id, status: .open(after: after)))
    }

    /// Where the record in this place of all lines stands.
    func position(_ index: Int) -> RecordPosition? { RecordFrame(Array(lines[index].dropLast()))?.position }

    /// What a verifier says about these files in the place of the chain's own.
    func verify(_ files: [[UInt8]]? = nil, state: ChainVerifier.StateFile) -> ChainReport {
        verifyChain(files ?? bytes, name: name, state: state, keys: [key.publicKey])
    }
}

func verifyChain(
    _ files: [[UInt8]],
    name: String = "loop-0",
    state: ChainVerifier.StateFile,
    keys: [VerifyingKey]
) -> ChainReport {
    var verifier = ChainVerifier(name: name, state: state, stateFile: TestChain.stateFile, keys: keys)
    for (index, bytes) in files.enumerated() {
        verifier.begin(file: "\(name)-00000\(index + 1).jsonl", settled: .max)
        var rest = bytes[...]
        var number = 0
        while !rest.isEmpty {
            number += 1
            let feed = rest.firstIndex(of: UInt8(ascii: "\n"))
            let line = Array(rest[..<(feed ?? rest.endIndex)])
            rest = feed.map { rest[($0 + 1)...] } ?? []
            verifier.take(
                JournalLine(number: number, bytes: line, ending: feed == nil ? .endOfFile : .lineFeed, end: 0)
            )
        }
    }
    return verifier.finish()
}

extension JSONWriter {
    mutating func text(_ name: String, _ value: String) {
        self.name(name)
        string(value)
    }
}

extension ChainReport {
    /// `file:line kind` of each problem.
    var findings: [String] { problems.map { "\($0.location) \($0.kind)" } }
}
