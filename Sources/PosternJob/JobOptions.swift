package import PosternCore

/// What `exec` and `connect` are told, by options and by variables.
package struct JobOptions: Sendable {
    package var gateway: GatewayAddress
    /// The role, and the database as the gateway names it.
    package var role: String
    package var database: String
    package var token = TokenOptions()
    /// The gateway's authorities; the system's when nil.
    package var caFile: String?
    package var negotiation = GatewayLogin.Negotiation.postgres
    package var offer = PortOffer()
    package var keepsToken = false
    package var templates: [EnvironmentTemplate] = []
    /// Where the receipts go.
    package var receiptFile: String?
    /// How long the gateway is waited for, when it is not there yet; nil: not at all.
    package var wait: Duration?
    /// Nothing is said but errors.
    package var isQuiet = false

    package init(gateway: GatewayAddress, role: String, database: String) {
        self.gateway = gateway
        self.role = role
        self.database = database
    }
}

/// The addresses that the local port offers.
package struct PortOffer: Sendable {
    /// A Unix socket: in a private folder, or in this one.
    package var socket = true
    package var folder: String?
    /// A port of 127.0.0.1: of the system's choice, or this one.
    package var port = true
    package var number: UInt16?
    /// What drivers say on the port; a random one when nil.
    package var password: Redacted<String>?

    package init() {}
}
