internal import PostgresWire

/// The protocol option by which a client says that it knows what it talks to (contract, section 8).
///
/// Only on sessions that begin with it the gateway answers statements itself; nobody else's statement may come to mean
/// something else by what stands between the job and PostgreSQL.
enum PosternOption {
    static let name = "_pq_.postern"
    /// The one version that there is.
    private static let version = "1"

    /// Whether the client asks for it.
    ///
    /// - Throws: when it asks for a version that is not known: by name it was understood, so that it cannot be answered
    ///   by NegotiateProtocolVersion.
    static func isAsked(_ message: StartupMessage) throws(Refusal) -> Bool {
        guard let option = message.protocolOptions.first(where: { $0.name == name }) else { return false }
        guard option.value == version else {
            throw Refusal(
                .invalidParameterValue,
                "protocol option `\(name)` must be \(version)",
                hint: "leave it out, or use a client that speaks version \(version)"
            )
        }
        return true
    }
}
