internal import PosternCore
package import PosternJob
package import PosternNet

/// What a local port needs to know, for as long as it is open.
package struct PortSettings: Sendable {
    package let gateway: GatewayAddress
    package let negotiation: GatewayLogin.Negotiation
    package let caFile: String?
    package let source: TokenSource
    package let system: CISystem
    package let fetcher: TokenFetcher
    /// The loop that everything of the port runs on.
    package let loop: EventLoop
    /// Until then logins that fail for what may pass are tried again.
    var patience: MonotonicTime?

    package init(
        gateway: GatewayAddress,
        negotiation: GatewayLogin.Negotiation,
        caFile: String?,
        source: TokenSource,
        system: CISystem,
        fetcher: TokenFetcher,
        loop: EventLoop
    ) {
        self.gateway = gateway
        self.negotiation = negotiation
        self.caFile = caFile
        self.source = source
        self.system = system
        self.fetcher = fetcher
        self.loop = loop
    }

    /// It blocks.
    func fetchToken() throws(LinkFailure) -> JobToken {
        do throws(JobTrouble) {
            return try fetcher.fetch()
        } catch {
            throw .noToken(error)
        }
    }

    /// It blocks.
    func makeRoute() throws(LinkFailure) -> GatewayRoute {
        try GatewayRoute(to: gateway, negotiation: negotiation, caFile: caFile)
    }
}
