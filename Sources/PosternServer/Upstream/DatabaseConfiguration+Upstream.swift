internal import PosternConfiguration
internal import PosternCore
internal import PosternTLS
internal import PosternUpstream
internal import PostgresWire

/// A database of the configuration as the machines that log in to it know it.
extension DatabaseConfiguration {
    var upstreamEncryption: UpstreamEncryption {
        UpstreamEncryption(
            mode: UpstreamEncryption.Mode(rawValue: tls.mode.rawValue) ?? .verifyFull,
            negotiation: UpstreamEncryption.Negotiation(rawValue: tls.negotiation.rawValue) ?? .postgres
        )
    }

    var sessionAttributes: SessionAttributes {
        SessionAttributes(rawValue: targetSession.rawValue) ?? .any
    }

    func loginPlan(
        for login: Login,
        password: Redacted<[UInt8]>?,
        parameters: [StartupSetting],
        cachedKeys: SCRAMKeys? = nil
    ) -> LoginPlan {
        LoginPlan(
            login: login.name,
            password: password,
            database: databaseName,
            encryption: upstreamEncryption,
            methods: Set(
                authenticationMethods.compactMap { PosternUpstream.AuthenticationMethod(rawValue: $0.rawValue) }
            ),
            maximumIterations: maximumSCRAMIterations,
            parameters: parameters,
            allowsSuperuser: superuser,
            cachedKeys: cachedKeys
        )
    }

    /// Reads the certificates that connections to the database need.
    ///
    /// - Returns: nil when the configuration says `disable`.
    /// - Throws: `TLSError` for the first that cannot be used.
    func makeTLSContext() throws(TLSError) -> TLSContext? {
        let verification: TLSContext.Verification
        switch tls.mode {
        case .disable: return nil
        case .verifyCA: verification = .chainOnly(caFile: tls.certificateAuthorities)
        case .verifyFull: verification = .full(caFile: tls.certificateAuthorities)
        }
        return try TLSContext(client: verification, identity: clientCertificate.map(TLSContext.Identity.init))
    }
}

extension TLSContext.Identity {
    init(_ files: CertificateFiles) {
        self.init(certificateFile: files.certificate, keyFile: files.key)
    }
}

extension UpstreamMaterial.Host {
    /// The host as the machine that goes through them knows it.
    var upstreamHost: UpstreamHost {
        switch endpoint {
        case .network(let host, let port): UpstreamHost(name: host, port: port)
        case .unix(let path): UpstreamHost(name: path, port: 0)
        }
    }
}
