package import PosternCore
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

/// One connection to the gateway that is closed as soon as it is there. Confined to the loop, but for `run`.
package final class GatewayProbe {
    private let buffers = LoopBuffers()
    private var link: GatewayLink?
    private var finished: (@Sendable (ProbeFinding) -> Void)?

    private init(_ finished: @escaping @Sendable (ProbeFinding) -> Void) {
        self.finished = finished
    }

    /// Connects, and logs in where there is a token.
    ///
    /// - Parameter deadline: what is not there by then has failed; without one the timeouts of a session hold.
    package static func run(
        _ route: GatewayRoute,
        request: GatewayRequest,
        token: JobToken?,
        deadline: MonotonicTime? = nil,
        on loop: EventLoop
    ) async -> ProbeFinding {
        await withCheckedContinuation { continuation in
            Task {
                await loop.perform { loop in
                    let probe = GatewayProbe { continuation.resume(returning: $0) }
                    let purpose: GatewayLogin.Purpose
                    if let token { purpose = .session(request, token: token.bytes) } else { purpose = .probe }
                    let link = GatewayLink(
                        owner: probe,
                        route: route,
                        purpose: purpose,
                        buffers: probe.buffers,
                        deadline: deadline
                    )
                    probe.link = link
                    link.start(on: loop)
                }
            }
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
