package import PostgresWire

/// The texts that a job may read (contract, section 5). None carries a credential, a token byte or upstream detail.
extension Refusal {
    /// One text for every token that is not good and every role or database that is not granted.
    package static let notGranted = Refusal(
        .invalidAuthorization,
        "access refused",
        hint: "ask `postern exec --diagnose`, or an administrator for `postern audit show` with this session's id"
    )

    package static let certificateNotUnderstood = Refusal(
        .invalidAuthorization,
        "the client certificate's names cannot be read",
        hint: "ask whoever issued it for one with fewer and plainer names"
    )

    package static let tooManyConnections = Refusal(.tooManyConnections, "too many connections to the gateway")
    package static let tooManyUnauthenticated = Refusal(
        .tooManyConnections,
        "too many connections that have not logged in"
    )
    package static let tooManySessionsOfRole = Refusal(.tooManyConnections, "too many sessions of this role")
    package static let tooManySessionsOfDatabase = Refusal(
        .tooManyConnections,
        "too many connections to this database"
    )
    package static let loginTimeout = Refusal(.invalidAuthorization, "the login took too long")
    package static let draining = Refusal(.adminShutdown, "the gateway is shutting down")
    package static let revoked = Refusal(
        .adminShutdown,
        "revoked: the policy no longer grants this session",
        hint: "reconnect; if that is refused ask an administrator"
    )
    package static let journalUnavailable = Refusal(
        .cannotConnectNow,
        "the gateway cannot keep its journal",
        hint: "retry later"
    )
    package static let upstreamLost = Refusal(.connectionFailure, "the connection to the database was lost")

    /// The refusal of a message that must be whole and is larger than the gateway takes.
    package static func messageTooLarge(limit: Int) -> Refusal {
        Refusal(.programLimitExceeded, "the message is larger than \(limit) bytes")
    }
}
