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
    }

    package var address: Endpoint
    /// nil only on loopback and Unix sockets.
    package var tls: CertificateFiles?
    package var authentication: Authentication
    package var location: SourceLocation
}

/// The address of /healthz, /readyz and /metrics.
package struct AdminConfiguration: Hashable, Sendable {
    package var address: Endpoint
}
