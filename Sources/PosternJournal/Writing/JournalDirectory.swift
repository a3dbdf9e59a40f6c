internal import Glibc
internal import PosternCore
package import PosternCrypto
internal import Synchronization

/// A gateway's journal on disk: the folder, its lock, the key that signs checkpoints.
///
/// ```
/// lock             held while a gateway writes here
/// signing.key      the private key, 0600, made on the first start unless the configuration names one
/// checkpoint.pub   its public half, or the key that endorses those of single runs
/// keys/ID.key      each endorsement
/// text.key         the key of `text_mac`, 0600, made on the first start
/// NAME-000001.jsonl, NAME-000002.jsonl …   a chain's records
/// NAME.state       how the chain's last writer left it
/// NAME.retained    which of the chain's records were removed because they were old enough
/// policies/HASH/   each policy snapshot that was in force
/// key-sets/        issuers' key sets, for a start without them (`KeptKeySets`)
/// ```
package final class JournalDirectory: Sendable {
    package let path: String
    package let key: SigningKey
    package let keyID: String
    /// What lies beside the journal for auditors: the key itself, or the one that vouches for it.
    package let published: VerifyingKey
    private let trusted: Mutex<TrustedKeys>
    package let textKey: TextKey
    package let heads = JournalHeads()
    package let shipped = ShippedFiles()
    private let lock: Int32

    /// Opens the folder, making what is missing, and keeps everybody else from writing to it.
    ///
    /// - Parameter signingKeyFile: a private key in PEM; nil for the folder's own.
    package convenience init(path: String, signingKeyFile: String?) throws(JournalError) {
        try self.init(path: path, signer: signingKeyFile.map { .file($0) } ?? .ownKey)
    }

    /// Opens the folder, making what is missing, and keeps everybody else from writing to it. Blocks for as long as the
    /// signer does.
    ///
    /// - Throws: when somebody writes to it already, when a key is readable by others, or the system refuses.
    package init(path: String, signer: JournalSigner) throws(JournalError) {
        try Self.makeDirectory(path)
        lock = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        self.path = path
        guard lock >= 0 else { throw .last("opening `\(path)/lock`") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw JournalError(
                "another process writes to the journal `\(path)`",
                hint: "give each gateway an `audit.directory` of its own"
            )
        }
        let keys = try JournalKeys(signer, directory: path)
        key = keys.signing
        published = keys.published
        trusted = Mutex(keys.trust)
        keyID = Checkpoint.keyID(of: key.publicKey)
        textKey = try TextKey.take(from: path)
        try Files.replace(path + "/checkpoint.pub", with: keys.published.pem, mode: 0o644)
    }

    deinit { close(lock) }

    /// Whose signatures on the folder's own files count.
    var trust: TrustedKeys { trusted.withLock(\.self) }

    /// The key of this id, when it may sign this record of the chain: what a verifier with the published key believes.
    ///
    /// Looks into the folder again for a key that is unknown: an endorsement may have been brought back.
    package func key(
        _ keyID: String,
        of chain: ChainID,
        at seq: UInt64
    ) throws(JournalReadError) -> VerifyingKey? {
        if !trust.knows(keyID) {
            let found = try JournalTrust(directory: path, roots: [published]).keys
            trusted.withLock { $0 = found }
        }
        return trust.key(keyID, of: chain, at: seq)
    }

    private static func makeDirectory(_ path: String) throws(JournalError) {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else { throw JournalError("`\(path)` is not a directory") }
            return
        }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .last("making `\(path)`") }
    }

    /// Keeps a policy snapshot's files under the snapshot's hash, so that an auditor can read the rules of the day.
    ///
    /// `manifest` beside them has the bytes that the hash is of: `path NUL sha256 LF` for each file. The folder is there
    /// with all its files, or not at all.
    package func keepPolicies(hash: String, files: [(path: String, contents: [UInt8])]) throws(JournalError) {
        let folder = path + "/policies/" + hash
        var status = stat()
        if stat(folder, &status) == 0 { return }
        let unfinished = path + "/policies/." + hash
        try Self.makeDirectory(path + "/policies")
        try Self.makeDirectory(unfinished)
        var manifest: [UInt8] = []
        for (index, file) in files.enumerated() {
            // Paths come from a folder walk and hold no `..`; slashes would need folders of their own.
            let name = file.path.split(separator: "/").joined(separator: "__")
            try Files.replace("\(unfinished)/\(index)-\(name)", with: file.contents, mode: 0o600)
            manifest += Array(file.path.utf8) + [0] + Hex.encode(Digest.sha256.hash(file.contents)).utf8 + [0x0A]
        }
        try Files.replace(unfinished + "/manifest", with: manifest, mode: 0o600)
        guard rename(unfinished, folder) == 0 else { throw .last("making `\(folder)`") }
        Files.syncDirectory(of: folder)
    }

    /// Bytes that the file system has left for us, nil when it does not say.
    package var freeBytes: Int? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }
}

extension JournalError {
    /// The disk has not said for a while whether it took what was written.
    package static func slowDisk(path: String) -> JournalError {
        JournalError("the disk under `\(path)` has not taken records for seconds")
    }

    /// The file system has less room than the configuration wants kept.
    package static func short(of wanted: Int, path: String) -> JournalError {
        JournalError(
            "`\(path)` has less than \(wanted >> 20) MiB left",
            hint: "make room, or lower `audit.min_free`"
        )
    }
}
