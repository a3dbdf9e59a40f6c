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
        /// One statement, from forwarding to completion.
        package var statement: Duration?

        package init(session: Duration, idle: Duration, idleInTransaction: Duration, statement: Duration? = nil) {
            self.session = session
            self.idle = idle
            self.idleInTransaction = idleInTransaction
            self.statement = statement
        }
    }

    package enum Limit: Hashable, Sendable {
        case session
        /// The session's token has expired, and the role's sessions end with their tokens.
        case token
        case idle
        case idleInTransaction
        case statement
    }

    package enum Verdict: Hashable, Sendable {
        case reached(Limit)
        /// Nothing can be reached before this moment.
        case waitUntil(MonotonicTime)
    }

    package var limits: Limits
    /// The end of the session's token, where it is the session's end.
    package var tokenEnd: MonotonicTime?
    private let started: MonotonicTime
    /// When bytes last passed, in either direction.
    package var lastActivity: MonotonicTime
    // The job does not read: this time is not the statement's.
    private var stalledSince: MonotonicTime?
    private var stalled = Duration.zero
    // The statement that is being timed, by its beginning, and what had been stalled before it.
    private var timed: (since: MonotonicTime, stalledBefore: Duration)?

    package init(limits: Limits, started: MonotonicTime) {
        self.limits = limits
        self.started = started
        lastActivity = started
    }

    /// - Parameters:
    ///   - isIdle: no statement is under way.
    ///   - status: the server's last word on the transaction.
    ///   - running: since when the server has been at the statement that it runs now.
    package mutating func judge(
        now: MonotonicTime,
        isIdle: Bool,
        status: TransactionStatus,
        running: MonotonicTime? = nil
    ) -> Verdict {
        var sessionEnd = started.advanced(by: limits.session)
        guard now < sessionEnd else { return .reached(.session) }
        if let tokenEnd {
            guard now < tokenEnd else { return .reached(.token) }
            sessionEnd = min(sessionEnd, tokenEnd)
        }
        let inTransaction = status != .idle
        if isIdle {
            let end = lastActivity.advanced(by: inTransaction ? limits.idleInTransaction : limits.idle)
            guard now < end else { return .reached(inTransaction ? .idleInTransaction : .idle) }
        }
        // Bytes that pass move the idle limits away; a transaction that begins can only bring the shorter of the two.
        let silence = min(limits.idle, limits.idleInTransaction)
        let next = max(lastActivity.advanced(by: silence), now.advanced(by: isIdle ? .milliseconds(50) : silence))
        guard let limit = limits.statement, let running else { return .waitUntil(min(sessionEnd, next)) }
        let end = statementEnd(since: running, limit, now)
        guard now < end else { return .reached(.statement) }
        return .waitUntil(min(sessionEnd, next, end))
    }

    // MARK: Statement time

    /// The job has stopped reading, or reads again.
    package mutating func jobStalled(_ isStalled: Bool, now: MonotonicTime) {
        if isStalled {
            if stalledSince == nil { stalledSince = now }
        } else if let since = stalledSince {
            stalled += now.since(since)
            stalledSince = nil
        }
    }

    private mutating func statementEnd(since: MonotonicTime, _ limit: Duration, _ now: MonotonicTime) -> MonotonicTime {
        let stalledNow = stalled + (stalledSince.map { now.since(max($0, since)) } ?? .zero)
        if timed?.since != since { timed = (since, stalled) }
        return since.advanced(by: limit + stalledNow - (timed?.stalledBefore ?? .zero))
    }
}
