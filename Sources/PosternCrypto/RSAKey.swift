internal import COpenSSL

/// An RSA key that signs tokens. The signing itself is libjwt's, which takes the PEM.
///
/// `@unchecked Sendable`: the EVP_PKEY is never changed after `init`, and OpenSSL 3 allows concurrent use of a constant
/// key.
package final class RSAKey: @unchecked Sendable {
    private let key: OpaquePointer

    /// Makes a new key: a tenth of a second of work, never on an event loop.
    ///
    /// - Parameter bits: of the modulus.
    package init(bits: UInt32) {
        guard let key = postern_rsa_generate(bits) else { preconditionFailure("libcrypto cannot make a key") }
        self.key = key
    }

    /// Reads a private key in PEM (PKCS #8); nil when it is not an RSA key.
    package init?(pem: [UInt8]) {
        let key = pem.withUnsafeBytes { bytes -> OpaquePointer? in
            // The BIO reads from `pem` itself, which lives longer.
            guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
            defer { BIO_free(bio) }
            return PEM_read_bio_PrivateKey(bio, nil, nil, nil)
        }
        guard let key else {
            ERR_clear_error()
            return nil
        }
        guard EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA else {
            EVP_PKEY_free(key)
            return nil
        }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    /// The private key in PEM (PKCS #8), for a file of mode 0600 and for libjwt.
    package var privatePEM: [UInt8] { writePEM { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) } }

    /// The length of the modulus.
    package var bits: Int { Int(EVP_PKEY_get_bits(key)) }
    /// Big-endian, without leading zeros.
    package var modulus: [UInt8] { number(OSSL_PKEY_PARAM_RSA_N) }
    /// Big-endian, without leading zeros.
    package var exponent: [UInt8] { number(OSSL_PKEY_PARAM_RSA_E) }

    private func number(_ name: String) -> [UInt8] {
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, name, &number) == 1 else { preconditionFailure("an RSA key has its numbers") }
        defer { BN_free(number) }
        var bytes = [UInt8](repeating: 0, count: (Int(BN_num_bits(number)) + 7) / 8)
        BN_bn2bin(number, &bytes)
        return bytes
    }
}
