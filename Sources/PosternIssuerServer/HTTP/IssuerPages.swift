internal import FlyingFox
internal import Foundation
internal import PosternIssuer

/// Between FlyingFox's requests and the service's.
struct IssuerPages: HTTPHandler {
    let service: IssuerService

    func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
        let target = request.target.rawValue
        let path = target.prefix { $0 != "?" }
        guard let route = IssuerRequest.Route(rawValue: String(path)) else {
            return Self.response(.failure(404, "there is nothing here"), to: request)
        }
        let isRead = request.method == .GET || request.method == .HEAD
        guard route.mints ? request.method == .POST : isRead else {
            return Self.response(.failure(405, "another method is served here"), to: request)
        }
        let question = IssuerRequest(
            route: route,
            target: target,
            headers: RequestHeaders(request.headers.map { (name: $0.key.rawValue, value: $0.value) }),
            address: Self.address(of: request)
        )
        let body = request.bodySequence
        return Self.response(await service.answer(question) { await Self.read(body) }, to: request)
    }

    /// - Returns: nil when it is too large, or does not come whole.
    private static func read(_ body: HTTPBodySequence) async -> [UInt8]? {
        if let count = body.count, count > IssuerLimits.bodyBytes { return nil }
        var bytes: [UInt8] = []
        do {
            for try await chunk in body {
                guard bytes.count + chunk.count <= IssuerLimits.bodyBytes else { return nil }
                bytes.append(contentsOf: chunk)
            }
        } catch {
            return nil
        }
        return bytes
    }

    private static func response(_ reply: IssuerReply, to request: HTTPRequest) -> HTTPResponse {
        var headers = HTTPHeaders()
        for header in reply.headers { headers[HTTPHeader(header.name)] = header.value }
        // One request for a connection: the front counts bytes and time for each.
        headers[.connection] = "close"
        let body = request.method == .HEAD ? [] : reply.body
        let status = HTTPStatusCode(reply.status, phrase: phrases[reply.status] ?? "Status")
        return HTTPResponse(statusCode: status, headers: headers, body: Data(body))
    }

    /// Some clients do without a phrase, others do not.
    private static let phrases = [
        200: "OK", 204: "No Content", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found",
        405: "Method Not Allowed", 406: "Not Acceptable", 408: "Request Timeout", 413: "Content Too Large",
        429: "Too Many Requests", 503: "Service Unavailable",
    ]

    /// The front names the client in the path that its connection comes from.
    private static func address(of request: HTTPRequest) -> String? {
        guard case .unix(let path) = request.remoteAddress, let at = path.lastIndex(of: "@") else { return nil }
        let address = String(path[path.index(after: at)...])
        return address == "unix" ? nil : address
    }
}
