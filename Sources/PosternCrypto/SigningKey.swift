internal import COpenSSL

/// An Ed25519 key that signs (RFC 8032).
///
/// `@unchecked Sendable`: the EVP_PKEY is never changed after `init`, and OpenSSL 3 allows concurrent use of a
/// constant key.
package final class SigningKey: @unchecked Sendable {
    private let key: OpaquePointer

    /// Makes a new key.
    package init() {
        guard let key = postern_ed25519_generate() else { preconditionFailure("libcrypto cannot make a key") }
        self.key = key
    }

    /// Reads a private key in PEM (PKCS #8); nil when it is not an Ed25519 key.
    package init?(pem: [UInt8]) {
        guard let key = readEd25519(pem, { PEM_read_bio_PrivateKey($0, nil, nil, nil) }) else { return nil }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    /// The private key in PEM (PKCS #8), for a file of mode 0600.
    package var privatePEM: [UInt8] {
        writePEM { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) }
    }

    /// The public half.
    package var publicKey: VerifyingKey {
        var raw = [UInt8](repeating: 0, count: 32)
        var count = raw.count
        let status = EVP_PKEY_get_raw_public_key(key, &raw, &count)
        guard status == 1, let publicKey = VerifyingKey(raw: raw) else {
            preconditionFailure("libcrypto cannot take a key's public half")
        }
        return publicKey
    }

    /// The signature of `message`, 64 bytes.
    package func sign(_ message: [UInt8]) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: 64)
        var count = signature.count
        guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1
        else { preconditionFailure("libcrypto cannot sign") }
        return signature
    }

}

/// An Ed25519 key that checks signatures.
///
/// `@unchecked Sendable`: for the reason that `SigningKey` gives.
package final class VerifyingKey: @unchecked Sendable {
    private let key: OpaquePointer

    /// - Parameter raw: the 32 bytes of RFC 8032.
    package init?(raw: [UInt8]) {
        guard raw.count == 32, let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, raw, raw.count) else {
            return nil
        }
        self.key = key
    }

    /// Reads a public key in PEM (SubjectPublicKeyInfo); nil when it is not an Ed25519 key.
    package init?(pem: [UInt8]) {
        guard let key = readEd25519(pem, { PEM_read_bio_PUBKEY($0, nil, nil, nil) }) else { return nil }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    /// The 32 bytes of RFC 8032.
    package var raw: [UInt8] {
        var raw = [UInt8](repeating: 0, count: 32)
        var count = raw.count
        precondition(EVP_PKEY_get_raw_public_key(key, &raw, &count) == 1, "libcrypto cannot export a public key")
        return raw
    }

    /// The key in PEM (SubjectPublicKeyInfo), for `checkpoint.pub`.
    package var pem: [UInt8] { writePEM { PEM_write_bio_PUBKEY($0, key) } }

    /// Whether `signature` is this key's over `message`.
    package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard signature.count == 64, let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else { return false }
        let verified = EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        if !verified { ERR_clear_error() }
        return verified
    }
}

/// Reads a key with a PEM_read_bio function; nil when it is not an Ed25519 key.
///
/// The BIO reads from `pem` itself, which therefore lives at least as long as the BIO.
private func readEd25519(_ pem: [UInt8], _ read: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
    pem.withUnsafeBytes { bytes in
        guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
        defer { BIO_free(bio) }
        guard let key = read(bio) else {
            ERR_clear_error()
            return nil
        }
        guard EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 else {
            EVP_PKEY_free(key)
            return nil
        }
        return key
    }
}

/// Collects what a PEM_write_bio function writes.
func writePEM(_ write: (OpaquePointer) -> Int32) -> [UInt8] {
    guard let bio = BIO_new(BIO_s_mem()) else { preconditionFailure("out of memory") }
    defer { BIO_free(bio) }
    precondition(write(bio) == 1, "libcrypto cannot write PEM")
    var bytes = [UInt8](repeating: 0, count: Int(BIO_ctrl_pending(bio)))
    let count = BIO_read(bio, &bytes, Int32(bytes.count))
    return Array(bytes.prefix(Int(max(0, count))))
}
