/// What the sessions of a role may use. The gateway's own clocks and counts: the job cannot change them.
package struct RoleLimits: Hashable, Sendable {
    /// The default of `statementSize` for a role that is `unrestricted`: whatever the gateway takes.
    package static let unrestrictedStatementSize = 16 << 20

    /// The longest life of a session, whatever the token says.
    package var session: Duration
    /// The longest wait for the job's next message outside a transaction.
    package var idle: Duration
    /// The longest wait for the job's next message inside a transaction.
    package var idleInTransaction: Duration
    /// Sessions at once, counted per gateway.
    package var sessions: Int
    /// The longest run of a statement, from forwarding to completion, without the time in which the job does not read.
    package var statement: Duration?
    /// Bytes of one statement's text.
    package var statementSize: Int
    /// Rows that one transaction may change, by the row counts that the server reports.
    package var rowsChanged: UInt64?

    package init(
        session: Duration = .seconds(12 * 3600),
        idle: Duration = .seconds(3600),
        idleInTransaction: Duration = .seconds(15 * 60),
        sessions: Int = 100,
        statement: Duration? = nil,
        statementSize: Int = 1 << 20,
        rowsChanged: UInt64? = nil
    ) {
        self.session = session
        self.idle = idle
        self.idleInTransaction = idleInTransaction
        self.sessions = sessions
        self.statement = statement
        self.statementSize = statementSize
        self.rowsChanged = rowsChanged
    }
}
