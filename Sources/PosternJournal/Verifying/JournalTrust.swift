internal import Glibc
package import PosternCrypto

/// Whose signatures count in a journal's folder: the keys that were given, or the one that lies there, and the keys that
/// these endorsed.
package struct JournalTrust: Sendable {
    package let keys: TrustedKeys
    /// Where endorsements say that chains stood.
    let required: [RequiredRecord]
    /// Files in the place of endorsements that are none.
    let problems: [JournalProblem]
    /// The endorsements' file names, in order.
    private let names: [String]

    private static let keySize = 16 * 1024

    /// - Parameter roots: the keys that were given; nil for the one beside the journal.
    package init(directory: String, roots: [VerifyingKey]?) throws(JournalReadError) {
        let roots = if let roots { roots } else { [try Self.ownKey(directory)] }
        var endorsements: [KeyEndorsement] = []
        var required: [RequiredRecord] = []
        var problems: [JournalProblem] = []
        let folder = directory + "/" + JournalFiles.keyFolder
        names = try Self.names(in: folder)
        for name in names {
            let place = JournalFiles.keyFolder + "/" + name
            let bytes = try JournalReader.contents(of: folder + "/" + name, limit: KeyEndorsement.maximumSize) ?? []
            guard let endorsement = KeyEndorsement(bytes, keys: roots) else {
                let text = "the file is not a key that one of the keys given endorsed"
                problems.append(JournalProblem(.key, at: JournalLocation(file: place), text))
                continue
            }
            endorsements.append(endorsement)
            required += endorsement.heads.map { RequiredRecord($0, kind: .key, source: "`\(place)`") }
        }
        keys = TrustedKeys(roots: roots, endorsements: endorsements)
        self.required = required
        self.problems = problems
    }

    /// Whether a gateway that started meanwhile had another key endorsed.
    func isOutdated(in directory: String) throws(JournalReadError) -> Bool {
        try Self.names(in: directory + "/" + JournalFiles.keyFolder) != names
    }

    private static func names(in folder: String) throws(JournalReadError) -> [String] {
        guard access(folder, F_OK) == 0 else { return [] }
        return try JournalFiles.entries(of: folder).filter { $0.hasSuffix(JournalFiles.keySuffix) }.sorted()
    }

    private static func ownKey(_ directory: String) throws(JournalReadError) -> VerifyingKey {
        try key(in: directory + "/" + JournalFiles.keyFile)
    }

    /// Reads a public key's file.
    package static func key(in path: String) throws(JournalReadError) -> VerifyingKey {
        guard let pem = try JournalReader.contents(of: path, limit: keySize) else {
            throw JournalReadError("`\(path)` is not there")
        }
        guard let key = VerifyingKey(pem: pem) else {
            throw JournalReadError("`\(path)` is not an Ed25519 public key in PEM")
        }
        return key
    }
}
