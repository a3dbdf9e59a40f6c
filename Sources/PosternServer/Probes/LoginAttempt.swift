internal import PosternConfiguration
internal import PosternCore
internal import PosternNet
internal import PosternTLS
internal import PosternTransport
internal import PosternUpstream
internal import PostgresWire

/// One login of one database, tried by blocking: performs what `HostAttempts` and `UpstreamLogin` decide.
struct LoginAttempt {
    let database: DatabaseConfiguration
    let login: DatabaseConfiguration.Login
    let material: UpstreamMaterial
    /// nil for connections without TLS.
    let context: TLSContext?

    /// Goes through the hosts until one gives a session of the right kind. Every session that it gets it ends.
    func run() throws(ProbeFailure) -> LoginProbe.Success {
        var attempts = HostAttempts(
            hosts: material.hosts.map(\.upstreamHost),
            attributes: database.sessionAttributes
        )
        var found: LoginProbe.Success?
        var action = attempts.start()
        while true {
            switch action {
            case .attempt(let wanted):
                do throws(UpstreamFailure) {
                    let host = try host(wanted)
                    let (result, tls) = try logIn(host)
                    found = LoginProbe.Success(
                        host: host.endpoint.description,
                        serverVersion: result.serverVersion.flatMap(Self.firstWord),
                        tls: tls,
                        method: result.method.rawValue,
                        isSuperuser: result.isSuperuser,
                        passedOver: attempts.failures.map(\.log)
                    )
                    action = attempts.loggedIn(result)
                } catch {
                    action = attempts.failed(error)
                }
            case .use:
                guard let found else { throw ProbeFailure("no session is there to use") }
                return found
            case .fail(let failure): throw ProbeFailure(failure.log)
            }
        }
    }

    private func host(_ wanted: UpstreamHost) throws(UpstreamFailure) -> UpstreamMaterial.Host {
        guard let host = material.hosts.first(where: { $0.upstreamHost == wanted }) else {
            throw UpstreamFailure(.unreachable, "unknown host")
        }
        return host
    }

    /// - Returns: also TLS's version, nil without TLS.
    private func logIn(_ host: UpstreamMaterial.Host) throws(UpstreamFailure) -> (LoginResult, tls: String?) {
        let (connection, address) = try connect(host)
        var login = UpstreamLogin(
            database.loginPlan(
                for: self.login,
                password: material.password,
                parameters: UpstreamParameters.probe(of: database)
            )
        )
        var action = login.connected()
        while true {
            let stage = login.stage
            do throws(ProbeConnection.Failure) {
                switch action {
                case .send(let bytes):
                    try connection.send(bytes)
                    action = .receive
                case .receive:
                    // One byte answers an SSLRequest; what follows it belongs to TLS or is an attack.
                    let limit = login.awaitsEncryptionReply ? 2 : LoopBuffers.readSize
                    let bytes = try connection.receive(limit: limit)
                    action = bytes.isEmpty ? login.closed() : login.received(bytes)
                case .startEncryption:
                    let engine = try makeEngine(host, address)
                    action = login.encryptionStarted(endPointDigest: try connection.startTLS(engine))
                case .derive(let derivation):
                    action = login.keysDerived(derivation.run())
                case .succeed(let result):
                    connection.finish(FrontendMessage.terminate)
                    return (result, connection.tlsVersion)
                case .fail(let failure):
                    // This failure alone leaves a session behind.
                    if failure.reason == .superuser { connection.finish(FrontendMessage.terminate) }
                    throw .refused(failure)
                }
            } catch {
                throw error.failure(while: stage, isHandshake: action == .startEncryption)
            }
        }
    }

    /// Connects to the first of the host's addresses that answers.
    private func connect(_ host: UpstreamMaterial.Host) throws(UpstreamFailure) -> (ProbeConnection, SocketAddress) {
        let deadline = MonotonicTime.now.advanced(by: database.connectTimeout)
        var lastError = host.failure ?? "no address"
        for address in host.addresses {
            do throws(ProbeConnection.Failure) {
                return (try ProbeConnection(to: address, deadline: deadline), address)
            } catch {
                let failure = error.failure(while: "connecting", isHandshake: false)
                if case .timedOut = error { throw failure }
                lastError = failure.log
            }
        }
        throw UpstreamFailure(.unreachable, lastError)
    }

    private func makeEngine(
        _ host: UpstreamMaterial.Host,
        _ address: SocketAddress
    ) throws(ProbeConnection.Failure) -> TLSEngine {
        let route = UpstreamRoute(
            address: address,
            hostName: host.name,
            context: context,
            encryption: database.upstreamEncryption,
            cancelKey: nil
        )
        do throws(TLSError) {
            if let engine = try route.makeEngine() { return engine }
        } catch {
            throw .broken("\(error)")
        }
        throw .broken("no TLS is configured")
    }

    /// A version number without what a distribution adds to it, and nothing that a terminal would take for a command.
    private static func firstWord(_ version: String) -> String? {
        let word = version.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") }.prefix(32)
        return word.isEmpty ? nil : String(word)
    }
}

extension ProbeConnection.Failure {
    /// The failure as the machine that goes through the hosts knows it.
    fileprivate func failure(while stage: String, isHandshake: Bool) -> UpstreamFailure {
        switch self {
        case .timedOut: UpstreamFailure(.unreachable, "timed out while \(stage)")
        case .broken(let text): UpstreamFailure(isHandshake ? .encryption : .unreachable, text)
        case .refused(let failure): failure
        }
    }
}
