package import PosternCore
internal import PosternCrypto

/// A request whose header fields somebody with one of the shared secrets signed, and whose body is still to be seen.
package struct DroneSignature: Sendable {
    /// The fields that Drone signs, in its order. Its own handler asks for the date alone; here all five must be signed.
    static let headers = ["accept", "accept-encoding", "content-type", "date", "digest"]
    static let keyID = "hmac-key"
    static let algorithm = "hmac-sha256"
    private static let scheme = "Signature "

    /// What tells this request from any other: it is the same however the signature was written.
    package let fingerprint: [UInt8]
    /// When it was signed, to the second.
    package let date: Timestamp
    /// The secret that it was signed with.
    package let secret: Redacted<[UInt8]>
    private let digest: String

    /// Checks the signature, and that it is of now.
    ///
    /// - Parameters:
    ///   - secrets: any of them will do. All are tried, so that time tells nothing.
    ///   - notBefore: older requests may have been answered by a process that is gone.
    package init(
        _ headers: RequestHeaders,
        secrets: [Redacted<[UInt8]>],
        now: Timestamp,
        notBefore: Timestamp
    ) throws(RequestRefusal) {
        let signature = try Self.signature(in: headers)
        guard signature.algorithm == Self.algorithm else { throw .otherAlgorithm }
        guard signature.keyID == Self.keyID, signature.headers == Self.headers else { throw .otherHeaders }
        var lines: [String] = []
        for name in Self.headers {
            guard let value = headers[name] else { throw .missingHeader(name) }
            lines.append("\(name): \(value)")
        }
        let text = lines.joined(separator: "\n")
        var found: Redacted<[UInt8]>?
        for secret in secrets {
            let code = Digest.sha256.authenticationCode(of: text.utf8, key: secret.reveal())
            if equalInConstantTime(code, signature.signature) { found = secret }
        }
        guard let found else { throw .wrongSignature }
        guard let date = headers["date"].flatMap(HTTPDate.parse) else { throw .malformedDate }
        try RequestLife.check(date, now: now, notBefore: notBefore)
        self.date = date
        secret = found
        fingerprint = signature.signature
        digest = headers["digest"] ?? ""
    }

    /// Checks that the body is the one that was signed.
    package func check(_ body: [UInt8]) throws(RequestRefusal) {
        let expected = "SHA-256=" + Base64.encode(Digest.sha256.hash(body))
        guard equalInConstantTime(Array(expected.utf8), Array(digest.utf8)) else { throw .otherBody }
    }

    private static func signature(in headers: RequestHeaders) throws(RequestRefusal) -> CavageSignature {
        let authorization = headers["authorization"]
        let text: String
        switch (headers["signature"], authorization) {
        case (let signature?, nil): text = signature
        case (nil, let authorization?):
            guard authorization.hasPrefix(scheme) else { throw .noSignature }
            text = String(authorization.dropFirst(scheme.count))
        case (.some, .some): throw .ambiguousSignature
        case (nil, nil): throw .noSignature
        }
        guard let signature = CavageSignature(text) else { throw .malformedSignature }
        return signature
    }
}
