import PosternDemo
import PosternNet
import PosternServer
import PosternTLS
import Testing

struct IssuerOverTLSTests {
    @Test func `curl reads discovery and keys over verified HTTPS`() async throws {
        try await withFolder { folder in
            let certificates = try DemoCertificates()
            try Files.writePrivate(certificates.authorityPEM, to: folder.file("ca.crt"))
            let server = try certificates.writeServer("issuer", in: folder.path)
            let issuer = DevIssuer(url: "https://localhost:1")
            let http = try DevIssuerServer(issuer, socketPath: folder.file("issuer.sock"))
            let task = Task { try await http.run() }
            defer { task.cancel() }
            try await http.waitUntilListening()

            let identity = TLSContext.Identity(certificateFile: server.certificate, keyFile: server.key)
            let front = try await TLSFront(
                address: try #require(SocketAddress(ip: "127.0.0.1", port: 0)),
                context: TLSContext(plainServer: identity),
                upstream: try #require(SocketAddress(unixPath: folder.file("issuer.sock")))
            )
            let base = "https://localhost:\(front.address.port)"
            let curl = ["-sS", "--max-time", "10", "--noproxy", "*"]
            func get(_ path: String, _ options: [String]) throws -> ChildProcess.Finished {
                let arguments = curl + options + [base + path]
                return try ChildProcess.run(ProcessCommand("/usr/bin/curl", arguments), atMost: .seconds(20))
            }
            let trusted = ["--cacert", folder.file("ca.crt")]
            #expect(try get("/.well-known/openid-configuration", trusted).outputText == issuer.discovery)
            #expect(try get("/jwks", trusted).outputText == issuer.keySet)
            #expect(try get("/jwks", trusted + ["--http1.0"]).outputText == issuer.keySet)
            #expect(try get("/jwks", trusted + ["--tls-max", "1.2"]).outputText == issuer.keySet)
            // A failed handshake must not take the front with it.
            #expect(try !get("/jwks", []).exit.succeeded)
            #expect(try get("/jwks", trusted).exit.succeeded)
            await front.stop()
            #expect(try !get("/jwks", trusted).exit.succeeded)
        }
    }
}
