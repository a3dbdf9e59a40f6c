internal import PosternCore

/// Holds a receipt against the records of its chain, one after the other, up to the record that it names.
struct ReceiptComparison {
    private let receipt: Receipt
    private let removed: RecordPosition?
    private var tally = ReceiptTally()
    private var previous: RecordHash?
    /// The chain's first record that is there.
    private var first: RecordFrame?
    /// The last record that retention removed, where something of the session is missing for that reason.
    private(set) var removedThrough: UInt64?
    private var hasStart = false
    private var hasRecord = false
    /// The record of the receipt's issue has been passed, or its place.
    private(set) var isDone = false
    private(set) var problems: [String] = []

    /// More of them say nothing that the first ones do not.
    private static let problemLimit = 16

    /// - Parameter removed: the last record that the chain's signed statement says was removed.
    init(_ receipt: Receipt, removed: RecordPosition? = nil) {
        self.receipt = receipt
        self.removed = removed
    }

    /// - Parameter place: file and line.
    mutating func take(_ line: [UInt8], place: String) {
        guard !isDone, problems.count < Self.problemLimit else { return }
        guard let frame = RecordFrame(line) else { return note("\(place): not a record") }
        guard frame.chain == receipt.position.chain else { return note("\(place): a record of another chain") }
        guard frame.isIntact(line) else { return note("\(place): the record was changed") }
        if first == nil { first = frame }
        if let previous, frame.prev != previous { note("\(place): the record before it is another one") }
        previous = frame.hash
        if frame.seq == receipt.position.seq {
            (isDone, hasRecord) = (true, true)
            return issued(line, frame, place)
        }
        // The record is gone: what follows it says nothing of the receipt.
        guard frame.seq < receipt.position.seq else { return isDone = true }
        guard concernsSession(line, frame) else { return }
        guard let record = JournalRecord(line) else { return note("\(place): not a record") }
        switch frame.event {
        case SessionStart.name: started(record, place)
        case StatementDecision.name:
            guard let statement = record.members["statement"].flatMap(Self.integer),
                let isForwarded = record.members["forwarded"]?.boolValue
            else { return note("\(place): not a decision") }
            tally.decided(Array(line[frame.fields]), statement: statement, isForwarded: isForwarded)
        case StatementOutcome.name:
            let rows = record.members["rows"].flatMap(Self.integer) ?? 0
            tally.ended(record.members["result"]?.stringValue ?? "", rows: rows)
        case TransactionEnd.name: tally.transactionEnded(record.members["result"]?.stringValue ?? "")
        case SessionNote.name, GuardResult.name: tally.noted()
        case SessionEnd.name: note("\(place): the session had ended before the receipt was given")
        default: break
        }
    }

    /// All of the chain has been taken.
    mutating func finish() {
        let seq = receipt.position.seq
        guard hasRecord else {
            guard hasRemoved(seq) else { return note("the chain has no record \(seq), which the receipt names") }
            return removedThrough = removed?.seq
        }
        guard hasStart else {
            guard let first, first.seq > 0, hasRemoved(first.seq - 1) else {
                return note(
                    "the journal does not hold the session's start, and nothing signed says that it was removed"
                )
            }
            return removedThrough = removed?.seq
        }
        guard receipt.counts(tally) else { return note("the journal counts other statements than the receipt") }
    }

    /// Whether retention removed the record with this number, and the chain goes on from what was removed.
    private func hasRemoved(_ seq: UInt64) -> Bool {
        guard let removed, let first, seq <= removed.seq, first.seq <= removed.seq + 1 else { return false }
        return first.seq <= removed.seq || first.prev == removed.hash
    }

    private mutating func note(_ problem: String) { problems.append(problem) }

    /// All events of a session have its id first.
    private func concernsSession(_ line: [UInt8], _ frame: RecordFrame) -> Bool {
        line[frame.fields].starts(with: "\"session\":\"\(receipt.session)\"".utf8)
    }

    private mutating func issued(_ line: [UInt8], _ frame: RecordFrame, _ place: String) {
        guard frame.hash == receipt.position.hash else {
            return note("\(place): the record that the receipt names has another hash")
        }
        guard frame.event == SessionReceipt.name, concernsSession(line, frame), let record = JournalRecord(line) else {
            return note("\(place): the record that the receipt names tells of no receipt of this session")
        }
        guard record.members["digest"]?.stringValue == receipt.digest else {
            return note("\(place): another receipt was given here")
        }
    }

    private mutating func started(_ record: JournalRecord, _ place: String) {
        hasStart = true
        for name in ["role", "database", "login", "run"] where record.members[name] != receipt.members[name] {
            note("\(place): `\(name)` of the session's start is another than the receipt's")
        }
        let identity = record.members["identity"]?.objectValue
        let named = receipt.members["identity"]?.objectValue
        for name in ["issuer", "subject"] where identity?[name] != named?[name] {
            note("\(place): the \(name) of the session's start is another than the receipt's")
        }
    }

    private static func integer(_ value: JSONValue) -> UInt64? { value.numberValue.flatMap { UInt64($0.text) } }
}
