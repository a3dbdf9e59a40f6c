internal import PosternJob
internal import PosternNet
internal import PosternTransport
internal import PostgresWire

/// Brings a cancel request to the gateway for a session that no driver speaks for any more.
///
/// It lives as long as its connection.
final class CancelErrand: GatewayLinkOwner {
    private init() {}

    static func run(_ key: CancelKey, by route: GatewayRoute, buffers: LoopBuffers, on loop: isolated EventLoop) {
        GatewayLink(owner: CancelErrand(), route: route, purpose: .cancel(key), buffers: buffers).start(on: loop)
    }

    func linkOpened(_ greeting: GatewayLogin.Greeting, on loop: isolated EventLoop) {}
    /// The gateway answers a cancel request by closing.
    func linkFailed(_ failure: LinkFailure, on loop: isolated EventLoop) {}
    func linkReady(_ readiness: Readiness, on loop: isolated EventLoop) {}
    func linkTimedOut(on loop: isolated EventLoop) {}
}
