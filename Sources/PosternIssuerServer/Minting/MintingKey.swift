package import PosternCore
internal import PosternCrypto
package import PosternIssuer

/// A key that signs tokens, and what is published of it.
package struct MintingKey: Sendable {
    private static let bits: UInt32 = 2048

    package let published: PublishedKey
    /// PKCS #8: what libjwt signs with, and what lies on the disk.
    package let pem: Redacted<[UInt8]>

    /// Makes a new key: a tenth of a second of work, never on an event loop.
    package init() {
        self.init(RSAKey(bits: Self.bits))
    }

    /// - Returns: nil when it is not an RSA key of at least 2048 bits.
    package init?(pem: [UInt8]) {
        guard let key = RSAKey(pem: pem), key.bits >= Self.bits else { return nil }
        self.init(key)
    }

    private init(_ key: RSAKey) {
        published = PublishedKey(key)
        pem = Redacted(key.privatePEM)
    }
}
