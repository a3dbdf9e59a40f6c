internal import PosternConfiguration
internal import PosternPolicy
internal import PosternTLS

/// What a gateway runs by at one moment: configuration, policies and certificates, loaded together and never changed.
///
/// A reload makes another one; each loop takes it over between two turns, each session at its next message.
final class GatewaySnapshot: Sendable {
    /// Grows with every reload.
    let generation: Int
    let configuration: Configuration
    let policies: PolicySet
    private let upstreamContexts: [String: TLSContext]
    private let listenerContexts: [Endpoint: TLSContext]

    /// Reads every certificate and key.
    ///
    /// - Throws: `TLSError` for the first that cannot be used.
    init(generation: Int, configuration: Configuration, policies: PolicySet) throws(TLSError) {
        self.generation = generation
        self.configuration = configuration
        self.policies = policies
        var listeners: [Endpoint: TLSContext] = [:]
        for listener in configuration.listeners {
            guard let files = listener.tls else { continue }
            listeners[listener.address] = try TLSContext(server: TLSContext.Identity(files))
        }
        var upstreams: [String: TLSContext] = [:]
        for database in configuration.databases {
            upstreams[database.name] = try database.makeTLSContext()
        }
        listenerContexts = listeners
        upstreamContexts = upstreams
    }

    /// The TLS of a listener, nil when it has none.
    func context(of listener: Endpoint) -> TLSContext? { listenerContexts[listener] }

    /// The TLS to a database, nil when the configuration says `disable`.
    func context(of database: DatabaseConfiguration) -> TLSContext? { upstreamContexts[database.name] }
}
