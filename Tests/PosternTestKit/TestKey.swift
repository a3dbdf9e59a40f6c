internal import COpenSSL
package import PosternCore
package import PosternIdentity

/// A key pair that signs tokens in tests.
///
/// `@unchecked Sendable`: the EVP_PKEY is never changed after `init`, and OpenSSL 3 allows concurrent use of a
/// constant key.
package final class TestKey: @unchecked Sendable {
    package enum Kind: Hashable, Sendable {
        case rsa(bits: Int)
        case curve(KeyKind)
        /// A curve that no token may use: the name is OpenSSL's.
        case otherCurve(String)
        case ed25519

        /// The kind of key that checks tokens so; RSA with 2048 bits.
        package init(_ kind: KeyKind) {
            switch kind {
            case .rsa: self = .rsa(bits: 2048)
            case .p256, .p384, .p521: self = .curve(kind)
            case .ed25519: self = .ed25519
            }
        }
    }

    package enum Failure: Error {
        case library(String)
    }

    package let kind: Kind
    private let key: OpaquePointer

    /// Makes a new key. RSA takes up to a second.
    package init(_ kind: Kind) throws {
        let type =
            switch kind {
            case .rsa: "RSA"
            case .curve, .otherCurve: "EC"
            case .ed25519: "ED25519"
            }
        guard let context = EVP_PKEY_CTX_new_from_name(nil, type, nil) else { throw Failure.library("context") }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_keygen_init(context) == 1 else { throw Failure.library("keygen") }
        let configured =
            switch kind {
            case .rsa(let bits): EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits))
            case .curve(let curve): EVP_PKEY_CTX_set_group_name(context, curve.rawValue)
            case .otherCurve(let name): EVP_PKEY_CTX_set_group_name(context, name)
            case .ed25519: Int32(1)
            }
        var key: OpaquePointer?
        guard configured == 1, EVP_PKEY_generate(context, &key) == 1, let key else { throw Failure.library("generate") }
        self.kind = kind
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    /// Whether OpenSSL calls on this thread left no error behind.
    package static var errorQueueIsEmpty: Bool { ERR_peek_error() == 0 }

    /// The signature as JWS has it: r and s side by side for ECDSA, salt as long as the digest for PSS.
    package func sign(_ message: [UInt8], _ algorithm: SignatureAlgorithm) throws -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw Failure.library("context") }
        defer { EVP_MD_CTX_free(context) }
        var keyContext: OpaquePointer?
        guard EVP_DigestSignInit(context, &keyContext, Self.method(algorithm), nil, key) == 1 else {
            throw Failure.library("sign")
        }
        switch algorithm {
        case .ps256, .ps384, .ps512:
            guard postern_rsa_pss_with_digest_salt(keyContext) == 1 else { throw Failure.library("padding") }
        case .rs256, .rs384, .rs512, .es256, .es384, .es512, .edDSA: break
        }
        var signature = [UInt8](repeating: 0, count: Int(EVP_PKEY_get_size(key)))
        var count = signature.count
        guard EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else {
            throw Failure.library("sign")
        }
        signature = Array(signature.prefix(count))
        switch kind {
        case .rsa, .ed25519: return signature
        case .curve, .otherCurve: return try Self.sideBySide(signature, coordinateByteCount)
        }
    }

    /// The public half as a JWK. `alg`, `kid` and `use` only where they are given.
    package func jwk(keyID: String? = nil, algorithm: String? = nil, use: String? = nil) throws -> JSONObject {
        var object = JSONObject()
        switch kind {
        case .rsa:
            object.append("kty", .string("RSA"))
            object.append("n", .string(Base64.encode(try number("n"), .url)))
            object.append("e", .string(Base64.encode(try number("e"), .url)))
        case .curve, .otherCurve:
            object.append("kty", .string("EC"))
            object.append("crv", .string(curveName))
            object.append("x", .string(Base64.encode(try number("qx", width: coordinateByteCount), .url)))
            object.append("y", .string(Base64.encode(try number("qy", width: coordinateByteCount), .url)))
        case .ed25519:
            var raw = [UInt8](repeating: 0, count: 32)
            var count = raw.count
            guard EVP_PKEY_get_raw_public_key(key, &raw, &count) == 1 else { throw Failure.library("export") }
            object.append("kty", .string("OKP"))
            object.append("crv", .string("Ed25519"))
            object.append("x", .string(Base64.encode(raw, .url)))
        }
        if let keyID { object.append("kid", .string(keyID)) }
        if let algorithm { object.append("alg", .string(algorithm)) }
        if let use { object.append("use", .string(use)) }
        return object
    }

    private var curveName: String {
        switch kind {
        case .curve(let curve): curve.rawValue
        case .otherCurve(let name): name
        case .rsa, .ed25519: ""
        }
    }

    private var coordinateByteCount: Int { (Int(EVP_PKEY_get_bits(key)) + 7) / 8 }

    private func number(_ name: String, width: Int? = nil) throws -> [UInt8] {
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, name, &number) == 1 else { throw Failure.library("export") }
        defer { BN_free(number) }
        return Self.bytes(of: number, width: width ?? (Int(BN_num_bits(number)) + 7) / 8)
    }

    private static func bytes(of number: OpaquePointer?, width: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: width)
        return BN_bn2binpad(number, &bytes, Int32(width)) == Int32(width) ? bytes : []
    }

    private static func sideBySide(_ der: [UInt8], _ width: Int) throws -> [UInt8] {
        let pair = der.withUnsafeBufferPointer { buffer in
            // OpenSSL moves this copy of the pointer.
            var cursor = buffer.baseAddress
            return d2i_ECDSA_SIG(nil, &cursor, buffer.count)
        }
        guard let pair else { throw Failure.library("signature") }
        defer { ECDSA_SIG_free(pair) }
        return bytes(of: ECDSA_SIG_get0_r(pair), width: width) + bytes(of: ECDSA_SIG_get0_s(pair), width: width)
    }

    private static func method(_ algorithm: SignatureAlgorithm) -> OpaquePointer? {
        switch algorithm {
        case .rs256, .ps256, .es256: EVP_sha256()
        case .rs384, .ps384, .es384: EVP_sha384()
        case .rs512, .ps512, .es512: EVP_sha512()
        case .edDSA: nil
        }
    }
}
