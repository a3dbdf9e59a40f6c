package import PosternCore
internal import PosternCrypto

/// What a token is remembered by: two digests, from which the token cannot be had back.
package struct TokenFingerprint: Hashable, Sendable {
    /// SHA-256 of header and payload as they were sent: what the signature covers.
    package let signingInput: [UInt8]
    /// SHA-256 of the signature as it was sent. Base64url is read strictly, so one signature has one spelling.
    package let signature: [UInt8]

    /// - Returns: nil when the bytes cannot be a token: too long or without a dot.
    package init?(_ token: Redacted<[UInt8]>) {
        let bytes = token.reveal()
        guard bytes.count <= CompactToken.byteLimit, let dot = bytes.lastIndex(of: UInt8(ascii: ".")) else {
            return nil
        }
        signingInput = Digest.sha256.hash(bytes[..<dot])
        signature = Digest.sha256.hash(bytes[(dot + 1)...])
    }
}
