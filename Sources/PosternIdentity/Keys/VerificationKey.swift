internal import COpenSSL
internal import PosternCore
internal import PosternCrypto

/// An issuer's public key, made once from its JWK.
///
/// `@unchecked Sendable`: the EVP_PKEY is never changed after `init`, and OpenSSL 3 allows concurrent use of a
/// constant key.
package final class VerificationKey: @unchecked Sendable {
    package let keyID: String?
    package let kind: KeyKind
    /// The one algorithm that the key is for; nil for any of its kind.
    package let algorithm: SignatureAlgorithm?
    /// SHA-256 over kind, algorithm, id and material: equal for equal keys.
    package let fingerprint: [UInt8]
    private let key: OpaquePointer
    /// Bytes of a signature of this key.
    private let signatureByteCount: Int

    init(_ jwk: JSONWebKey) throws(SkippedKey.Reason) {
        guard let key = Self.makeKey(jwk.material) else { throw .invalid }
        self.key = key
        keyID = jwk.keyID
        kind = jwk.kind
        algorithm = jwk.algorithm
        var described = Array("\(jwk.kind.rawValue)\0\(jwk.algorithm?.rawValue ?? "")\0\(jwk.keyID ?? "\n")\0".utf8)
        switch jwk.material {
        case .rsa(let modulus, let exponent):
            signatureByteCount = modulus.count
            described += [UInt8(exponent.count)] + exponent + modulus
        case .curve(_, let x, let y):
            signatureByteCount = x.count * 2
            described += x + y
        case .ed25519(let raw):
            signatureByteCount = 64
            described += raw
        }
        fingerprint = Digest.sha256.hash(described)
    }

    deinit { EVP_PKEY_free(key) }

    /// Whether the key may check signatures of `algorithm`: the kinds agree, and so does the key's own `alg`.
    package func fits(_ algorithm: SignatureAlgorithm) -> Bool {
        algorithm.keyKind == kind && (self.algorithm ?? algorithm) == algorithm
    }

    /// Whether `signature` is this key's over `message`. Takes 30 to 500 us: not for an event loop.
    ///
    /// - Parameter signature: as JWS has it; r and s side by side at full length for ECDSA (RFC 7518 section 3.4).
    func verifies(_ signature: [UInt8], of message: [UInt8], algorithm: SignatureAlgorithm) -> Bool {
        guard fits(algorithm), signature.count == signatureByteCount, let context = EVP_MD_CTX_new() else {
            return false
        }
        // What a failed check leaves in this thread's queue would be read as the next SSL call's error.
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        var keyContext: OpaquePointer?
        guard EVP_DigestVerifyInit(context, &keyContext, algorithm.method, nil, key) == 1 else { return false }
        var encoded = signature
        switch algorithm {
        case .rs256, .rs384, .rs512, .edDSA: break
        case .ps256, .ps384, .ps512: guard postern_rsa_pss_with_digest_salt(keyContext) == 1 else { return false }
        case .es256, .es384, .es512:
            guard let der = Self.derSignature(signature) else { return false }
            encoded = der
        }
        return EVP_DigestVerify(context, encoded, encoded.count, message, message.count) == 1
    }

    /// ECDSA-Sig-Value (RFC 3279 section 2.2.3) of r and s side by side.
    private static func derSignature(_ signature: [UInt8]) -> [UInt8]? {
        let half = signature.count / 2
        guard let pair = ECDSA_SIG_new() else { return nil }
        defer { ECDSA_SIG_free(pair) }
        let r = BN_bin2bn(Array(signature[..<half]), Int32(half), nil)
        let s = BN_bin2bn(Array(signature[half...]), Int32(half), nil)
        // From here on the pair owns both numbers.
        guard r != nil, s != nil, ECDSA_SIG_set0(pair, r, s) == 1 else {
            BN_free(r)
            BN_free(s)
            return nil
        }
        let count = i2d_ECDSA_SIG(pair, nil)
        guard count > 0 else { return nil }
        var der = [UInt8](repeating: 0, count: Int(count))
        let written = der.withUnsafeMutableBufferPointer { buffer in
            // OpenSSL moves this copy of the pointer; the array's storage stays where it is.
            var cursor = buffer.baseAddress
            return i2d_ECDSA_SIG(pair, &cursor)
        }
        return written == count ? der : nil
    }
}

extension VerificationKey {
    private static func makeKey(_ material: JSONWebKey.Material) -> OpaquePointer? {
        defer { ERR_clear_error() }
        switch material {
        case .ed25519(let raw):
            return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, raw, raw.count)
        case .rsa(let modulus, let exponent):
            return postern_rsa_public_key(modulus, modulus.count, exponent, exponent.count)
        case .curve(let kind, let x, let y):
            let point = [4] + x + y
            return postern_ec_public_key(kind.rawValue, point, point.count)
        }
    }
}

extension SignatureAlgorithm {
    /// The digest to sign; Ed25519 takes the message itself.
    fileprivate var method: OpaquePointer? {
        switch self {
        case .rs256, .ps256, .es256: EVP_sha256()
        case .rs384, .ps384, .es384: EVP_sha384()
        case .rs512, .ps512, .es512: EVP_sha512()
        case .edDSA: nil
        }
    }
}
