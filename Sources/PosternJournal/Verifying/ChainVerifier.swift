internal import PosternCore
package import PosternCrypto

/// Checks one chain, line by line in the order of its files.
///
/// The caller names each file with `begin`, hands over its lines with `take`, and ends with `finish`. Nothing is
/// believed that a hash, a link or a signature does not hold; what is wrong is collected, not thrown.
///
/// Memory grows by one number for each checkpoint and each session: the first are compared with what other chains
/// say, the second must differ.
package struct ChainVerifier {
    /// What the chain's state file was found to be.
    package enum StateFile: Hashable, Sendable {
        case missing
        /// Not a state, or none of the keys signed it.
        case untrusted
        case state(ChainState)
    }

    /// What the chain's `NAME.retained` was found to be.
    package enum RetentionFile: Hashable, Sendable {
        case missing
        /// Not a statement, or nobody signed it who may.
        case untrusted
        case statement(RetentionStatement)
    }

    private let state: StateFile
    private let stateLocation: JournalLocation
    private let retention: RetentionFile
    private let trust: TrustedKeys
    private var report: ChainReport
    private var sequence: SequenceCheck
    private var required: RequiredRecords
    private var location: JournalLocation
    /// The number that the record of the line states.
    private var seq: UInt64?
    /// Half a record, which only the chain's very end may have.
    private var torn: (location: JournalLocation, bytes: Int)?
    private var sessions: Set<SessionID> = []
    private var hasTaken = false
    private var hasResumed = false
    private var lastIsIntact = false
    private var settled = 0

    /// The chain's own good checkpoints, by record number.
    package private(set) var checkpoints: [UInt64: RecordHash] = [:]
    /// Where the chain's good checkpoints say that other chains stood: by the chain's name, each position once.
    package private(set) var claims: [String: [RecordPosition: JournalLocation]] = [:]

    /// - Parameters:
    ///   - name: the chain's name.
    ///   - stateFile: the name of its state file, for messages.
    ///   - retention: what says that the chain may begin later.
    ///   - trust: whose signatures count.
    ///   - required: records that must be there; those of other chains are left aside.
    package init(
        name: String,
        state: StateFile,
        stateFile: String,
        retention: RetentionFile = .missing,
        trust: TrustedKeys,
        required: [RequiredRecord] = []
    ) {
        self.state = state
        stateLocation = JournalLocation(file: stateFile)
        location = stateLocation
        self.retention = retention
        self.trust = trust
        report = ChainReport(name: name)
        switch retention {
        case .missing, .untrusted:
            sequence = SequenceCheck()
            self.required = RequiredRecords(required)
        case .statement(let statement):
            let file = JournalFiles.retentionFile(of: name)
            sequence = SequenceCheck(removed: statement.removed)
            self.required = RequiredRecords(
                required + [
                    RequiredRecord(statement.removed, kind: .retention, source: "`\(file)`"),
                    RequiredRecord(statement.record, kind: .retention, source: "`\(file)`"),
                ]
            )
        }
    }

    /// A verifier that is given nothing but keys.
    package init(name: String, state: StateFile, stateFile: String, keys: [VerifyingKey]) {
        self.init(name: name, state: state, stateFile: stateFile, trust: TrustedKeys(roots: keys))
    }

    /// The chain's next file.
    ///
    /// - Parameter settled: how many of its bytes were there before any chain of the journal was read. What later
    ///   checkpoints say about other chains is left aside: a gateway at work may have written it since those were read.
    package mutating func begin(file: String, settled: Int) {
        refuseTorn()
        self.settled = settled
        report.files += 1
        location = JournalLocation(file: file)
    }

    /// The next line of the file.
    package mutating func take(_ line: JournalLine) {
        refuseTorn()
        location = JournalLocation(file: location.file, line: line.number)
        seq = nil
        hasTaken = true
        lastIsIntact = false
        switch line.ending {
        case .lineFeed: takeWhole(line.bytes, isSettled: line.end <= settled)
        case .endOfFile: torn = (location, line.bytes.count)
        case .tooLong:
            note(.unreadable, "the line is too long for a record")
            sequence.lose(hashes: nil)
        }
    }

    /// A file, or the rest of one, that could not be read.
    package mutating func take(_ error: JournalReadError) {
        note(.file, error.description)
        sequence.lose(hashes: nil)
    }

    // MARK: Records

    private mutating func takeWhole(_ line: [UInt8], isSettled: Bool) {
        guard let frame = RecordFrame(line) else {
            note(.unreadable, "the line is not a record")
            sequence.lose(hashes: nil)
            return
        }
        seq = frame.seq
        let hash = frame.computedHash(of: line)
        guard hash == frame.hash else {
            note(.changed, "record \(frame.seq) was changed: its bytes do not have the hash that it states")
            sequence.lose(hashes: [hash, frame.hash])
            return
        }
        // Another chain's record says nothing about this chain's numbers.
        guard frame.chain == report.chain ?? frame.chain else {
            note(.chain, "record \(frame.seq) is one of the chain \(frame.chain)")
            return
        }
        report.chain = frame.chain
        if let (kind, text) = sequence.take(frame) { note(kind, text) }
        if report.firstSeq == nil { report.firstSeq = frame.seq }
        for record in required.take(frame.position) {
            note(record.kind, "record \(frame.seq) is not the one that \(record.source) names")
        }
        report.records += 1
        report.uncovered += 1
        report.head = frame.position
        report.lastTime = frame.time
        lastIsIntact = true
        resume(frame)
        guard let record = JournalRecord(line) else {
            note(.unreadable, "record \(frame.seq) is not JSON that can be read in one way only")
            return
        }
        if (frame.event == ChainOpening.event) != (frame.seq == 0) {
            note(.start, "record \(frame.seq) is a `\(frame.event)`: `\(ChainOpening.event)` is record 0, and no other")
        }
        switch frame.event {
        case ChainOpening.event: takeStart(record)
        case Checkpoint.event: takeCheckpoint(line, frame: frame, isSettled: isSettled)
        case Self.sessionStart: takeSession(record)
        // Every other event is held by the chain alone.
        case _: break
        }
    }

    private static let sessionStart = "session.start"

    private mutating func takeStart(_ record: JournalRecord) {
        guard let key = ChainOpening.publicKey(of: record.members) else {
            note(.start, "`public_key` is not an Ed25519 key in base64")
            return
        }
        let keyID = Checkpoint.keyID(of: key)
        if !trust.knows(keyID) { note(.start, "the chain began with the key \(keyID), which is none of those given") }
    }

    private mutating func takeSession(_ record: JournalRecord) {
        guard let id = record.members["session"]?.stringValue.flatMap({ SessionID($0) }) else {
            note(.unreadable, "record \(record.frame.seq) starts a session without an id")
            return
        }
        if !sessions.insert(id).inserted { note(.duplicate, "the session \(id) starts a second time") }
    }

    private mutating func takeCheckpoint(_ line: [UInt8], frame: RecordFrame, isSettled: Bool) {
        guard let checkpoint = CheckpointText(line, frame: frame), let heads = checkpoint.otherHeads else {
            note(.checkpoint, "record \(frame.seq) is not written as a checkpoint is")
            return
        }
        guard let key = trust.key(checkpoint.keyID, of: frame.chain, at: frame.seq) else {
            let why = trust.knows(checkpoint.keyID) ? "was not endorsed for this place" : "is none of those given"
            note(.checkpoint, "the checkpoint names the key \(checkpoint.keyID), which \(why)")
            return
        }
        guard checkpoint.isSigned(by: key, frame: frame) else {
            note(.checkpoint, "the checkpoint is forged: the key \(checkpoint.keyID) did not sign it")
            return
        }
        report.lastCheckpoint = frame.position
        report.lastCheckpointTime = frame.time
        report.uncovered = 0
        checkpoints[frame.seq] = frame.hash
        guard isSettled else { return }
        for head in heads where claims[head.name, default: [:]][head.position] == nil {
            claims[head.name, default: [:]][head.position] = location
        }
    }

    // MARK: The end

    private mutating func finishRetention() {
        let place = JournalLocation(file: JournalFiles.retentionFile(of: report.name))
        switch retention {
        case .missing: break
        case .untrusted:
            let text = "what says which records were removed is not signed by one of the keys given"
            report.note(JournalProblem(.retention, at: place, text))
        case .statement(let statement):
            if let chain = report.chain, chain != statement.chain {
                let text = "what was removed is of the chain \(statement.chain), not of \(chain)"
                report.note(JournalProblem(.retention, at: place, text))
            } else if let first = report.firstSeq, first > 0 {
                report.removed = statement.removed
            }
        }
    }

    /// Whether the record is one of those that were removed because they were old enough.
    func isRemoved(_ position: RecordPosition) -> Bool {
        guard let removed = report.removed, let first = report.firstSeq, position.seq < first else { return false }
        return position.seq < removed.seq || position == removed
    }

    private mutating func finishRequired() {
        guard let chain = report.chain else { return }
        for record in required.missing(of: chain) where !isRemoved(record.position) {
            note(record.kind, "record \(record.position.seq) is not there: \(record.source) names it")
        }
    }

    /// What the whole chain comes to.
    package mutating func finish() -> ChainReport {
        // Before the state is looked at, which may name a record that was removed.
        finishRetention()
        finishState()
        finishRequired()
        return report
    }

    private mutating func finishState() {
        switch state {
        case .missing:
            if hasTaken { noteState("the state file is missing") }
            refuseTorn()
        case .untrusted:
            noteState("the state file is not a state that one of the keys given signed")
            refuseTorn()
        case .state(let state):
            if let chain = report.chain, chain != state.chain {
                noteState("the state file is one of the chain \(state.chain), not of \(chain)")
            }
            finish(state.status)
        }
    }

    private mutating func finish(_ status: ChainState.Status) {
        switch status {
        case .open(let after):
            report.end = .open
            if let torn { report.tornBytes = torn.bytes }
            torn = nil
            if let after, !hasResumed, !isRemoved(after) {
                note(.end, "the chain has lost record \(after.seq), after which its last writer took it up")
            }
        case .closed(let last):
            report.end = .closed
            refuseTorn()
            guard report.head != last || !lastIsIntact else { return }
            let end = report.head.map { "record \($0.seq)" } ?? "nothing"
            note(
                .end,
                report.head == last
                    ? "something stands after record \(last.seq), with which the chain was closed"
                    : "the chain ends with \(end): it was closed with record \(last.seq) and the hash \(last.hash)"
            )
        }
    }

    /// Takes note of the record that an open state names.
    private mutating func resume(_ frame: RecordFrame) {
        guard case .state(let state) = state, case .open(let after?) = state.status else { return }
        if frame.position == after { hasResumed = true }
    }

    private mutating func refuseTorn() {
        guard let torn else { return }
        self.torn = nil
        report.note(JournalProblem(.torn, at: torn.location, "the file ends with half a record"))
        sequence.lose(hashes: nil)
    }

    private mutating func note(_ kind: JournalProblem.Kind, _ text: String) {
        report.note(JournalProblem(kind, at: location, seq: seq, text))
    }

    private mutating func noteState(_ text: String) {
        report.note(JournalProblem(.state, at: stateLocation, text))
    }
}

/// A chain's first record as a verifier reads it.
private enum ChainOpening {
    static let event = "chain.start"

    static func publicKey(of members: JSONObject) -> VerifyingKey? {
        guard let text = members["public_key"]?.stringValue, let raw = Base64.decode(text.utf8, .standard) else {
            return nil
        }
        return VerifyingKey(raw: raw)
    }
}
