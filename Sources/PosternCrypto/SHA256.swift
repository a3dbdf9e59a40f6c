internal import COpenSSL

/// SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104) of bytes in place, without an allocation.
package enum SHA256 {
    package static let byteCount = 32

    /// Hashes `input` into `output`.
    ///
    /// Unsafe pointers, because libcrypto takes them: both are used during the call only.
    ///
    /// - Precondition: `output` has room for 32 bytes.
    package static func hash(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count >= byteCount, "a SHA-256 digest has 32 bytes")
        postern_sha256(input.baseAddress, input.count, output.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }

    /// A key of HMAC-SHA-256, prepared once for many messages.
    package struct AuthenticationKey: Sendable {
        private let key: postern_hmac_sha256_key

        /// - Precondition: `key` has 64 bytes at most, a block of SHA-256.
        package init(_ key: [UInt8]) {
            precondition(key.count <= 64, "a longer key would have to be hashed first")
            self.key = postern_hmac_sha256_key_make(key, key.count)
        }

        /// The code of `message`, into `output`.
        ///
        /// - Precondition: `output` has room for 32 bytes.
        package func code(of message: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
            precondition(output.count >= byteCount, "a code has 32 bytes")
            withUnsafePointer(to: key) {
                postern_hmac_sha256(
                    $0,
                    message.baseAddress,
                    message.count,
                    output.baseAddress?.assumingMemoryBound(to: UInt8.self)
                )
            }
        }
    }
}
