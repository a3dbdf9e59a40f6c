/// What version a session speaks, and what the client must be told about it.
package struct ProtocolNegotiation: Hashable, Sendable {
    /// The version that holds for the session.
    package let version: ProtocolVersion
    /// To be sent before the authentication request; nil when the client asked for nothing unknown.
    package let message: NegotiateProtocolVersion?

    /// - Parameter recognizedOptions: the `_pq_.` names that Postern understands.
    package init(_ startup: StartupMessage, recognizedOptions: Set<String>) {
        version = min(startup.requestedVersion, .newest)
        let unknown = startup.protocolOptions.map(\.name).filter { !recognizedOptions.contains($0) }
        if startup.requestedVersion > .newest || !unknown.isEmpty {
            message = NegotiateProtocolVersion(version: version, unrecognizedOptions: unknown)
        } else {
            message = nil
        }
    }
}
