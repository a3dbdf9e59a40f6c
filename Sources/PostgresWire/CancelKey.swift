internal import PosternCore

/// What names a session in a CancelRequest: BackendKeyData's process id and secret.
package struct CancelKey: Hashable, Sendable {
    /// PostgreSQL 18's limits (`MIN_CANCEL_KEY_LENGTH` is 4 for protocol 3.0, `MAX_CANCEL_KEY_LENGTH` 256).
    package static let secretLengths = 4...256
    /// What a protocol 3.0 peer must get and gives.
    package static let shortLength = 4

    package let processID: Int32
    private let key: Redacted<[UInt8]>

    /// - Returns: nil unless the secret has 4 to 256 bytes.
    package init?(processID: Int32, secret: [UInt8]) {
        guard Self.secretLengths.contains(secret.count) else { return nil }
        self.processID = processID
        key = Redacted(secret)
    }

    /// The secret's bytes; compare them in constant time.
    package func reveal() -> [UInt8] { key.reveal() }
}
