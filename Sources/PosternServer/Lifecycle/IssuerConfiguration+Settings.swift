internal import Glibc
internal import PosternConfiguration
internal import PosternCore
internal import PosternIdentity

extension IssuerDirectory.Issuer {
    /// An issuer of the configuration as the identity side knows it.
    init(_ configuration: IssuerConfiguration) {
        let keys: KeySource
        switch configuration.keySource {
        case .discovery: keys = .discovery
        case .file(let path): keys = .file(path: path)
        case .address(let text): keys = HTTPSURL(text).map(KeySource.jwksURI) ?? .discovery
        }
        let settings = IssuerSettings(
            name: configuration.name,
            issuer: configuration.issuer,
            audience: configuration.audience,
            algorithms: Set(configuration.algorithms.compactMap(SignatureAlgorithm.init(rawValue:))),
            clockSkew: configuration.clockSkew,
            maxTokenAge: configuration.maximumTokenAge,
            maxTokenLifetime: configuration.maximumTokenLifetime,
            keys: keys,
            connection: IssuerConnection(
                caFile: configuration.certificateAuthorities,
                proxy: configuration.proxy,
                allowPrivate: configuration.allowPrivate
            )
        )
        self.init(settings: settings, authorization: configuration.authorizationFile.map(Self.authorization))
    }

    private static func authorization(file: String) -> IssuerAuthorization {
        { () throws in
            let bytes = try SecretSource.read(.file(path: file), timeout: .zero)
            return Redacted(String(decoding: bytes, as: UTF8.self))
        }
    }
}
