package import PosternCore
package import PostgresWire

/// How Postern proves to a server that it may use a login.
package enum AuthenticationMethod: String, Hashable, Sendable, CaseIterable {
    /// SCRAM-SHA-256, bound to the TLS channel where server and certificate allow it.
    case scramSHA256 = "scram-sha-256"
    /// SCRAM-SHA-256-PLUS. Alone in the list it makes channel binding a requirement.
    case scramSHA256Plus = "scram-sha-256-plus"
    case md5
    /// The password in clear text; only over TLS with a verified certificate.
    case password
    /// The server asks for nothing: `trust`, `peer` or a client certificate.
    case none
}

/// How the connection to a server is protected.
package struct UpstreamEncryption: Hashable, Sendable {
    package enum Mode: String, Hashable, Sendable, CaseIterable {
        case disable
        /// The chain is checked, the host's name is not.
        case verifyCA = "verify-ca"
        case verifyFull = "verify-full"
    }

    package enum Negotiation: String, Hashable, Sendable, CaseIterable {
        /// An SSLRequest first.
        case postgres
        /// TLS from the first byte, with ALPN `postgresql` (PostgreSQL 17).
        case direct
    }

    package let mode: Mode
    package let negotiation: Negotiation

    package init(mode: Mode, negotiation: Negotiation = .postgres) {
        self.mode = mode
        self.negotiation = negotiation
    }
}

/// All that one login upstream needs to know beforehand.
package struct LoginPlan: Sendable {
    /// A server that asks for more work than this would slow every login down (CVE-2026-6669).
    package static let defaultMaximumIterations = 100_000

    /// The PostgreSQL role.
    package var login: String
    /// nil when the server is to ask for none.
    package var password: Redacted<[UInt8]>?
    /// The database's name on the server.
    package var database: String
    package var encryption: UpstreamEncryption
    package var methods: Set<AuthenticationMethod>
    /// The most PBKDF2 iterations that a server may ask for.
    package var maximumIterations: Int
    /// Sent behind `user` and `database`, in this order. `client_encoding` is always UTF8.
    package var parameters: [StartupSetting]
    /// Whether to ask for protocol 3.2, which has long cancel keys, rather than 3.0.
    package var offersLongCancelKeys: Bool
    /// Whether a login with `is_superuser=on` is accepted.
    package var allowsSuperuser: Bool
    /// The keys of an earlier login; used only when they fit.
    package var cachedKeys: SCRAMKeys?

    package init(
        login: String,
        password: Redacted<[UInt8]>?,
        database: String,
        encryption: UpstreamEncryption,
        methods: Set<AuthenticationMethod> = [.scramSHA256],
        maximumIterations: Int = LoginPlan.defaultMaximumIterations,
        parameters: [StartupSetting] = [],
        offersLongCancelKeys: Bool = true,
        allowsSuperuser: Bool = false,
        cachedKeys: SCRAMKeys? = nil
    ) {
        self.login = login
        self.password = password
        self.database = database
        self.encryption = encryption
        self.methods = methods
        self.maximumIterations = maximumIterations
        self.parameters = parameters
        self.offersLongCancelKeys = offersLongCancelKeys
        self.allowsSuperuser = allowsSuperuser
        self.cachedKeys = cachedKeys
    }

    var offeredVersion: ProtocolVersion { offersLongCancelKeys ? .version32 : .version30 }

    /// The startup packet; nil when a name or value cannot be sent.
    ///
    /// UTF8 is what Postern's parser and the server must both read, so `client_encoding` is said here and nowhere else.
    var startup: [UInt8]? {
        let leading = [
            StartupSetting("user", login), StartupSetting("database", database),
            StartupSetting("client_encoding", "UTF8"),
        ]
        let settings = leading + parameters.filter { $0.name != "client_encoding" }
        let isSendable = settings.allSatisfy { setting in
            !setting.name.isEmpty && !setting.name.utf8.contains(0) && !setting.value.utf8.contains(0)
        }
        guard isSendable else { return nil }
        let packet = FrontendMessage.startup(version: offeredVersion, parameters: settings)
        return StartupPacket.lengths.contains(packet.count) ? packet : nil
    }
}
