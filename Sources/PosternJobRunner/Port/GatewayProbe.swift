internal import PosternCore
package import PosternJob
package import PosternNet
internal import PosternTransport
internal import PostgresWire

/// What one connection to the gateway found.
package struct ProbeFinding: Sendable {
    /// nil when all went well.
    package let failure: LinkFailure?
    /// The address that answered, or the last that did not.
    package let address: String?
    package let tlsVersion: String?
    package let serverVersion: String?
}

/// One connection to the gateway that is closed as soon as it is there. Confined to the loop, but for the functions that
/// wait for it.
package final class GatewayProbe {
    /// A gateway that is not there yet is asked again after this.
    private static let pause = Duration.milliseconds(250)

    /// A gateway that has just begun may not have its issuers' keys yet, and refuses every token until then.
    private static let refusalGrace = Duration.seconds(3)

    private let buffers = LoopBuffers()
    private var link: GatewayLink?
    private var finished: (@Sendable (ProbeFinding) -> Void)?

    private init(_ finished: @escaping @Sendable (ProbeFinding) -> Void) {
        self.finished = finished
    }

    /// Connects, and logs in where there is a token.
    package static func run(_ route: GatewayRoute, request: GatewayRequest, token: JobToken?, on loop: EventLoop) async
        -> ProbeFinding
    {
        await withCheckedContinuation { continuation in
            Task {
                await loop.perform { loop in
                    let probe = GatewayProbe { continuation.resume(returning: $0) }
                    let purpose: GatewayLogin.Purpose
                    if let token { purpose = .session(request, token: token.bytes) } else { purpose = .probe }
                    let link = GatewayLink(owner: probe, route: route, purpose: purpose, buffers: probe.buffers)
                    probe.link = link
                    link.start(on: loop)
                }
            }
        }
    }

    /// Logs in until the gateway lets in, for as long as it is only not there yet.
    ///
    /// - Returns: nil when it has let in, or why it has not at the end.
    static func wait(
        _ duration: Duration,
        _ route: GatewayRoute,
        request: GatewayRequest,
        token: JobToken,
        on loop: EventLoop
    ) async -> LinkFailure? {
        let deadline = MonotonicTime.now.advanced(by: duration)
        var firstRefusal: MonotonicTime?
        while true {
            let finding = await run(route, request: request, token: token, on: loop)
            guard let failure = finding.failure else { return nil }
            if failure.isAboutToken {
                let first = firstRefusal ?? .now
                firstRefusal = first
                guard MonotonicTime.now.since(first) < refusalGrace else { return failure }
            } else if !failure.mayPass {
                return failure
            }
            guard MonotonicTime.now.advanced(by: pause) < deadline else { return failure }
            // Nobody tells when a gateway begins to listen.
            try? await Task.sleep(for: pause)
        }
    }

    private func finish(_ failure: LinkFailure?, serverVersion: String? = nil) {
        finished?(
            ProbeFinding(
                failure: failure,
                address: link?.address?.host,
                tlsVersion: link?.tlsVersion,
                serverVersion: serverVersion
            )
        )
        finished = nil
        link = nil
    }
}

extension GatewayProbe: GatewayLinkOwner {
    func linkOpened(_ greeting: GatewayLogin.Greeting, on loop: isolated EventLoop) {
        if !greeting.bytes.isEmpty { link?.transport?.send(FrontendMessage.terminate, buffers) }
        link?.transport?.shutdownWrites(buffers)
        link?.close(on: loop)
        finish(nil, serverVersion: greeting.serverVersion)
    }

    func linkFailed(_ failure: LinkFailure, on loop: isolated EventLoop) {
        finish(failure)
    }

    func linkReady(_ readiness: Readiness, on loop: isolated EventLoop) {}
    func linkTimedOut(on loop: isolated EventLoop) {}
}
