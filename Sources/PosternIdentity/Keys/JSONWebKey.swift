internal import PosternCore

/// A public key as a key set spells it (RFC 7517 section 4), checked for everything but the mathematics.
struct JSONWebKey {
    enum Material: Hashable {
        case rsa(modulus: [UInt8], exponent: [UInt8])
        case curve(KeyKind, x: [UInt8], y: [UInt8])
        case ed25519([UInt8])
    }

    /// The smallest modulus that is still safe, and the largest that a check may cost (RFC 7518 section 3.3).
    static let modulusBits = 2048...8192

    let keyID: String?
    /// The one algorithm that the key is for, where it says so.
    let algorithm: SignatureAlgorithm?
    let kind: KeyKind
    let material: Material

    init(_ object: JSONObject) throws(SkippedKey.Reason) {
        switch object["kid"] {
        case nil: keyID = nil
        case .string(let text)? where TokenHeader.isKeyID(text): keyID = text
        case .some: throw .malformed
        }
        guard let type = object["kty"]?.stringValue else { throw .malformed }
        guard type != "oct" else { throw .symmetric }
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] where object[name] != nil { throw .privateKey }
        if let use = object["use"] {
            guard let text = use.stringValue else { throw .malformed }
            guard text == "sig" else { throw .notForSignatures }
        }
        if let operations = object["key_ops"] {
            guard let elements = operations.arrayValue else { throw .malformed }
            guard elements.contains(.string("verify")) else { throw .notForSignatures }
        }
        switch type {
        case "RSA": (kind, material) = (.rsa, try Self.rsa(object))
        case "EC":
            guard let curve = object["crv"]?.stringValue.flatMap(KeyKind.init(rawValue:)), curve != .rsa,
                curve != .ed25519
            else { throw .unknownType }
            let x = try Self.coordinate("x", of: curve, in: object)
            (kind, material) = (curve, .curve(curve, x: x, y: try Self.coordinate("y", of: curve, in: object)))
        case "OKP":
            guard object["crv"] == .string("Ed25519") else { throw .unknownType }
            (kind, material) = (.ed25519, .ed25519(try Self.coordinate("x", of: .ed25519, in: object)))
        default: throw .unknownType
        }
        if let value = object["alg"] {
            guard let name = value.stringValue else { throw .malformed }
            guard let algorithm = SignatureAlgorithm(rawValue: name), algorithm.keyKind == kind else {
                throw .algorithm
            }
            self.algorithm = algorithm
        } else {
            algorithm = nil
        }
    }

    private static func coordinate(
        _ name: String,
        of kind: KeyKind,
        in object: JSONObject
    ) throws(SkippedKey.Reason) -> [UInt8] {
        guard let bytes = decode(object[name]), bytes.count == kind.coordinateByteCount else { throw .malformed }
        return bytes
    }

    private static func rsa(_ object: JSONObject) throws(SkippedKey.Reason) -> Material {
        guard let modulus = decode(object["n"]), let exponent = decode(object["e"]) else { throw .malformed }
        // RFC 7518 section 6.3.1.1 forbids the leading zero that Java's BigInteger writes; Jenkins has it all the same.
        let n = Array(modulus.drop { $0 == 0 })
        let e = Array(exponent.drop { $0 == 0 })
        guard let first = n.first, let last = n.last, let lowest = e.last else { throw .malformed }
        let bits = n.count * 8 - first.leadingZeroBitCount
        guard modulusBits.contains(bits), last & 1 == 1 else { throw .weak }
        // Odd, from 65537 up, and small enough that a check stays cheap.
        guard lowest & 1 == 1, (3...8).contains(e.count) else { throw .weak }
        return .rsa(modulus: n, exponent: e)
    }

    private static func decode(_ value: JSONValue?) -> [UInt8]? {
        guard let text = value?.stringValue, !text.isEmpty else { return nil }
        return Base64.decode(Array(text.utf8), .url)
    }
}

/// A key of a key set that is not used, and why.
package struct SkippedKey: Hashable, Sendable {
    /// The raw values are for logs and `check`.
    package enum Reason: String, Error, Hashable, Sendable {
        case malformed = "malformed"
        case unknownType = "unknown key type"
        case symmetric = "a symmetric key"
        case privateKey = "holds private parts"
        case notForSignatures = "not for signatures"
        case algorithm = "unknown algorithm, or one of another key type"
        case weak = "weak key"
        case invalid = "not a valid key"
        case duplicateKeyID = "key id used more than once"
    }

    /// The position in the set, from 0.
    package let index: Int
    package let keyID: String?
    package let reason: Reason
}
