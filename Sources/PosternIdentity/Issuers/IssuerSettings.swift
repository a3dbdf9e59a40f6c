/// An issuer as the configuration describes it: whose tokens are taken, and where its keys come from.
package struct IssuerSettings: Hashable, Sendable {
    /// RFC 7519 speaks of "no more than a few minutes"; machines that mint tokens keep time better.
    package static let clockSkewLimit: Duration = .seconds(60)
    package static let defaultClockSkew: Duration = .seconds(30)
    /// An hour and the clocks' difference: what most CI systems mint.
    package static let defaultMaxTokenLifetime: Duration = .seconds(65 * 60)

    /// The name in `postern.yaml`.
    package let name: String
    /// `iss`, compared byte for byte.
    package let issuer: String
    /// `aud`, compared byte for byte.
    package let audience: String
    package let algorithms: Set<SignatureAlgorithm>
    /// How far the issuer's clock may be off, at most 60 s.
    package let clockSkew: Duration
    /// The most that `now - iat` may be; nil for no limit of its own.
    package let maxTokenAge: Duration?
    /// The most that `exp - iat` may be.
    package let maxTokenLifetime: Duration
    /// The `typ` that tokens must have. Without it `JWT` and no `typ` at all are taken.
    package let requiredType: String?
    /// Values of `azp` that are taken besides the audience itself.
    package let authorizedParties: Set<String>
    package let keys: KeySource
    package let connection: IssuerConnection

    /// - Parameter clockSkew: more than 60 s counts as 60 s, less than none as none.
    package init(
        name: String,
        issuer: String,
        audience: String,
        algorithms: Set<SignatureAlgorithm> = Set(SignatureAlgorithm.allCases),
        clockSkew: Duration = defaultClockSkew,
        maxTokenAge: Duration? = nil,
        maxTokenLifetime: Duration = defaultMaxTokenLifetime,
        requiredType: String? = nil,
        authorizedParties: Set<String> = [],
        keys: KeySource = .discovery,
        connection: IssuerConnection = IssuerConnection()
    ) {
        self.name = name
        self.issuer = issuer
        self.audience = audience
        self.algorithms = algorithms
        self.clockSkew = max(.zero, min(clockSkew, Self.clockSkewLimit))
        self.maxTokenAge = maxTokenAge
        self.maxTokenLifetime = maxTokenLifetime
        self.requiredType = requiredType
        self.authorizedParties = authorizedParties
        self.keys = keys
        self.connection = connection
    }
}

/// Where an issuer's key set comes from.
package enum KeySource: Hashable, Sendable {
    /// A JWK set in a file, for machines without a way to the issuer.
    case file(path: String)
    /// `jwks_uri` of the issuer's discovery document.
    case discovery
    /// A URL that stands in for discovery.
    case jwksURI(HTTPSURL)
}

/// How the gateway reaches an issuer.
package struct IssuerConnection: Hashable, Sendable {
    /// A PEM file of the authorities that are trusted in place of the system's.
    package let caFile: String?
    /// A proxy's URL. The environment's proxy variables are never read.
    package let proxy: String?
    /// Whether the issuer may have a loopback, private or link-local address.
    package let allowPrivate: Bool

    package init(caFile: String? = nil, proxy: String? = nil, allowPrivate: Bool = false) {
        self.caFile = caFile
        self.proxy = proxy
        self.allowPrivate = allowPrivate
    }
}
