internal import PosternConfiguration

/// What a connection must know of the listener that it came in by.
struct ListenerSettings: Sendable {
    let endpoint: Endpoint
    /// TLS is offered and nothing is said without it.
    let isSecure: Bool
}
