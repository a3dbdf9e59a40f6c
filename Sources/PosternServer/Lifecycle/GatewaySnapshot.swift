internal import PosternConfiguration
internal import PosternIdentity
internal import PosternPolicy
internal import PosternSession
internal import PosternTLS
internal import PostgresWire

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
    private let authentications: [Endpoint: JobStartup.Authentication]

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
            listeners[listener.address] = try TLSContext(
                server: TLSContext.Identity(files),
                clientAuthorities: listener.clientAuthorities
            )
        }
        var authentications: [Endpoint: JobStartup.Authentication] = [:]
        for listener in configuration.listeners {
            guard let oauth = listener.oauth, let issuer = configuration.issuer(of: oauth) else { continue }
            authentications[listener.address] = .oauthBearer(OAuthChallenge(issuer: issuer.issuer, scope: oauth.scope))
        }
        self.authentications = authentications
        var upstreams: [String: TLSContext] = [:]
        for database in configuration.databases {
            upstreams[database.name] = try database.makeTLSContext()
        }
        listenerContexts = listeners
        upstreamContexts = upstreams
    }

    /// The TLS of a listener, nil when it has none.
    func context(of listener: Endpoint) -> TLSContext? { listenerContexts[listener] }

    /// How a listener asks for the token.
    func authentication(of listener: Endpoint) -> JobStartup.Authentication {
        authentications[listener] ?? .password
    }

    /// The TLS to a database, nil when the configuration says `disable`.
    func context(of database: DatabaseConfiguration) -> TLSContext? { upstreamContexts[database.name] }
}

extension OAuthChallenge {
    /// - Parameter issuer: as tokens spell it. The loader has seen to its length and the scope's.
    fileprivate init(issuer: String, scope: String) {
        let url = DiscoveryDocument.url(ofIssuer: issuer)?.text ?? issuer
        self.init(configuration: url, scope: scope)
    }
}
