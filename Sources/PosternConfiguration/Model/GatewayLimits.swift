/// What all jobs of a gateway together may use.
package struct GatewayLimits: Hashable, Sendable {
    package var connections: Int
    /// Connections that have not shown a good token yet.
    package var unauthenticated: Int
    package var unauthenticatedPerAddress: Int
    /// From accept to the end of the login.
    package var loginTimeout: Duration
    /// Prepared statements and cursors that one session may hold.
    package var prepared: Int

    package init(
        connections: Int = 2000,
        unauthenticated: Int = 200,
        unauthenticatedPerAddress: Int = 50,
        loginTimeout: Duration = .seconds(15),
        prepared: Int = 10_000
    ) {
        self.connections = connections
        self.unauthenticated = unauthenticated
        self.unauthenticatedPerAddress = unauthenticatedPerAddress
        self.loginTimeout = loginTimeout
        self.prepared = prepared
    }
}
