/// A request as HTTP had it, without its body.
package struct IssuerRequest: Sendable {
    package let route: Route
    /// Path and query as they were sent.
    package let target: String
    package let headers: RequestHeaders
    /// Who asks: an IP address, nil where there is none.
    package let address: String?

    package init(route: Route, target: String, headers: RequestHeaders, address: String?) {
        self.route = route
        self.target = target
        self.headers = headers
        self.address = address
    }

    package enum Route: String, CaseIterable, Sendable {
        case droneEnvironment = "/drone/env"
        case droneSecret = "/drone/secret"
        case woodpeckerSecret = "/woodpecker"
        case discovery = "/.well-known/openid-configuration"
        case keySet = "/jwks"
        case health = "/healthz"

        /// Whether it is asked by POST, for a token.
        package var mints: Bool {
            switch self {
            case .droneEnvironment, .droneSecret, .woodpeckerSecret: true
            case .discovery, .keySet, .health: false
            }
        }

        /// As the journal has it: `drone/env`.
        package var name: String { String(rawValue.dropFirst()) }
    }
}
