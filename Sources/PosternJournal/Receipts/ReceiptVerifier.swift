internal import PosternCore
package import PosternCrypto

/// What was found out about a receipt.
package struct ReceiptReport: Sendable {
    package enum Attestation: Hashable, Sendable {
        /// A key from elsewhere signed it.
        case key
        /// The key lay beside the journal: whoever could rewrite the one could rewrite the other.
        case selfAttested
    }

    package let receipt: Receipt
    package let attestation: Attestation
    /// The journal that holds its record; nil when no journal was asked.
    package let directory: String?
    /// The last record of the chain's beginning that retention removed, where the comparison misses it; nil when it
    /// misses nothing. What is gone contradicts nothing, and proves nothing.
    package let removedThrough: UInt64?
    /// What is wrong, for a person.
    package let problems: [String]

    package var isGood: Bool { problems.isEmpty }
}

/// Checks a receipt: with a public key alone, against journals, or both.
package struct ReceiptVerifier {
    private let keys: [VerifyingKey]?
    private let directories: [String]

    /// - Parameters:
    ///   - keys: whose signatures count, and those of the keys that they endorsed beside the journal; nil for the keys
    ///     that lie beside the journals.
    ///   - directories: journals' folders, one of which is to hold its record.
    /// - Precondition: there is at least one of them: nothing can be said of a receipt by itself.
    package init(keys: [VerifyingKey]?, directories: [String]) {
        precondition(keys != nil || !directories.isEmpty, "a key or a journal")
        self.keys = keys
        self.directories = directories
    }

    /// - Throws: when a journal cannot be read. What is wrong with the receipt is in the report.
    package func verify(_ receipt: Receipt) throws(JournalReadError) -> ReceiptReport {
        var found: (directory: String, files: [String])?
        for directory in directories where found == nil {
            if let files = try Self.files(of: receipt.position.chain, in: directory) { found = (directory, files) }
        }
        let trust: TrustedKeys
        if let found {
            trust = try JournalTrust(directory: found.directory, roots: keys).keys
        } else {
            trust = TrustedKeys(roots: keys ?? [])
        }
        var problems: [String] = []
        if let problem = signatureProblem(receipt, trust, hasJournal: found != nil) { problems.append(problem) }
        var removedThrough: UInt64?
        if let found {
            let comparison = try Self.compare(receipt, found.files, try removal(receipt, found.directory, trust))
            problems += comparison.problems
            removedThrough = comparison.removedThrough
        } else if !directories.isEmpty {
            problems.append("no journal given holds the chain \(receipt.position.chain)")
        }
        return ReceiptReport(
            receipt: receipt,
            attestation: keys == nil ? .selfAttested : .key,
            directory: found?.directory,
            removedThrough: removedThrough,
            problems: problems
        )
    }

    /// What is wrong with the signature; nil when a key made it that counts at the receipt's place.
    private func signatureProblem(_ receipt: Receipt, _ trust: TrustedKeys, hasJournal: Bool) -> String? {
        let (id, position) = (receipt.keyID, receipt.position)
        if let key = trust.key(id, of: position.chain, at: position.seq), receipt.isSigned(by: key) { return nil }
        if trust.key(id, of: position.chain, at: position.seq) == nil, trust.knows(id) {
            return "the key \(id) was not endorsed for this place of the chain"
        }
        guard keys != nil else { return "the signature is not that of the journal's key, or of one that it endorsed" }
        guard !trust.knows(id) else { return "the signature is not that of a given key" }
        let file = "`\(JournalFiles.keyFolder)/\(id)\(JournalFiles.keySuffix)`"
        guard !hasJournal else {
            return "the signature is not that of a given key, and no \(file) beside the journal endorses its key"
        }
        return "the signature is not that of a given key; where a key service endorses the gateway's keys, the "
            + "endorsement lies beside the journal as \(file): give the journal's folder as well"
    }

    /// What the folder says that was removed of the receipt's chain, as far as it is signed.
    private func removal(
        _ receipt: Receipt,
        _ directory: String,
        _ trust: TrustedKeys
    ) throws(JournalReadError) -> RecordPosition? {
        for chain in try JournalFiles(directory: directory).chains {
            let path = directory + "/" + JournalFiles.retentionFile(of: chain.name)
            guard let bytes = try JournalReader.contents(of: path, limit: RetentionStatement.maximumSize),
                let statement = RetentionStatement(bytes, trust: trust), statement.chain == receipt.position.chain
            else { continue }
            return statement.removed
        }
        return nil
    }

    /// The paths of the chain's files in their order; nil when the folder does not hold it.
    private static func files(of chain: ChainID, in directory: String) throws(JournalReadError) -> [String]? {
        let files = try JournalFiles(directory: directory)
        for candidate in files.chains {
            let paths = candidate.files.map { files.path(of: $0) }
            for path in paths {
                guard let line = try JournalReader(path: path).next() else { continue }
                if RecordFrame(line.bytes)?.chain == chain { return paths }
                break
            }
        }
        return nil
    }

    private static func compare(
        _ receipt: Receipt,
        _ paths: [String],
        _ removed: RecordPosition?
    ) throws(JournalReadError) -> ReceiptComparison {
        var comparison = ReceiptComparison(receipt, removed: removed)
        for path in paths where !comparison.isDone {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            let reader = try JournalReader(path: path)
            // A torn last line is a write under way: the receipt's record is whole.
            while !comparison.isDone, let line = try reader.next(), line.ending != .endOfFile {
                comparison.take(line.bytes, place: "\(name):\(line.number)")
            }
        }
        comparison.finish()
        return comparison
    }
}
