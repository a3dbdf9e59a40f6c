internal import PosternCore
package import PosternPolicy

/// What the journal is told of a session's statements, in order (contract, section 6).
package enum SessionRecord: Sendable {
    case decision(DecisionRecord)
    case outcome(OutcomeRecord)
    case transactionEnd(number: UInt64, result: TransactionResult)
}

/// One statement was decided. It must be written before what it is about is forwarded.
package struct DecisionRecord: Sendable {
    /// Counts the session's statements from 1.
    package let statement: UInt64
    /// Counts the session's transactions from 1.
    package let transaction: UInt64
    package let text: StatementText
    /// Which statement of the text.
    package let index: Int
    package let isForwarded: Bool
    /// A denial that is not the rules': a name that is not known, a limit. It stands above what the text's judgement says.
    package var override: Denial? { rareOverride?.denial }

    // Apart, because records are made for every statement and this is there for hardly any.
    private let rareOverride: Override?

    private final class Override: Sendable {
        let denial: Denial

        init(_ denial: Denial) {
            self.denial = denial
        }
    }

    init(
        statement: UInt64,
        transaction: UInt64,
        text: StatementText,
        index: Int,
        isForwarded: Bool,
        override: Denial?
    ) {
        self.statement = statement
        self.transaction = transaction
        self.text = text
        self.index = index
        self.isForwarded = isForwarded
        rareOverride = override.map(Override.init)
    }
}

package enum OutcomeResult: String, Sendable {
    case ok
    case error
    /// The server threw it away after an error before it, or it was prepared to run and never did.
    case skipped
    case canceled
    /// The connection broke before the server answered.
    case unknown
}

package struct OutcomeRecord: Sendable {
    package let statement: UInt64
    package let result: OutcomeResult
    /// As the server reported it; nil where it reported none.
    package let tag: String?
    /// The count of the server's tag, or the rows that it sent.
    package let rows: UInt64
    /// Of rows and copy data, in both directions.
    package let bytes: UInt64
    package let sqlState: String?
    package let duration: Duration
}

package enum TransactionResult: String, Sendable {
    case commit
    case rollback
    case unknown
}
