package import PosternJob
internal import PosternNet
internal import PosternTLS

/// How the gateway is reached.
package struct GatewayRoute: Sendable {
    package let gateway: GatewayAddress
    package let negotiation: GatewayLogin.Negotiation
    let context: TLSContext
    let addresses: [SocketAddress]

    /// Reads the authorities and asks the resolver: on a thread that may block.
    ///
    /// - Parameter caFile: the gateway's authorities; the system's when nil.
    /// - Throws: `LinkFailure`: what is not resolved may be in a moment.
    package init(
        to gateway: GatewayAddress,
        negotiation: GatewayLogin.Negotiation,
        caFile: String?
    ) throws(LinkFailure) {
        self.gateway = gateway
        self.negotiation = negotiation
        do throws(TLSError) {
            if let caFile {
                context = try TLSContext(client: .full(caFile: caFile), identity: nil)
            } else {
                context = try TLSContext(systemAnd: nil)
            }
        } catch {
            throw .noAuthorities(
                JobTrouble(
                    "\(error)",
                    hint: "`--ca-file` names a PEM file with the authority of the gateway's certificate"
                )
            )
        }
        do {
            addresses = try NameResolver.resolve(host: gateway.host, port: gateway.port)
        } catch {
            throw .unreachable("\(error)")
        }
    }

    private init(_ route: GatewayRoute, only address: SocketAddress) {
        gateway = route.gateway
        negotiation = route.negotiation
        context = route.context
        addresses = [address]
    }

    /// The way to one of its addresses: to the very gateway that a session leads to.
    func only(_ address: SocketAddress) -> GatewayRoute {
        GatewayRoute(self, only: address)
    }
}
