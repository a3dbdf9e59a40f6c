internal import PosternNet
internal import PosternTLS
internal import PosternUpstream
internal import PostgresWire

/// Where and how one session's server was reached, for the cancel requests that must go the same way.
struct UpstreamRoute: Sendable {
    let address: SocketAddress
    /// The name that the server's certificate must bear.
    let hostName: String
    /// nil for a connection without TLS.
    let context: TLSContext?
    let encryption: UpstreamEncryption
    /// nil when the server gave none: such a session cannot be cancelled.
    let cancelKey: CancelKey?

    /// The client's end of TLS with this server.
    func makeEngine() throws(TLSError) -> TLSEngine? {
        guard let context else { return nil }
        return try TLSEngine(
            client: context,
            host: hostName,
            verifiesHost: encryption.mode == .verifyFull,
            offersALPN: true
        )
    }
}
