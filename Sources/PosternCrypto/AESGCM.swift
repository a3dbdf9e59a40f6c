internal import COpenSSL

/// AES-256-GCM (NIST SP 800-38D) without additional data: the nonce, the ciphertext and the tag as one run of bytes.
package enum AESGCM {
    package static let keyByteCount = 32
    package static let nonceByteCount = 12
    package static let tagByteCount = 16

    /// Encrypts `plaintext`.
    ///
    /// - Parameters:
    ///   - key: 32 bytes.
    ///   - nonce: 12 bytes that were never used with this key; random ones by default.
    /// - Returns: nonce, ciphertext, tag.
    package static func seal(
        _ plaintext: [UInt8],
        key: [UInt8],
        nonce: [UInt8] = SecureRandom.bytes(nonceByteCount)
    ) -> [UInt8] {
        precondition(key.count == keyByteCount && nonce.count == nonceByteCount, "AES-256-GCM's lengths")
        var ciphertext = [UInt8](repeating: 0, count: plaintext.count)
        var tag = [UInt8](repeating: 0, count: tagByteCount)
        var count: Int32 = 0
        var rest: Int32 = 0
        // What OpenSSL writes at the end has no bytes in this mode, but it wants a place for them.
        var end = [UInt8](repeating: 0, count: tagByteCount)
        guard let context = EVP_CIPHER_CTX_new() else { preconditionFailure("out of memory") }
        defer { EVP_CIPHER_CTX_free(context) }
        let isSealed =
            EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1
            && EVP_EncryptUpdate(context, &ciphertext, &count, plaintext, Int32(plaintext.count)) == 1
            && EVP_EncryptFinal_ex(context, &end, &rest) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagByteCount), &tag) == 1
        precondition(isSealed && count == ciphertext.count && rest == 0, "libcrypto cannot encrypt")
        return nonce + ciphertext + tag
    }

    /// Decrypts what `seal` made; nil when it was changed, or made with another key.
    package static func open(_ sealed: [UInt8], key: [UInt8]) -> [UInt8]? {
        guard key.count == keyByteCount, sealed.count >= nonceByteCount + tagByteCount,
            let context = EVP_CIPHER_CTX_new()
        else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        let nonce = Array(sealed.prefix(nonceByteCount))
        let ciphertext = Array(sealed.dropFirst(nonceByteCount).dropLast(tagByteCount))
        var tag = Array(sealed.suffix(tagByteCount))
        var plaintext = [UInt8](repeating: 0, count: ciphertext.count)
        var count: Int32 = 0
        var rest: Int32 = 0
        var end = [UInt8](repeating: 0, count: tagByteCount)
        let isGenuine =
            EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1
            && EVP_DecryptUpdate(context, &plaintext, &count, ciphertext, Int32(ciphertext.count)) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagByteCount), &tag) == 1
            && EVP_DecryptFinal_ex(context, &end, &rest) == 1
        guard isGenuine else {
            ERR_clear_error()
            return nil
        }
        return plaintext
    }
}
