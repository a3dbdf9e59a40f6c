package import PostgresWire

/// Why no session could be had from a server: the text for the log in detail, for the job a fixed one.
package struct UpstreamFailure: Error, Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        /// The plan holds what cannot be sent: a NUL, or more than a startup packet takes.
        case plan
        /// No connection, or it ended: refused, timed out, closed, no address.
        case unreachable
        /// The server does no TLS, or its certificate was not accepted.
        case encryption
        /// The server broke the protocol or the rules of SCRAM.
        case violation
        /// The server asks for a way to log in that is not allowed, or that needs a password that is not there.
        case methodNotAllowed
        /// The server refused the login; nil when it gave no SQLSTATE.
        case refused(SQLState?)
        /// The login is a superuser and may not be.
        case superuser
        /// The server is up and not of the kind that `target_session_attrs` asks for.
        case attributes
    }

    package let reason: Reason
    /// For the log and the journal: lower case, printable, without secrets.
    package let log: String

    package init(_ reason: Reason, _ log: String) {
        self.reason = reason
        self.log = log
    }

    /// The server's own words are for the log only.
    /// - Parameter fields: an ErrorResponse that came over the channel that the plan asks for.
    init(refusedWith fields: ErrorFields) {
        let state = fields.sqlState
        let text = Self.printable(fields.message)
        self.init(.refused(state), "server refused the login: \(state?.rawValue ?? "no SQLSTATE"): \(text)")
    }

    /// What the job is told: one of three fixed texts, with nothing of the server in it (contract, section 5).
    package var refusal: Refusal {
        switch reason {
        case .refused(.tooManyConnections?): Self.tooMany
        case .refused(.cannotConnectNow?), .refused(.adminShutdown?), .refused(.crashShutdown?), .attributes:
            Self.notNow
        case .unreachable, .encryption, .violation, .methodNotAllowed, .refused, .superuser, .plan: Self.failed
        }
    }

    private static let tooMany = Refusal(.tooManyConnections, "too many connections to the upstream database")
    private static let notNow = Refusal(.cannotConnectNow, "upstream database is not accepting connections")
    private static let failed = Refusal(.connectionFailure, "could not connect to the upstream database")

    /// Whether the server did not accept the password: then it may have been changed, and reading it once more helps.
    package var isCredentialRefusal: Bool {
        switch reason {
        case .refused(.invalidPassword?), .refused(.invalidAuthorization?): true
        case .unreachable, .encryption, .violation, .methodNotAllowed, .refused, .superuser, .attributes, .plan: false
        }
    }

    /// Whether another host may do better. A refused login is not tried on every host, as in libpq.
    var allowsNextHost: Bool {
        switch reason {
        case .unreachable, .encryption, .violation, .attributes: true
        case .refused(.cannotConnectNow?), .refused(.adminShutdown?), .refused(.crashShutdown?),
            .refused(.tooManyConnections?):
            true
        case .methodNotAllowed, .refused, .superuser, .plan: false
        }
    }

    /// A server's text made fit for a log line: what moves the cursor or the direction becomes a space, and 300
    /// characters are the most.
    static func printable(_ text: String) -> String {
        String(
            text.unicodeScalars.prefix(300).map { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator: " "
                default: Character(scalar)
                }
            }
        )
    }
}
