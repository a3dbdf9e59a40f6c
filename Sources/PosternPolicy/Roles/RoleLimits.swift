/// What the sessions of a role may use. The gateway's own clocks and counts: the job cannot change them.
package struct RoleLimits: Hashable, Sendable {
    /// The longest life of a session, whatever the token says.
    package var session: Duration
    /// The longest wait for the job's next message outside a transaction.
    package var idle: Duration
    /// The longest wait for the job's next message inside a transaction.
    package var idleInTransaction: Duration
    /// Sessions at once, counted per gateway.
    package var sessions: Int

    package init(
        session: Duration = .seconds(12 * 3600),
        idle: Duration = .seconds(3600),
        idleInTransaction: Duration = .seconds(15 * 60),
        sessions: Int = 100
    ) {
        self.session = session
        self.idle = idle
        self.idleInTransaction = idleInTransaction
        self.sessions = sessions
    }
}
