package import PosternPolicy

/// `postern.yaml` as it was read and found to be sound. Every path in it is absolute.
package struct Configuration: Hashable, Sendable {
    package var gateway: GatewayConfiguration
    package var listeners: [ListenerConfiguration]
    /// Sorted by name.
    package var issuers: [IssuerConfiguration]
    /// Sorted by name.
    package var databases: [DatabaseConfiguration]
    package var policiesDirectory: String
    package var audit: AuditConfiguration
    /// nil when there is no admin address.
    package var admin: AdminConfiguration?
    package var limits: GatewayLimits

    /// The issuer that a listener names to jobs without a token; nil where that is not clear.
    package func issuer(of discovery: OAuthDiscovery) -> IssuerConfiguration? {
        if let name = discovery.issuer { return issuer(named: name) }
        return issuers.count == 1 ? issuers.first : nil
    }

    package func issuer(named name: String) -> IssuerConfiguration? {
        issuers.first { $0.name == name }
    }

    package func database(named name: String) -> DatabaseConfiguration? {
        databases.first { $0.name.utf8.elementsEqual(name.utf8) }
    }
}

/// Files that prove an identity to the other side of a TLS connection.
package struct CertificateFiles: Hashable, Sendable {
    /// PEM, the leaf first.
    package let certificate: String
    /// PEM.
    package let key: String

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// The gateway as a whole.
package struct GatewayConfiguration: Hashable, Sendable {
    /// `[A-Za-z0-9._-]{1,63}`.
    package var name: String
    /// How many event loops; nil for half the cores.
    package var loops: Int?
}

/// Where jobs connect.
package struct ListenerConfiguration: Hashable, Sendable {
    package enum Authentication: String, Hashable, Sendable, CaseIterable {
        /// The token is sent as the password.
        case password
        /// The token is sent by SASL's OAUTHBEARER (RFC 7628), which libpq 18 speaks.
        case oauthbearer
    }

    package var address: Endpoint
    /// nil only on loopback and Unix sockets.
    package var tls: CertificateFiles?
    /// A PEM file with the authorities whose client certificates are taken; with it a job must have one.
    package var clientAuthorities: String?
    package var authentication: Authentication
    /// What jobs without a token are told; nil unless `authentication` is `oauthbearer`.
    package var oauth: OAuthDiscovery?
    package var location: SourceLocation
}

/// What a listener tells jobs that have no token yet.
package struct OAuthDiscovery: Hashable, Sendable {
    /// The most that the URL of the issuer and `scope` may have together: libpq reads 2000 bytes of it all.
    package static let textLimit = 1700

    /// The name of the issuer that jobs get their tokens from; nil for the only one.
    package var issuer: String?
    /// What to ask it for, separated by spaces.
    package var scope: String
    package var location: SourceLocation

    package init(issuer: String? = nil, scope: String = "openid", location: SourceLocation) {
        self.issuer = issuer
        self.scope = scope
        self.location = location
    }
}

/// The address of /healthz, /readyz and /metrics.
package struct AdminConfiguration: Hashable, Sendable {
    package var address: Endpoint
}
