package import PosternCore
package import PosternCrypto

/// A request that Woodpecker's server signed (RFC 9421, Ed25519), and whose body is still to be seen.
package struct WoodpeckerSignature: Sendable {
    static let label = "woodpecker-ci-extensions"
    static let components = ["@request-target", "content-digest"]

    /// What tells this request from any other.
    package let fingerprint: [UInt8]
    /// When it was signed, to the second.
    package let date: Timestamp
    private let digests: [ContentDigest]

    /// Checks the signature, and that it is of now.
    ///
    /// - Parameters:
    ///   - target: path and query as the request had them.
    ///   - keys: of Woodpecker servers; any of them will do.
    ///   - notBefore: older requests may have been answered by a process that is gone.
    package init(
        _ headers: RequestHeaders,
        target: String,
        keys: [VerifyingKey],
        now: Timestamp,
        notBefore: Timestamp
    ) throws(RequestRefusal) {
        guard let input = headers["signature-input"], let text = headers["signature"] else { throw .noSignature }
        guard let signature = MessageSignature(input: input, signature: text, label: Self.label) else {
            throw .malformedSignature
        }
        guard Set(signature.components) == Set(Self.components), signature.components.count == Self.components.count
        else { throw .otherHeaders }
        guard [nil, .string("ed25519")].contains(signature.parameters["alg"]) else { throw .otherAlgorithm }
        guard let digest = headers["content-digest"] else { throw .missingHeader("content-digest") }
        let values = ["@request-target": target, "content-digest": digest]
        var lines = signature.components.map { "\"\($0)\": \(values[$0] ?? "")" }
        lines.append("\"@signature-params\": \(signature.parametersText)")
        let base = Array(lines.joined(separator: "\n").utf8)
        guard keys.contains(where: { $0.verifies(signature.signature, of: base) }) else { throw .wrongSignature }
        guard case .integer(let created) = signature.parameters["created"] else { throw .malformedDate }
        date = Timestamp(seconds: created)
        try RequestLife.check(date, now: now, notBefore: notBefore)
        switch signature.parameters["expires"] {
        case .integer(let end): guard now.seconds <= end else { throw .stale }
        case .string: throw .malformedDate
        case nil: break
        }
        guard let digests = ContentDigest.all(in: digest) else { throw .malformedSignature }
        self.digests = digests
        // Of what was signed: a signature may be written in more than one way.
        fingerprint = Digest.sha256.hash(base)
    }

    /// Checks that the body is the one that was signed.
    package func check(_ body: [UInt8]) throws(RequestRefusal) {
        guard digests.allSatisfy({ $0.matches(body) }) else { throw .otherBody }
    }
}

/// A member of `Content-Digest` (RFC 9530): `sha-256=:…:`.
struct ContentDigest {
    private static let methods: [String: Digest] = ["sha-256": .sha256, "sha-512": .sha512]

    private let method: Digest
    private let value: [UInt8]

    /// - Returns: nil when there is none, or one that is not understood.
    static func all(in text: String) -> [ContentDigest]? {
        var digests: [ContentDigest] = []
        for member in text.split(separator: ",", omittingEmptySubsequences: false) {
            let member = member.drop { $0 == " " }
            guard let sign = member.firstIndex(of: "="), let method = methods[String(member[..<sign])] else {
                return nil
            }
            let value = member[member.index(after: sign)...]
            guard value.count > 2, value.hasPrefix(":"), value.hasSuffix(":"),
                let bytes = Base64.decode(value.dropFirst().dropLast().utf8, .standard)
            else { return nil }
            digests.append(ContentDigest(method: method, value: bytes))
        }
        return digests
    }

    func matches(_ body: [UInt8]) -> Bool { equalInConstantTime(method.hash(body), value) }
}
