package import PosternCore

/// Why a job is turned away, in the words that it may read. Nothing in it comes from a credential or from upstream.
package struct Refusal: Error, Hashable, Sendable {
    package let sqlState: SQLState
    package let message: String
    package let detail: String?
    package let hint: String?

    package init(_ sqlState: SQLState, _ message: String, detail: String? = nil, hint: String? = nil) {
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
        self.hint = hint
    }

    /// The FATAL ErrorResponse. Every refusal ends with the session's id (contract, section 5).
    package func response(session: SessionID) -> BackendMessage {
        .errorResponse(
            ErrorFields(
                severity: .fatal,
                sqlState: sqlState,
                message: "\(message) (session \(session))",
                detail: detail,
                hint: hint
            )
        )
    }

    static func violation(_ message: String) -> Refusal {
        Refusal(.protocolViolation, message)
    }
}
