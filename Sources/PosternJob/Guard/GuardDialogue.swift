package import PosternCore
internal import PostgresWire

/// A guard's own session with the gateway, one simple query after the other: it counts the tables, read-only, and after
/// the command it has the result noted and asks for the session's receipt.
///
/// Statements of a job like any other: the role's rules decide on them and the journal has them.
package struct GuardDialogue: Sendable {
    package enum Purpose: Sendable {
        case before
        /// With what was counted before, the command's exit code, and how many of its sessions ended in the middle of a
        /// statement that may still take effect.
        case after(before: [GuardCount], exit: Int32, unsettled: Int)
    }

    package enum Action: Equatable, Sendable {
        case send([UInt8])
        /// Read more.
        case receive
        /// All is said: send this and close.
        case finish([UInt8])
        /// It cannot go on: close. Why is among the troubles.
        case giveUp
    }

    private enum Question: Equatable {
        case setting(String)
        case count(Int)
        case note(GuardClaim)
        case receipt
    }

    private static let missingRelation = SQLState(rawValue: "42P01")
    private static let missingSchema = SQLState(rawValue: "3F000")

    private let options: GuardOptions
    private let purpose: Purpose
    private var questions: [Question]
    private var asked: Question?
    private var reader = AnswerReader()
    /// The gateway takes notes, as far as is known.
    private var isRecordable = true

    /// In the order of the tables, as far as they were counted.
    package private(set) var counts: [GuardCount] = []
    /// Why tables could not be counted, or the result not recorded.
    package private(set) var troubles: [JobTrouble] = []
    /// All of the result is in the journal.
    package private(set) var isRecorded = false
    package private(set) var receipt: [UInt8]?

    package init(_ options: GuardOptions, _ purpose: Purpose) {
        self.options = options
        self.purpose = purpose
        let milliseconds = options.timeout.inMicroseconds / 1000
        // The server's own clock ends a count, so that none goes on behind the job's back.
        questions = [
            .setting("SET statement_timeout TO \(milliseconds)"),
            .setting("SET default_transaction_read_only TO on"),
        ]
        questions += options.tables.indices.map(Question.count)
        if case .after(_, _, let unsettled) = purpose, unsettled > 0 {
            troubles.append(
                JobTrouble(
                    "\(unsettled) of the command's sessions ended in the middle of a statement, which may still take effect",
                    hint: "count again when it is over; the journal has how the sessions ended"
                )
            )
        }
    }

    /// It is the one before the command.
    package var isFirst: Bool {
        if case .before = purpose { true } else { false }
    }

    /// Longer than this no answer takes: the server's own time, and some for the way.
    package var patience: Duration { options.timeout + .seconds(10) }

    /// The session is there.
    ///
    /// - Parameter takesNotes: whether the gateway does; an older one does not.
    package mutating func opened(takesNotes: Bool) -> Action {
        if !isFirst, !takesNotes {
            troubles.append(JobTrouble("the gateway takes no notes, so that the guard's result is in no journal"))
            isRecordable = false
        }
        return askNext()
    }

    package mutating func received(_ bytes: [UInt8]) -> Action {
        switch reader.received(bytes) {
        case .more: return .receive
        case .violation: return giveUp(JobTrouble("the gateway sent what answers no question of the guard"))
        case .answer(let answer): return took(answer)
        }
    }

    /// The connection has ended, or takes too long.
    package mutating func ended(_ reason: String) {
        if let error = reader.answer.error {
            failed(Self.trouble(doing, error))
        } else {
            failed(JobTrouble("\(doing): \(reason)"))
        }
    }

    /// It came to no end, or to no beginning. What was counted still holds.
    package mutating func failed(_ trouble: JobTrouble) {
        troubles.append(trouble)
    }

    private mutating func giveUp(_ trouble: JobTrouble) -> Action {
        failed(trouble)
        return .giveUp
    }

    /// What follows from the counts, as far as there are any.
    package var findings: GuardFindings {
        switch purpose {
        case .before: GuardFindings(options, before: counts, after: [], exit: 0)
        case .after(let before, let exit, let unsettled):
            GuardFindings(options, before: before, after: counts, exit: exit, isSettled: unsettled == 0)
        }
    }

    private var doing: String {
        switch asked {
        case .count(let index): "cannot count `\(options.tables[index])`"
        case .note: "cannot record the guard's result"
        case .setting, .receipt, nil: "the guard's session broke"
        }
    }

    private mutating func askNext() -> Action {
        if questions.isEmpty, !isFirst, !isRecorded, isRecordable {
            questions = findings.claims.map(Question.note) + [.receipt]
        }
        guard !questions.isEmpty else {
            asked = nil
            return .finish(FrontendMessage.terminate)
        }
        let question = questions.removeFirst()
        asked = question
        return .send(FrontendMessage.query(text(of: question)))
    }

    private func text(of question: Question) -> String {
        switch question {
        case .setting(let text): text
        case .count(let index): "SELECT count(*) FROM \(options.tables[index].quoted)"
        case .note(let claim):
            "SELECT postern.record(\(QuotedText.single(claim.note.text)))"
        case .receipt: "SHOW postern.receipt"
        }
    }

    private mutating func took(_ answer: AnswerReader.Answer) -> Action {
        switch asked {
        case .count(let index): return counted(answer, index)
        case .setting:
            if let error = answer.error { return giveUp(Self.trouble(doing, error)) }
        case .note(let claim):
            if let error = answer.error {
                // What was counted is not undone by it, and the receipt is there all the same.
                troubles.append(Self.trouble(doing, error))
                isRecordable = false
                questions = [.receipt]
            } else if claim.part == claim.parts {
                isRecorded = true
            }
        case .receipt: receipt = answer.value
        case nil: return giveUp(JobTrouble("the gateway answers what nobody asked"))
        }
        return askNext()
    }

    private mutating func counted(_ answer: AnswerReader.Answer, _ index: Int) -> Action {
        let text = answer.value.map { String(decoding: $0, as: UTF8.self) }
        if let error = answer.error {
            if error.sqlState == Self.missingRelation || error.sqlState == Self.missingSchema {
                counts.append(.missing)
            } else {
                let trouble = Self.trouble(doing, error, timeout: options.timeout)
                // Before the command one is enough to let it be; after it the others are still worth knowing.
                guard case .after = purpose else { return giveUp(trouble) }
                troubles.append(trouble)
                counts.append(.unknown)
            }
        } else if let text, let rows = Int64(text), rows >= 0 {
            counts.append(.rows(rows))
        } else {
            return giveUp(JobTrouble("\(doing): the answer is no number"))
        }
        return askNext()
    }

    private static func trouble(_ doing: String, _ error: ErrorFields, timeout: Duration? = nil) -> JobTrouble {
        if let timeout, error.sqlState == .queryCanceled {
            return JobTrouble(
                "\(doing) within \(DurationText.print(timeout)): \(TerminalText.escaped(error.message))",
                hint: "`--count-timeout` gives it longer"
            )
        }
        let isDenied = error.sqlState == .insufficientPrivilege
        return JobTrouble(
            "\(doing): \(TerminalText.escaped(error.message))",
            hint: isDenied
                ? "the role needs a rule that allows `read` on the table, and its login SELECT"
                : error[.hint].map(TerminalText.escaped),
            lines: error[.detail].map { [TerminalText.escaped($0)] } ?? []
        )
    }
}
