/// What was found of one guarded table at one moment.
package enum GuardCount: Hashable, Sendable {
    case rows(Int64)
    /// There is no such table.
    case missing
    /// It could not be counted.
    case unknown
}

/// What became of a guarded table.
package enum GuardVerdict: String, Sendable, CaseIterable {
    /// No more is gone than may be.
    case kept
    case lost
    /// The table itself is gone: a loss of everything, however much may be lost.
    case vanished
    /// There was none before.
    case new
    /// There is none, before and after: the name is wrong, or the guard is early.
    case absent
    /// One of the counts is missing.
    case unknown

    package init(before: GuardCount, after: GuardCount, maxLoss: MaxLoss) {
        switch (before, after) {
        case (.unknown, _), (_, .unknown): self = .unknown
        case (.missing, .missing): self = .absent
        case (.missing, .rows): self = .new
        case (.rows, .missing): self = .vanished
        case (.rows(let before), .rows(let after)):
            self = after >= before || maxLoss.allows(before - after, of: before) ? .kept : .lost
        }
    }

    /// Whether data is gone.
    package var isLoss: Bool {
        switch self {
        case .lost, .vanished: true
        case .kept, .new, .absent, .unknown: false
        }
    }

    /// Whether the guard can say that nothing is gone.
    package var isSafe: Bool {
        switch self {
        case .kept, .new: true
        case .lost, .vanished, .absent, .unknown: false
        }
    }
}

/// What a guarded run says of its tables: the note of the job that becomes the event `guard.result` (docs/guard.md).
///
/// A gateway knows nothing of it but who said so. It takes no other shape, and no verdict that does not follow from the
/// counts beside it.
package struct GuardClaim: Hashable, Sendable {
    package struct Table: Hashable, Sendable {
        package let name: TableName
        package let before: GuardCount
        package let after: GuardCount

        package init(name: TableName, before: GuardCount, after: GuardCount) {
            self.name = name
            self.before = before
            self.after = after
        }
    }

    /// Of all tables together.
    package enum Outcome: String, Sendable, CaseIterable {
        case kept
        case lost
        /// Of a table it cannot be said.
        case unknown

        package init(_ verdicts: some Sequence<GuardVerdict>) {
            var outcome = Outcome.kept
            for verdict in verdicts where !verdict.isSafe {
                if verdict.isLoss {
                    self = .lost
                    return
                }
                outcome = .unknown
            }
            self = outcome
        }
    }

    /// The member of a note that makes it one of these.
    package static let member = "guard.result"

    package let outcome: Outcome
    package let maxLoss: MaxLoss
    /// The command's own exit code.
    package let exit: Int32
    /// A note is small: what does not fit stands in the next part. Counted from 1.
    package let part: Int
    package let parts: Int
    package let tables: [Table]

    package init(outcome: Outcome, maxLoss: MaxLoss, exit: Int32, part: Int, parts: Int, tables: [Table]) {
        self.outcome = outcome
        self.maxLoss = maxLoss
        self.exit = exit
        self.part = part
        self.parts = parts
        self.tables = tables
    }

    package func verdict(of table: Table) -> GuardVerdict {
        GuardVerdict(before: table.before, after: table.after, maxLoss: maxLoss)
    }
}
