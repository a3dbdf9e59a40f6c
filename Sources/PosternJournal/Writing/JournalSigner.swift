internal import Glibc
package import PosternCore
internal import PosternCrypto

/// Which key signs a journal's checkpoints.
package enum JournalSigner: Sendable {
    /// One that lies in the journal's folder, made on the first start.
    case ownKey
    /// A private key in PEM.
    case file(String)
    /// One that is made in memory for this run and never written anywhere. A key service vouches for it once: it signs an
    /// endorsement (see `KeyEndorsement`), and never hands its own key out.
    ///
    /// - Parameters:
    ///   - publicKey: the service's public key in PEM, a file.
    ///   - now: when the endorsement begins to hold.
    ///   - sign: has the message signed, 200 bytes at most. Returns the 64 bytes, or base64 of them with a line feed or
    ///     without.
    case endorsed(publicKey: String, now: Timestamp, sign: @Sendable (_ message: [UInt8]) throws -> [UInt8])
}

/// The key of a run, and whose signatures the run believes.
struct JournalKeys {
    let signing: SigningKey
    let trust: TrustedKeys
    /// What lies beside the journal for auditors.
    let published: VerifyingKey

    private static let maximumSize = 16 * 1024
    private static let signatureLength = 64

    init(_ signer: JournalSigner, directory: String) throws(JournalError) {
        switch signer {
        case .ownKey: try self.init(directory + "/signing.key", mayMake: true)
        case .file(let path): try self.init(path, mayMake: false)
        case .endorsed(let publicKey, let now, let sign):
            try self.init(publicKey: publicKey, now: now, sign: sign, directory: directory)
        }
    }

    private init(_ path: String, mayMake: Bool) throws(JournalError) {
        if let pem = try Files.read(path, limit: Self.maximumSize, isPrivate: true) {
            guard let key = SigningKey(pem: pem) else {
                throw JournalError("`\(path)` is not an Ed25519 private key in PEM")
            }
            self.init(key)
            return
        }
        guard mayMake else { throw JournalError("the signing key `\(path)` is not there") }
        let key = SigningKey()
        try Files.replace(path, with: key.privatePEM, mode: 0o600)
        self.init(key)
    }

    private init(_ key: SigningKey) {
        signing = key
        published = key.publicKey
        trust = TrustedKeys(roots: [key.publicKey])
    }

    private init(
        publicKey path: String,
        now: Timestamp,
        sign: @Sendable ([UInt8]) throws -> [UInt8],
        directory: String
    ) throws(JournalError) {
        do throws(JournalReadError) {
            published = try JournalTrust.key(in: path)
            try Self.check(directory, vouchedForBy: published)
        } catch {
            throw JournalError(error.description)
        }
        signing = SigningKey()
        let endorsement = KeyEndorsement(time: now, key: signing.publicKey, heads: try Self.heads(in: directory))
        let signature: [UInt8]
        do {
            signature = Self.signature(try sign(endorsement.message))
        } catch {
            throw JournalError("the key of this run cannot be endorsed: \(error)")
        }
        guard published.verifies(signature, of: endorsement.message) else {
            throw JournalError(
                "the command of `audit.signing_key` did not sign with the key whose public half is `\(path)`",
                hint: "it must sign its standard input with Ed25519 and print the signature, as it is or in base64"
            )
        }
        let folder = directory + "/" + JournalFiles.keyFolder
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .last("making `\(folder)`") }
        let file = folder + "/" + endorsement.keyID + JournalFiles.keySuffix
        try Files.replace(file, with: endorsement.text(signature: signature), mode: 0o600)
        Files.syncDirectory(of: folder)
        do throws(JournalReadError) {
            trust = try JournalTrust(directory: directory, roots: [published]).keys
        } catch {
            throw JournalError(error.description)
        }
    }

    /// A folder that another key's chains are in is left as it is: nothing of it could be continued.
    private static func check(_ directory: String, vouchedForBy root: VerifyingKey) throws(JournalReadError) {
        let trust = try JournalTrust(directory: directory, roots: [root]).keys
        for chain in try JournalFiles(directory: directory).chains where chain.hasState {
            let path = directory + "/" + chain.stateFile
            guard let bytes = try JournalReader.contents(of: path, limit: ChainState.maximumSize),
                ChainState(bytes, trust: trust) == nil
            else { continue }
            throw JournalReadError("`\(path)` is not signed by a key that `audit.signing_key.public_key` vouches for")
        }
    }

    /// The signature that a command printed.
    private static func signature(_ output: [UInt8]) -> [UInt8] {
        guard output.count != signatureLength else { return output }
        let text = output.last == UInt8(ascii: "\n") ? output.dropLast() : output[...]
        return Base64.decode(text, .standard) ?? []
    }

    /// Where the folder's chains end, on the disk: an endorsement must not name what a loss of power could take.
    private static func heads(in directory: String) throws(JournalError) -> [RecordPosition] {
        let files: JournalFiles
        do throws(JournalReadError) {
            files = try JournalFiles(directory: directory)
        } catch {
            throw JournalError(error.description)
        }
        var heads: [RecordPosition] = []
        for chain in files.chains {
            for name in chain.files.reversed() {
                let file = try JournalFile(path: directory + "/" + name, mayMake: false)
                guard fdatasync(file.descriptor) == 0 else { throw .last("syncing `\(file.path)`") }
                guard let head = try ChainRecovery.scan(file).head else { continue }
                heads.append(head)
                break
            }
        }
        return heads
    }
}
