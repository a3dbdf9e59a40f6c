import FlyingFox
import FlyingSocks
import Foundation
import PosternCore
import PosternServer
import Testing

struct AdminServerTests {
    private let metrics = MetricsRegistry(loops: 1, version: "1.0", startedAt: Timestamp(seconds: 1))
    private let health = Health()

    /// Runs a server on a free port for the length of `body`.
    private func serving(_ body: (UInt16) async throws -> Void) async throws {
        let server = try AdminServer(host: "127.0.0.1", port: 0, metrics: metrics, health: health)
        let task = Task { try await server.run() }
        defer { task.cancel() }
        try await server.waitUntilListening()
        try await body(try #require(await server.port))
    }

    private func get(_ path: String, _ port: UInt16, accept: String = "*/*", method: HTTPMethod = .GET) async throws
        -> (status: Int, type: String?, body: String)
    {
        let request = HTTPRequest(
            method: method,
            version: .http11,
            path: path,
            query: [],
            headers: [HTTPHeader("Accept"): accept, .connection: "close"],
            body: Data()
        )
        var client = HTTPClient()
        let response = try await client.sendHTTPRequest(request, to: .inet(ip4: "127.0.0.1", port: port))
        let body = String(decoding: try await response.bodyData, as: UTF8.self)
        return (response.statusCode.code, response.headers[.contentType], body)
    }

    @Test func `the pages answer`() async throws {
        health.configure(issuers: ["ci"], upstreams: [])
        try await serving { port in
            #expect(try await get("/healthz", port).status == 200)
            let starting = try await get("/readyz", port)
            #expect(starting.status == 503)
            #expect(starting.body == "not ready: starting\nissuer ci: no keys\n")

            health.enter(.serving)
            let serving = try await get("/readyz", port, accept: "application/json")
            #expect(serving.status == 200)
            #expect(serving.type == "application/json")
            #expect(
                serving.body
                    == #"{"ready":true,"issuers_without_keys":["ci"],"failing_issuers":[],"unreachable_databases":[],"#
                    + #""unreadable_catalogs":[]}"# + "\n"
            )

            let page = try await get("/metrics", port)
            #expect(page.status == 200)
            #expect(page.type == "text/plain; version=0.0.4; charset=utf-8")
            #expect(page.body.contains("postern_build_info{version=\"1.0\"} 1\n"))

            #expect(try await get("/", port).status == 404)
            #expect(try await get("/healthz", port, method: .POST).status == 405)
        }
    }

    @Test func `an address that is taken is an error that names it`() async throws {
        try await serving { port in
            let second = try AdminServer(host: "localhost", port: port, metrics: metrics, health: health)
            let error = await #expect(throws: AdminServer.AddressError.self) { try await second.run() }
            #expect(
                error?.description.contains("127.0.0.1:\(port)") == true
                    || error?.description.contains("localhost:\(port)") == true
            )
        }
    }

    @Test func `a name is not an address`() {
        #expect(throws: AdminServer.AddressError.self) {
            try AdminServer(host: "db.internal", port: 1, metrics: metrics, health: health)
        }
    }
}
