/// Where and how the journal is written.
package struct AuditConfiguration: Hashable, Sendable {
    package enum Sync: String, Hashable, Sendable, CaseIterable {
        /// fsync every 100 ms.
        case interval
        /// fsync before each statement is forwarded.
        case always
    }

    package var directory: String
    package var sync: Sync
    /// The private key's file; nil for one that the gateway makes in the directory on its first start.
    package var signingKeyFile: String?
    /// Bytes after which a journal file is followed by the next.
    package var rotateSize: Int
    /// Free bytes of the file system below which new sessions are refused.
    package var minimumFree: Int
    /// How long records are kept; nil for ever.
    package var retain: Duration?
    /// The auditors' store; nil for none.
    package var postgres: AuditStoreConfiguration?

    package init(
        directory: String,
        sync: Sync = .interval,
        signingKeyFile: String? = nil,
        rotateSize: Int = 256 << 20,
        minimumFree: Int = 1 << 30,
        retain: Duration? = nil,
        postgres: AuditStoreConfiguration? = nil
    ) {
        self.directory = directory
        self.sync = sync
        self.signingKeyFile = signingKeyFile
        self.rotateSize = rotateSize
        self.minimumFree = minimumFree
        self.retain = retain
        self.postgres = postgres
    }
}
