package import PostgresWire

/// Why a session ended: the journal's word for it and, where the gateway ended it, what the job hears.
package enum SessionEnding: Hashable, Sendable {
    /// The job sent Terminate or closed its side.
    case jobLeft
    /// The job's connection broke.
    case jobLost
    /// The server closed the connection after an error of its own, which the job has seen.
    case serverEnded(sqlState: String)
    /// The server's connection broke or was closed without a word.
    case serverLost
    case limit(SessionClock.Limit)
    case revoked
    case drained
    case journal
    case jobViolation(String)
    case serverViolation(String)
    case messageTooLarge(limit: Int)
    case forbiddenSetting(name: String, value: String)
    case tooManyNames(limit: Int)

    /// The session may not go on, and neither may what the server still does for it.
    package var cancelsStatement: Bool {
        switch self {
        // A server that breaks the protocol is asked for nothing.
        case .jobLeft, .jobLost, .serverEnded, .serverLost, .serverViolation: false
        case .limit, .revoked, .drained, .journal, .jobViolation, .messageTooLarge, .forbiddenSetting, .tooManyNames:
            true
        }
    }

    /// The `reason` of `session.end`.
    package var reason: String {
        switch self {
        case .jobLeft: "terminated"
        case .jobLost: "connection lost"
        case .serverEnded(let sqlState): "server error \(sqlState)"
        case .serverLost: "upstream lost"
        case .limit(.session): "limit session"
        case .limit(.token): "token expired"
        case .limit(.idle): "limit idle"
        case .limit(.idleInTransaction): "limit idle_in_transaction"
        case .limit(.statement): "limit statement"
        case .revoked: "revoked"
        case .drained: "drain"
        case .journal: "journal unavailable"
        case .jobViolation(let text): "protocol violation: \(text)"
        case .serverViolation(let text): "upstream protocol violation: \(text)"
        case .messageTooLarge: "message too large"
        case .forbiddenSetting(let name, _): "setting \(name) changed"
        case .tooManyNames: "limit prepared"
        }
    }

    /// The FATAL error that the job gets; nil when there is nothing to say or nobody to say it to.
    package var refusal: Refusal? {
        switch self {
        case .jobLeft, .jobLost, .serverEnded: nil
        case .serverLost, .serverViolation: .upstreamLost
        case .limit(.session): Refusal(.adminShutdown, "the session's time is over")
        case .limit(.token):
            Refusal(
                .adminShutdown,
                "the session's token has expired",
                hint: "the role's sessions end with their tokens: connect with a new one"
            )
        case .limit(.idle): Refusal(.idleSessionTimeout, "the session was idle for too long")
        case .limit(.idleInTransaction):
            Refusal(.idleInTransactionTimeout, "the session was idle in a transaction for too long")
        case .limit(.statement):
            Refusal(.queryCanceled, "the statement ran for longer than the role allows and could not be canceled")
        case .revoked: .revoked
        case .drained: .draining
        case .journal: .journalUnavailable
        case .jobViolation(let text): Refusal(.protocolViolation, text)
        case .messageTooLarge(let limit): .messageTooLarge(limit: limit)
        case .forbiddenSetting(let name, let value):
            Refusal(
                .insufficientPrivilege,
                "`\(name)` must not become \(value)",
                hint: "the gateway reads every statement as UTF-8 with standard_conforming_strings on"
            )
        case .tooManyNames(let limit):
            Refusal(
                .configurationLimitExceeded,
                "the session holds more than \(limit) prepared statements and cursors, or too much text in them",
                hint: "close them, or raise `limits.prepared`"
            )
        }
    }
}
