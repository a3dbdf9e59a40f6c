internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import Glibc

/// The admin address: /healthz, /readyz and /metrics over plain HTTP.
///
/// It answers operators' machines and belongs on loopback or a private network. It takes no body, changes nothing and
/// shows no claim, token or SQL.
package struct AdminServer: Sendable {
    /// The configured address cannot be used.
    package struct AddressError: Error, CustomStringConvertible {
        package let description: String
    }

    /// A client that sends or reads nothing for this long is closed. Prometheus scrapes at least once a minute by
    /// default, so that its connection survives.
    private static let silenceLimit = Duration.seconds(65)
    /// An answer takes milliseconds; this is the bound for a machine in trouble.
    private static let answerLimit: TimeInterval = 10

    private let server: HTTPServer
    private let name: String

    /// - Parameters:
    ///   - host: an IPv4 or IPv6 address, or `localhost`; other names are not looked up.
    ///   - port: 0 lets the system choose (see `port`).
    package init(host: String, port: UInt16, metrics: MetricsRegistry, health: Health) throws(AddressError) {
        name = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        let configuration = try Self.configuration(host: host, port: port)
        server = HTTPServer(config: configuration, handler: AdminPages(metrics: metrics, health: health))
    }

    /// Serves until the task is cancelled.
    ///
    /// - Throws: `AddressError` when the address cannot be bound.
    package func run() async throws {
        do {
            try await server.run()
        } catch let error as SocketError {
            throw AddressError(description: "cannot serve the admin address `\(name)`: \(error.localizedDescription)")
        }
    }

    /// Suspends until the address is bound.
    package func waitUntilListening() async throws {
        try await server.waitUntilListening(timeout: 30)
    }

    /// The port in use; nil while it is not bound.
    package var port: UInt16? {
        get async {
            switch await server.listeningAddress {
            case .ip4(_, let port), .ip6(_, let port): port
            case .unix, nil: nil
            }
        }
    }

    private static func configuration(host: String, port: UInt16) throws(AddressError) -> HTTPServer.Configuration {
        let pool = SilenceLimitedPool(base: HTTPServer.defaultPool(), limit: silenceLimit)
        do {
            let host = host == "localhost" ? "127.0.0.1" : host
            if host.contains(":") {
                let address = try sockaddr_in6.inet6(ip6: host, port: port)
                return .init(address: address, timeout: answerLimit, pool: pool, logger: .disabled)
            }
            let address = try sockaddr_in.inet(ip4: host, port: port)
            return .init(address: address, timeout: answerLimit, pool: pool, logger: .disabled)
        } catch {
            throw AddressError(description: "`\(host)` is not an IP address")
        }
    }
}

/// What the admin address answers.
private struct AdminPages: HTTPHandler {
    let metrics: MetricsRegistry
    let health: Health

    func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard request.method == .GET || request.method == .HEAD else {
            return page(.methodNotAllowed, "only GET is served here\n")
        }
        var response = answer(request)
        if request.method == .HEAD { response.payload = .httpBody(HTTPBodySequence(data: Data())) }
        return response
    }

    private func answer(_ request: HTTPRequest) -> HTTPResponse {
        switch request.path {
        case "/healthz": page(.ok, "ok\n")
        case "/readyz": ready(asJSON: request.headers[.init("Accept")]?.contains("application/json") ?? false)
        case "/metrics": page(.ok, MetricsPage.text(metrics, health), type: PrometheusWriter.contentType)
        default: page(.notFound, "there are /healthz, /readyz and /metrics\n")
        }
    }

    private func ready(asJSON: Bool) -> HTTPResponse {
        let state = health.snapshot
        let status: HTTPStatusCode = state.notReady == nil ? .ok : .serviceUnavailable
        return asJSON ? page(status, state.json, type: "application/json") : page(status, state.text)
    }

    private func page(
        _ status: HTTPStatusCode,
        _ text: String,
        type: String = "text/plain; charset=utf-8"
    ) -> HTTPResponse {
        HTTPResponse(
            statusCode: status,
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: Data(text.utf8)
        )
    }
}
