internal import COpenSSL

/// The digests that Postern computes or checks.
package enum Digest: Sendable {
    case sha256
    case sha384
    case sha512
    case md5

    // EVP_MD objects are constants of the library: they are never freed and need no lock.
    fileprivate var method: OpaquePointer? {
        switch self {
        case .sha256: EVP_sha256()
        case .sha384: EVP_sha384()
        case .sha512: EVP_sha512()
        case .md5: EVP_md5()
        }
    }

    package var byteCount: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        case .md5: 16
        }
    }

    /// The digest of `bytes`.
    package func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let input = Array(bytes)
        var output = [UInt8](repeating: 0, count: byteCount)
        let status = EVP_Digest(input, input.count, &output, nil, method, nil)
        precondition(status == 1, "libcrypto cannot compute a digest")
        return output
    }

    /// HMAC (RFC 2104) of `message` under `key`.
    package func authenticationCode(of message: some Sequence<UInt8>, key: some Sequence<UInt8>) -> [UInt8] {
        let message = Array(message)
        let key = Array(key)
        var output = [UInt8](repeating: 0, count: byteCount)
        let result = HMAC(method, key, Int32(key.count), message, message.count, &output, nil)
        precondition(result != nil, "libcrypto cannot compute an HMAC")
        return output
    }

    /// PBKDF2 (RFC 8018) with this digest: milliseconds of work, never on an event loop.
    ///
    /// - Parameter iterations: at least 1; the caller caps what a server may ask for.
    package func pbkdf2(password: [UInt8], salt: [UInt8], iterations: Int) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: byteCount)
        let status = password.withUnsafeBytes { password in
            PKCS5_PBKDF2_HMAC(
                password.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(password.count),
                salt,
                Int32(salt.count),
                Int32(iterations),
                method,
                Int32(output.count),
                &output
            )
        }
        precondition(status == 1, "libcrypto cannot compute PBKDF2")
        return output
    }
}

/// Random bytes fit for keys and nonces.
package enum SecureRandom {
    package static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        precondition(RAND_bytes(&bytes, Int32(count)) == 1, "libcrypto has no random bytes")
        return bytes
    }
}

/// Compares two secrets in time that depends only on their lengths.
package func equalInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}
