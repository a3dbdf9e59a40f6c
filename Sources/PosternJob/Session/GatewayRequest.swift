internal import PosternCore
package import PostgresWire

/// What a driver asks for, in the form in which the gateway is asked for it.
package struct GatewayRequest: Hashable, Sendable {
    /// By this option the gateway gives receipts (contract, section 8).
    package static let option = "_pq_.postern"

    /// The role and the database, as the driver names them.
    package let user: String
    package let database: String
    /// The version that the driver has been told.
    package let version: ProtocolVersion
    private let settings: [StartupSetting]

    /// - Parameter version: what was negotiated with the driver.
    package init(_ message: StartupMessage, version: ProtocolVersion) {
        user = message.user
        database = message.database
        self.version = version
        // Other protocol options were declined in the driver's own negotiation.
        settings = message.parameters + (message.options.map { [StartupSetting("options", $0)] } ?? [])
    }

    /// A request without a driver: to see whether a login is granted.
    package init(user: String, database: String, version: ProtocolVersion = .version30) {
        self.user = user
        self.database = database
        self.version = version
        settings = []
    }

    /// The StartupMessage for the gateway.
    package var startup: [UInt8] {
        FrontendMessage.startup(
            version: version,
            parameters: [StartupSetting("user", user), StartupSetting("database", database)] + settings
                + [StartupSetting(Self.option, "1")]
        )
    }
}
