internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import Glibc

/// Serves an issuer's discovery document and key set over HTTP on a Unix socket, behind a TLS front.
package struct DevIssuerServer: Sendable {
    private let server: HTTPServer

    /// - Parameter socketPath: at most 100 bytes; a file that is there is removed.
    package init(_ issuer: DevIssuer, socketPath: String) throws(DemoError) {
        guard socketPath.utf8.count <= 100 else { throw DemoError("the path `\(socketPath)` is too long for a socket") }
        unlink(socketPath)
        server = HTTPServer(
            address: sockaddr_un.unix(path: socketPath),
            timeout: 5,
            logger: .disabled,
            handler: Documents(discovery: issuer.discovery, keySet: issuer.keySet)
        )
    }

    /// Serves until the task is cancelled.
    package func run() async throws {
        try await server.run()
    }

    package func waitUntilListening() async throws {
        try await server.waitUntilListening(timeout: 30)
    }
}

private struct Documents: HTTPHandler {
    let discovery: String
    let keySet: String

    func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard request.method == .GET else { return HTTPResponse(statusCode: .methodNotAllowed) }
        switch request.path {
        case "/.well-known/openid-configuration": return document(discovery)
        case "/jwks": return document(keySet)
        default: return HTTPResponse(statusCode: .notFound)
        }
    }

    private func document(_ text: String) -> HTTPResponse {
        HTTPResponse(
            statusCode: .ok,
            headers: [.contentType: "application/json", .cacheControl: "max-age=300"],
            body: Data(text.utf8)
        )
    }
}
