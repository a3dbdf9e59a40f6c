internal import PosternCore
package import PostgresWire

/// Why there is no session with the gateway.
package enum LinkFailure: Error, Equatable, Sendable {
    /// Nothing answers.
    case unreachable(String)
    /// It answers, and is no gateway or a broken one.
    case notGateway(String)
    /// Its certificate does not hold, in OpenSSL's words.
    case notTrusted(String)
    /// It refused, in its own words.
    case refused(ErrorFields)
    /// There is no token.
    case noToken(JobTrouble)
    /// The authorities that are to be believed cannot be read.
    case noAuthorities(JobTrouble)

    /// The role was not granted, or the token not taken: another token may be.
    package var isAboutToken: Bool {
        if case .refused(let fields) = self { fields.sqlState == .invalidAuthorization } else { false }
    }

    /// It may be better in a moment: the gateway, or what is behind it, is only starting.
    package var mayPass: Bool {
        switch self {
        case .unreachable: true
        case .refused(let fields):
            [.connectionFailure, .cannotConnectNow, .tooManyConnections].contains(fields.sqlState)
        case .notGateway, .notTrusted, .noToken, .noAuthorities: false
        }
    }

    /// For whoever reads the job's log.
    package func trouble(with gateway: GatewayAddress) -> JobTrouble {
        switch self {
        case .unreachable(let reason):
            JobTrouble(
                "cannot reach the gateway \(gateway): \(reason)",
                hint: "is POSTERN_GATEWAY right, and may this runner connect there?"
            )
        case .notGateway(let reason):
            JobTrouble(
                "\(gateway) is not the gateway: \(reason)",
                hint: "POSTERN_GATEWAY must name a listener with TLS of a Postern gateway"
            )
        case .notTrusted(let reason):
            JobTrouble("the certificate of \(gateway) is not trusted: \(reason)", hint: Self.trustHint(reason, gateway))
        case .refused(let fields):
            JobTrouble(
                "the gateway refuses: \(TerminalText.escaped(fields.message))",
                hint: isAboutToken
                    ? "`postern exec --diagnose` with the same options shows what the token says and what to compare it with"
                    : fields[.hint].map(TerminalText.escaped)
            )
        case .noToken(let trouble), .noAuthorities(let trouble): trouble
        }
    }

    private static func trustHint(_ reason: String, _ gateway: GatewayAddress) -> String {
        if reason.contains("hostname mismatch") || reason.contains("IP address mismatch") {
            return "it does not bear the name `\(gateway.host)`: connect by the name that it bears"
        }
        if reason.contains("expired") || reason.contains("not yet valid") {
            return "it is out of its time; the gateway's administrator renews it"
        }
        return "`--ca-file` (POSTERN_CA_FILE) names the authority that signed it"
    }

    /// For the driver, whose user reads it as the error of a connection.
    package func response(with gateway: GatewayAddress) -> BackendMessage {
        if case .refused(let fields) = self { return .errorResponse(fields) }
        let trouble = trouble(with: gateway)
        let state: SQLState
        if case .noToken = self { state = .invalidAuthorization } else { state = .connectionFailure }
        return .errorResponse(
            ErrorFields(
                severity: .fatal,
                sqlState: state,
                message: "postern exec: \(trouble.message)",
                hint: trouble.hint
            )
        )
    }
}

extension Refusal {
    /// The FATAL ErrorResponse of the local port, which has no session.
    package var localResponse: BackendMessage {
        .errorResponse(
            ErrorFields(severity: .fatal, sqlState: sqlState, message: message, detail: detail, hint: hint)
        )
    }
}
