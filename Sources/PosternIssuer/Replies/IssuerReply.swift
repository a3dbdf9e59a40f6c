package import PosternCore
internal import PosternCrypto

/// What the issuer answers, as HTTP has it.
package struct IssuerReply: Hashable, Sendable {
    package var status: Int
    package var headers: [Header]
    package var body: [UInt8]

    package struct Header: Hashable, Sendable {
        package let name: String
        package let value: String
    }

    package init(status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers.map { Header(name: $0.0, value: $0.1) }
        self.body = body
    }

    /// A build that gets no token: no variable, no secret.
    package static let nothing = IssuerReply(status: 204, headers: [("Cache-Control", "no-store")])

    /// - Parameter text: for a person who tries it by hand. It tells nothing that a stranger may not know.
    package static func failure(_ status: Int, _ text: String) -> IssuerReply {
        let headers = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
        return IssuerReply(status: status, headers: headers, body: Array("\(text)\n".utf8))
    }

    /// JSON that only the requester may see.
    static func secret(_ value: JSONValue) -> IssuerReply {
        let headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
        return IssuerReply(status: 200, headers: headers, body: Array(value.text.utf8))
    }

    /// The reply as Drone reads it when it is encrypted: AES-256-GCM under the first 32 bytes of the shared secret,
    /// which it announces by its content encoding.
    package func encrypted(with secret: Redacted<[UInt8]>) -> IssuerReply {
        guard !body.isEmpty else { return self }
        let key = Array(secret.reveal().prefix(AESGCM.keyByteCount))
        let headers = [
            ("Content-Type", "application/octet-stream"), ("Content-Encoding", "aesgcm"),
            ("Cache-Control", "no-store"),
        ]
        return IssuerReply(status: status, headers: headers, body: AESGCM.seal(body, key: key))
    }
}
