internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import PosternCore
internal import PosternCrypto
internal import PosternIssuer
internal import PosternNet

/// Drone's runner, as far as the environment extension sees it: before a pipeline starts it signs a request for further
/// variables, and takes what comes back. What does not come it does without, in silence, as the real one does.
struct DroneRunner: Sendable {
    /// A build, by what matters of it here.
    struct Build: Sendable {
        let number: Int
        let event: String
        let ref: String
        let source: String

        static let push = Build(number: 7, event: "push", ref: DemoNames.branch, source: "")
        static let pullRequest = Build(
            number: 8,
            event: "pull_request",
            ref: "refs/pull/3/head",
            source: "mallory/orders"
        )
    }

    let socketPath: String
    let secret: Redacted<String>

    /// Asks for a pipeline's variables.
    func variables(of build: Build) async throws -> [(name: String, value: String)] {
        let body = Self.body(of: build)
        var headers = [
            ("Accept", "application/vnd.drone.env.v2+json"), ("Accept-Encoding", "identity"),
            ("Content-Type", "application/json"), ("Date", HTTPDate.format(.now)),
            ("Digest", "SHA-256=" + Base64.encode(Digest.sha256.hash(body.utf8))),
        ]
        let text = headers.map { "\($0.0.lowercased()): \($0.1)" }.joined(separator: "\n")
        let code = Digest.sha256.authenticationCode(of: text.utf8, key: secret.reveal().utf8)
        let names = headers.map { $0.0.lowercased() }.joined(separator: " ")
        let signature =
            "keyId=\"hmac-key\",algorithm=\"hmac-sha256\",signature=\"\(Base64.encode(code))\",headers=\"\(names)\""
        headers.append(("Signature", signature))
        let reply = try await send(headers, body)
        guard reply.statusCode == .ok else { return [] }
        // As the issuer sends it: encrypted with the first 32 bytes of the shared secret.
        guard let plain = AESGCM.open(Array(try await reply.bodyData), key: Array(secret.reveal().utf8.prefix(32))),
            let list = try? JSONParser.parse(plain, limits: .init(bytes: 64 << 10, depth: 4)).arrayValue
        else { throw DemoError("the issuer's reply cannot be decrypted") }
        return list.compactMap { variable in
            guard let variable = variable.objectValue, let name = variable["name"]?.stringValue,
                let value = variable["data"]?.stringValue
            else { return nil }
            return (name, value)
        }
    }

    private func send(_ headers: [(String, String)], _ body: String) async throws -> HTTPResponse {
        var fields = HTTPHeaders()
        for (name, value) in headers + [("Host", "localhost")] { fields[HTTPHeader(name)] = value }
        let request = HTTPRequest(
            method: .POST,
            version: .http11,
            target: .init(path: "/drone/env", query: ""),
            headers: fields,
            body: HTTPBodySequence(data: Data(body.utf8))
        )
        var client = HTTPClient()
        return try await client.sendHTTPRequest(request, to: .unix(path: socketPath))
    }

    private static func body(of build: Build) -> String {
        let parts = DemoNames.repository.split(separator: "/").map(String.init)
        let branch = PosternCore.JSONValue.string("main")
        return PosternCore.JSONValue.object([
            "repo": .object([
                "id": .number(JSONNumber(42)), "uid": .string(DroneNames.repositoryUID),
                "namespace": .string(parts[0]), "name": .string(parts[1]), "slug": .string(DemoNames.repository),
                "visibility": .string("private"), "timeout": .number(JSONNumber(60)),
            ]),
            "build": .object([
                "id": .number(JSONNumber(1000 + build.number)), "number": .number(JSONNumber(build.number)),
                "trigger": .string("@hook"), "event": .string(build.event), "ref": .string(build.ref),
                "source": branch, "target": branch, "source_repo": .string(build.source),
                "after": .string("0123456789abcdef0123456789abcdef01234567"), "sender": .string("octo"),
                "status": .string("pending"),
            ]),
        ]).text
    }
}
