internal import COpenSSL

/// SHA-256 for those who hash thousands of short texts a second: one context, made once and used again.
///
/// `Digest.sha256` looks the algorithm up and copies its input at each call; this does neither. Not `Sendable`: each
/// loop has its own.
package final class SHA256 {
    package static let byteCount = 32

    private let context: OpaquePointer
    private let method: OpaquePointer

    package init() {
        // An explicit fetch: what `EVP_sha256()` names would be fetched anew, under a lock, at each use.
        guard let context = EVP_MD_CTX_new(), let method = EVP_MD_fetch(nil, "SHA256", nil) else {
            preconditionFailure("libcrypto has no SHA-256")
        }
        self.context = context
        self.method = method
    }

    deinit {
        EVP_MD_CTX_free(context)
        EVP_MD_free(method)
    }

    /// Hashes `input` in place.
    ///
    /// Unsafe pointers, because libcrypto takes them: both are used during the call only.
    ///
    /// - Precondition: `output` has room for 32 bytes.
    package func hash(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count >= Self.byteCount, "a SHA-256 digest has 32 bytes")
        let status =
            EVP_DigestInit_ex2(context, method, nil) == 1
            && EVP_DigestUpdate(context, input.baseAddress, input.count) == 1
            && EVP_DigestFinal_ex(context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil) == 1
        precondition(status, "libcrypto cannot compute a digest")
    }
}
