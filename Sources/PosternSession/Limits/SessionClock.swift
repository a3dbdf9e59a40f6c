package import PosternCore
package import PostgresWire

/// A session's time limits. The gateway's clocks decide, whatever the job sets in PostgreSQL.
package struct SessionClock: Sendable {
    package struct Limits: Hashable, Sendable {
        /// The session's whole life.
        package var session: Duration
        /// Silence between transactions.
        package var idle: Duration
        /// Silence inside a transaction.
        package var idleInTransaction: Duration

        package init(session: Duration, idle: Duration, idleInTransaction: Duration) {
            self.session = session
            self.idle = idle
            self.idleInTransaction = idleInTransaction
        }
    }

    package enum Limit: Hashable, Sendable {
        case session
        case idle
        case idleInTransaction
    }

    package enum Verdict: Hashable, Sendable {
        case reached(Limit)
        /// Nothing can be reached before this moment.
        case waitUntil(MonotonicTime)
    }

    package var limits: Limits
    private let started: MonotonicTime
    /// When bytes last passed, in either direction.
    package var lastActivity: MonotonicTime

    package init(limits: Limits, started: MonotonicTime) {
        self.limits = limits
        self.started = started
        lastActivity = started
    }

    /// - Parameters:
    ///   - isIdle: no statement is under way.
    ///   - status: the server's last word on the transaction.
    package func judge(now: MonotonicTime, isIdle: Bool, status: TransactionStatus) -> Verdict {
        let sessionEnd = started.advanced(by: limits.session)
        guard now < sessionEnd else { return .reached(.session) }
        let inTransaction = status != .idle
        if isIdle {
            let end = lastActivity.advanced(by: inTransaction ? limits.idleInTransaction : limits.idle)
            guard now < end else { return .reached(inTransaction ? .idleInTransaction : .idle) }
        }
        // Bytes that pass move the idle limits away; a transaction that begins can only bring the shorter of the two.
        let silence = min(limits.idle, limits.idleInTransaction)
        let next = max(lastActivity.advanced(by: silence), now.advanced(by: isIdle ? .milliseconds(50) : silence))
        return .waitUntil(min(sessionEnd, next))
    }
}
