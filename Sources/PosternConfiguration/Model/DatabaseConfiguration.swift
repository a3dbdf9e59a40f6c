package import PosternPolicy

/// A database behind the gateway: how it is reached and which logins it has.
package struct DatabaseConfiguration: Hashable, Sendable {
    /// libpq's `target_session_attrs`.
    package enum TargetSession: String, Hashable, Sendable, CaseIterable {
        case any
        case readWrite = "read-write"
        case readOnly = "read-only"
        case primary
        case standby
        case preferStandby = "prefer-standby"
    }

    package enum AuthenticationMethod: String, Hashable, Sendable, CaseIterable {
        /// SCRAM-SHA-256 and, over TLS, SCRAM-SHA-256-PLUS.
        case scramSHA256 = "scram-sha-256"
        case md5
        /// The password in clear text.
        case password
        /// The server asks for nothing: `trust`, `peer` or a client certificate.
        case none
    }

    package struct Login: Hashable, Sendable {
        /// The PostgreSQL role.
        package let name: String
        /// nil when the server asks for no password.
        package let password: SecretReference?
        package let location: SourceLocation

        package init(name: String, password: SecretReference?, location: SourceLocation) {
            self.name = name
            self.password = password
            self.location = location
        }
    }

    /// The logical name, which jobs give as `dbname`.
    package var name: String
    /// Tried in this order.
    package var hosts: [Endpoint]
    package var targetSession: TargetSession
    /// The database's name on the server.
    package var databaseName: String
    package var tls: UpstreamTLS
    package var clientCertificate: CertificateFiles?
    package var authenticationMethods: [AuthenticationMethod]
    /// The most PBKDF2 iterations that a server may ask for.
    package var maximumSCRAMIterations: Int
    /// For each host.
    package var connectTimeout: Duration
    /// Upstream connections at once, over all roles.
    package var connections: Int
    /// The `search_path` of every session; nil when the file has none: see `searchPath(for:)`.
    package var searchPath: [String]?
    /// Whether a login with `is_superuser=on` is accepted.
    package var superuser: Bool
    /// Whether `postern.session`, `postern.subject` and `postern.run` are sent as startup parameters.
    package var identitySettings: Bool
    /// Sorted by name.
    package var logins: [Login]
    /// The login for reading the catalogue; used by no role.
    package var catalogLogin: Login?
    package var location: SourceLocation

    package init(
        name: String,
        hosts: [Endpoint],
        targetSession: TargetSession = .any,
        databaseName: String? = nil,
        tls: UpstreamTLS = UpstreamTLS(),
        clientCertificate: CertificateFiles? = nil,
        authenticationMethods: [AuthenticationMethod] = [.scramSHA256],
        maximumSCRAMIterations: Int = 100_000,
        connectTimeout: Duration = .seconds(5),
        connections: Int = 200,
        searchPath: [String]? = nil,
        superuser: Bool = false,
        identitySettings: Bool = true,
        logins: [Login],
        catalogLogin: Login? = nil,
        location: SourceLocation
    ) {
        self.name = name
        self.hosts = hosts
        self.targetSession = targetSession
        self.databaseName = databaseName ?? name
        self.tls = tls
        self.clientCertificate = clientCertificate
        self.authenticationMethods = authenticationMethods
        self.maximumSCRAMIterations = maximumSCRAMIterations
        self.connectTimeout = connectTimeout
        self.connections = connections
        self.searchPath = searchPath
        self.superuser = superuser
        self.identitySettings = identitySettings
        self.logins = logins
        self.catalogLogin = catalogLogin
        self.location = location
    }

    /// The `search_path` that sessions of a role start with; nil for the server's own. A role with rules always has
    /// one, because its rules decide what a name without a schema stands for.
    package func searchPath(for role: Role) -> [String]? {
        if let searchPath { return searchPath }
        switch role.rules {
        case .rules: return ["public"]
        case .unrestricted: return nil
        }
    }

    package func login(named name: String) -> Login? {
        logins.first { $0.name.utf8.elementsEqual(name.utf8) }
    }
}

/// How connections to a database are protected.
package struct UpstreamTLS: Hashable, Sendable {
    package enum Mode: String, Hashable, Sendable, CaseIterable {
        case disable
        /// The chain is checked, the host's name is not.
        case verifyCA = "verify-ca"
        case verifyFull = "verify-full"
    }

    package enum Negotiation: String, Hashable, Sendable, CaseIterable {
        /// An SSLRequest first.
        case postgres
        /// TLS from the first byte, with ALPN (PostgreSQL 17).
        case direct
    }

    package var mode: Mode
    /// PEM; nil for the system's certification authorities.
    package var certificateAuthorities: String?
    package var negotiation: Negotiation

    package init(
        mode: Mode = .verifyFull,
        certificateAuthorities: String? = nil,
        negotiation: Negotiation = .postgres
    ) {
        self.mode = mode
        self.certificateAuthorities = certificateAuthorities
        self.negotiation = negotiation
    }
}
