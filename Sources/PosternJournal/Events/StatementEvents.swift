package import PosternCore

/// What was decided of a statement: written before it is forwarded, or instead.
package struct StatementDecision: JournalEvent {
    package static let name = "statement.decision"

    package let session: SessionID
    /// Counts the session's statements from 1: one for each statement of a Query, one for each portal.
    package let statement: UInt64
    /// Counts the session's transactions from 1.
    package let transaction: UInt64
    /// `tag` to `reason`, from a `StatementRecord`: encoded once for all executions of a text.
    package let judged: EncodedMembers
    package let forwarded: Bool

    package init(session: SessionID, statement: UInt64, transaction: UInt64, judged: EncodedMembers, forwarded: Bool) {
        self.session = session
        self.statement = statement
        self.transaction = transaction
        self.judged = judged
        self.forwarded = forwarded
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("session", session)
        writer.member("statement", statement)
        writer.member("transaction", transaction)
        writer.members(judged)
        writer.member("forwarded", forwarded)
    }
}

/// How a forwarded statement ended.
package struct StatementOutcome: JournalEvent {
    package static let name = "statement.outcome"

    package enum Result: String, Hashable, Sendable {
        case ok
        /// The server refused it or gave up: `sqlstate` says why.
        case error
        /// It never ran: the server had an error before it in the same pipeline or text.
        case skipped
        /// The server ended it because somebody asked it to.
        case canceled
        /// The session ended before the server said.
        case unknown
    }

    package let session: SessionID
    /// The decision's.
    package let statement: UInt64
    package let result: Result
    /// The server's command tag without its counts.
    package let tag: String?
    /// The row count of the server's command tag.
    package let rows: UInt64?
    /// Bytes of the messages that the job got for it.
    package let bytes: UInt64
    package let sqlState: String?
    /// From its forwarding to the server's last message about it.
    package let duration: Duration

    package init(
        session: SessionID,
        statement: UInt64,
        result: Result,
        tag: String?,
        rows: UInt64?,
        bytes: UInt64,
        sqlState: String?,
        duration: Duration
    ) {
        self.session = session
        self.statement = statement
        self.result = result
        self.tag = tag
        self.rows = rows
        self.bytes = bytes
        self.sqlState = sqlState
        self.duration = duration
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("session", session)
        writer.member("statement", statement)
        writer.member("result", result.rawValue)
        writer.member("tag", tag)
        if let rows { writer.member("rows", rows) }
        writer.member("bytes", bytes)
        writer.member("sqlstate", sqlState)
        writer.member("duration_us", UInt64(clamping: duration.inMicroseconds))
    }
}

/// How a transaction ended.
package struct TransactionEnd: JournalEvent {
    package static let name = "transaction.end"

    package enum Result: String, Hashable, Sendable {
        case commit
        case rollback
        /// The session ended before the server said.
        case unknown
    }

    package let session: SessionID
    /// The decisions'.
    package let transaction: UInt64
    package let result: Result

    package init(session: SessionID, transaction: UInt64, result: Result) {
        self.session = session
        self.transaction = transaction
        self.result = result
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("session", session)
        writer.member("transaction", transaction)
        writer.member("result", result.rawValue)
    }
}
