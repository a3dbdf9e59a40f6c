internal import PosternConfiguration
internal import PosternCore
internal import PosternNet

/// What a login needs from outside the loop: the password, read anew, and the hosts' addresses.
struct UpstreamMaterial: Sendable {
    /// A host of the configuration and what its name resolved to.
    struct Host: Sendable {
        let endpoint: Endpoint
        let addresses: [SocketAddress]
        /// Why there are no addresses.
        let failure: String?

        /// The name that the certificate must bear.
        var name: String {
            switch endpoint {
            case .network(let host, _): host
            case .unix: "localhost"
            }
        }
    }

    let password: Redacted<[UInt8]>?
    let hosts: [Host]

    /// Resolves names and reads the secret, on threads that may block.
    ///
    /// - Parameter fresh: whether a remembered secret must be read again: the server refused it.
    /// - Throws: the secret's error, or `BlockingPool.Overloaded`.
    static func gather(
        database: DatabaseConfiguration,
        login: DatabaseConfiguration.Login,
        fresh: Bool,
        secrets: SecretResolver,
        names: BlockingPool
    ) async throws -> UpstreamMaterial {
        var password: Redacted<[UInt8]>?
        if let reference = login.password {
            password = try await secrets.secret(reference, fresh: fresh)
        }
        let endpoints = database.hosts
        // Numbers and paths need no resolver, and no other thread.
        if endpoints.allSatisfy(\.isLiteral) {
            return UpstreamMaterial(password: password, hosts: endpoints.map(resolve))
        }
        return UpstreamMaterial(password: password, hosts: try await names.run { endpoints.map(resolve) })
    }

    private static func resolve(_ endpoint: Endpoint) -> Host {
        switch endpoint {
        case .network(let name, let port):
            do {
                return Host(
                    endpoint: endpoint,
                    addresses: try NameResolver.resolve(host: name, port: port),
                    failure: nil
                )
            } catch {
                return Host(endpoint: endpoint, addresses: [], failure: "\(error)")
            }
        case .unix(let path):
            let address = SocketAddress(unixPath: path)
            return Host(
                endpoint: endpoint,
                addresses: address.map { [$0] } ?? [],
                failure: address == nil ? "the socket's path is too long" : nil
            )
        }
    }
}

extension Endpoint {
    /// Whether it can be dialled without asking a resolver.
    fileprivate var isLiteral: Bool {
        switch self {
        case .network(let host, let port): SocketAddress(ip: host, port: port) != nil
        case .unix: true
        }
    }
}
