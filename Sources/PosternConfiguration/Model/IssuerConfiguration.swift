package import PosternPolicy

/// Who may sign tokens, and what is asked of them.
package struct IssuerConfiguration: Hashable, Sendable {
    /// Where the keys come from.
    package enum KeySource: Hashable, Sendable {
        /// The issuer's `/.well-known/openid-configuration`.
        case discovery
        /// An https URL.
        case address(String)
        /// A file with a JWK set.
        case file(String)
    }

    /// The algorithms that an issuer may be allowed (RFC 7518 section 3.1, RFC 8037).
    package static let algorithmNames = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    ]

    package var name: String
    package var profile: IssuerProfile
    /// What `iss` must be, byte by byte: an https URL.
    package var issuer: String
    /// What `aud` must be.
    package var audience: String
    package var keySource: KeySource
    /// Certification authorities for discovery and keys; nil for the system's.
    package var certificateAuthorities: String?
    /// A file with the value of an Authorization header for discovery and keys.
    package var authorizationFile: String?
    /// An http or https URL.
    package var proxy: String?
    /// Whether the issuer's host may resolve to private addresses.
    package var allowPrivate: Bool
    /// A non-empty part of `algorithmNames`.
    package var algorithms: [String]
    package var clockSkew: Duration
    /// The longest `now - iat`; nil for no limit of its own.
    package var maximumTokenAge: Duration?
    /// The longest `exp - iat`.
    package var maximumTokenLifetime: Duration
    package var trust: TrustRule
    package var location: SourceLocation

    /// What is left out is as the profile has it.
    package init(
        name: String,
        profile: IssuerProfile = .generic,
        issuer: String,
        audience: String,
        keySource: KeySource = .discovery,
        certificateAuthorities: String? = nil,
        authorizationFile: String? = nil,
        proxy: String? = nil,
        allowPrivate: Bool = false,
        algorithms: [String]? = nil,
        clockSkew: Duration = .seconds(30),
        maximumTokenAge: Duration? = nil,
        maximumTokenLifetime: Duration? = nil,
        trust: TrustRule? = nil,
        location: SourceLocation
    ) {
        self.name = name
        self.profile = profile
        self.issuer = issuer
        self.audience = audience
        self.keySource = keySource
        self.certificateAuthorities = certificateAuthorities
        self.authorizationFile = authorizationFile
        self.proxy = proxy
        self.allowPrivate = allowPrivate
        self.algorithms = algorithms ?? profile.facts.algorithms
        self.clockSkew = clockSkew
        self.maximumTokenAge = maximumTokenAge
        self.maximumTokenLifetime = maximumTokenLifetime ?? profile.facts.maximumTokenLifetime
        self.trust = trust ?? profile.trust
        self.location = location
    }
}
