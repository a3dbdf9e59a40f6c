/// Where and how the journal is written.
package struct AuditConfiguration: Hashable, Sendable {
    package enum Sync: String, Hashable, Sendable, CaseIterable {
        /// fsync every 100 ms.
        case interval
        /// fsync before each statement is forwarded.
        case always
    }

    /// Where the key that signs checkpoints is.
    package enum SigningKey: Hashable, Sendable {
        /// The gateway makes one in the directory on its first start.
        case own
        /// A private key's file.
        case file(String)
        /// A command that signs with a key that it does not hand out, and the file of that key's public half.
        case command(arguments: [String], publicKeyFile: String)
    }

    package var directory: String
    package var sync: Sync
    package var signingKey: SigningKey
    /// Bytes after which a journal file is followed by the next.
    package var rotateSize: Int
    /// Free bytes of the file system below which new sessions are refused.
    package var minimumFree: Int
    /// How long records are kept at least, in the journal and in the store; nil for ever.
    package var retain: Duration?
    /// The auditors' store; nil for none.
    package var postgres: AuditStoreConfiguration?

    package init(
        directory: String,
        sync: Sync = .interval,
        signingKey: SigningKey = .own,
        rotateSize: Int = 256 << 20,
        minimumFree: Int = 1 << 30,
        retain: Duration? = nil,
        postgres: AuditStoreConfiguration? = nil
    ) {
        self.directory = directory
        self.sync = sync
        self.signingKey = signingKey
        self.rotateSize = rotateSize
        self.minimumFree = minimumFree
        self.retain = retain
        self.postgres = postgres
    }
}
