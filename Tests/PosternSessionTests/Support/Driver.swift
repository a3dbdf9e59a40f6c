import PosternCore
import PosternPolicy
import PosternSQL
import PosternSession
import PostgresWire

/// Feeds both sides' bytes as an event loop does: what is not done with comes again with what follows, and a message
/// that waits is offered again after each answer and judgement.
struct Driver {
    static let session = SessionID("0123456789abcdef") ?? SessionID()
    static let enforced = RelayRules(isEnforced: true, isUnrestricted: false, rowsChanged: nil, names: 100, role: "r")

    var relay: SessionRelay
    var judge = FakeJudge()
    /// How many bytes come at once; nil for everything.
    var piece: Int?
    private var jobInput: [UInt8] = []
    private var serverInput: [UInt8] = []
    /// What the server and the job have been sent.
    private(set) var upstream: [UInt8] = []
    private(set) var downstream: [UInt8] = []
    private(set) var journal: [SessionRecord] = []
    private(set) var begun = 0
    private(set) var ended = 0
    private(set) var ending: SessionRelay.Ending?
    /// Why the job's input stands.
    private(set) var wait: SessionRelay.Wait?
    /// Judgements that were made elsewhere.
    private(set) var judgements = 0
    private var clock: UInt64 = 0

    init(_ rules: RelayRules = Self.enforced, piece: Int? = nil) {
        relay = SessionRelay(session: Self.session, rules: rules, paths: SearchPaths(own: ["app"]))
        self.piece = piece
    }

    /// `mode: observe`.
    static func observing() -> Driver {
        var driver = Driver(
            RelayRules(isEnforced: false, isUnrestricted: false, rowsChanged: nil, names: 100, role: "r")
        )
        driver.judge.observes = true
        return driver
    }

    // MARK: Feeding

    mutating func job(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        for start in stride(from: 0, to: bytes.count, by: piece ?? max(1, bytes.count)) {
            jobInput += bytes[start..<min(bytes.count, start + (piece ?? bytes.count))]
            takeFromJob()
        }
    }

    mutating func server(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        for start in stride(from: 0, to: bytes.count, by: piece ?? max(1, bytes.count)) {
            serverInput += bytes[start..<min(bytes.count, start + (piece ?? bytes.count))]
            takeFromServer()
        }
    }

    /// The connection is gone.
    mutating func end() {
        let now = tick()
        relay.sessionEnded(now: now)
        journal += relay.records
    }

    private mutating func tick() -> MonotonicTime {
        clock += 1_000
        return MonotonicTime(nanoseconds: clock)
    }

    private mutating func takeFromJob() {
        guard ending == nil else { return }
        while true {
            let now = tick()
            let input = jobInput
            let step = relay.fromJob(input.span, now: now, judge: judge)
            upstream += sent(of: input)
            jobInput.removeFirst(step.consumed)
            begun += step.cyclesBegun
            wait = step.wait
            ending = step.ending
            guard case .judgement(let text) = step.wait else { return }
            judge.judgedElsewhere.insert(text)
            judgements += 1
        }
    }

    private mutating func takeFromServer() {
        guard ending == nil else { return }
        let now = tick()
        let input = serverInput
        let step = relay.fromServer(input.span, now: now)
        downstream += sent(of: input)
        upstream += relay.injection
        serverInput.removeFirst(step.consumed)
        ended += step.cyclesEnded
        ending = step.ending
        if wait != nil, ending == nil { takeFromJob() }
    }

    private mutating func sent(of input: [UInt8]) -> [UInt8] {
        journal += relay.records
        return relay.output.pieces.flatMap { piece in
            switch piece {
            case .input(let range): Array(input[range])
            case .bytes(let bytes): bytes
            case .answer(let statement): answer(statement)
            }
        }
    }

    /// As the gateway answers: `receipt`, or the note itself.
    private func answer(_ statement: OwnStatement) -> [UInt8] {
        switch statement {
        case .receipt: ResultMessage.row(Array("receipt".utf8))
        case .note(let json), .guardResult(let json): ResultMessage.row(json)
        }
    }

    // MARK: What is expected

    /// The records in short: `+1/1 select 1` for a decision (`-` when nothing was forwarded; statement, transaction,
    /// text and which statement of it), `=1 ok SELECT 3r` for an outcome, `.1 commit` for a transaction's end.
    var log: [String] {
        journal.map { record in
            switch record {
            case .decision(let made):
                let text = String(decoding: made.text.bytes, as: UTF8.self)
                let override = made.override.map { " !\($0.sqlState)" } ?? ""
                let index = made.index > 0 ? "[\(made.index)]" : ""
                return "\(made.isForwarded ? "+" : "-")\(made.statement)/\(made.transaction) \(text)\(index)\(override)"
            case .outcome(let outcome):
                let tag = outcome.tag.map { " \($0)" } ?? ""
                let rows = outcome.rows > 0 ? " \(outcome.rows)r" : ""
                return "=\(outcome.statement) \(outcome.result)\(tag)\(rows)\(outcome.sqlState.map { " \($0)" } ?? "")"
            case .transactionEnd(let number, let result): return ".\(number) \(result)"
            }
        }
    }

    /// Bytes of each statement's rows and copy data.
    var bytes: [UInt64: UInt64] {
        var found: [UInt64: UInt64] = [:]
        for case .outcome(let outcome) in journal { found[outcome.statement] = outcome.bytes }
        return found
    }

    /// The errors that the job got.
    var errors: [ErrorFields] {
        messages(downstream).filter { $0.type == "E" }.compactMap { try? ErrorFields(body: $0.body[...]) }
    }

    mutating func forgetUpstream() {
        upstream = []
    }

    /// Forgets what was sent and written so far.
    mutating func forget() {
        upstream = []
        downstream = []
        journal = []
    }
}
