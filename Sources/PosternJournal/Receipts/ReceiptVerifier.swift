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
    /// What is wrong, for a person.
    package let problems: [String]

    package var isGood: Bool { problems.isEmpty }
}

/// Checks a receipt: with a public key alone, against journals, or both.
package struct ReceiptVerifier {
    private let keys: [VerifyingKey]?
    private let directories: [String]
    private static let keySize = 16 * 1024

    /// - Parameters:
    ///   - keys: whose signatures count; nil for the keys that lie beside the journals.
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
        var problems: [String] = []
        let keys: [VerifyingKey]
        if let given = self.keys {
            keys = given
        } else if let found {
            keys = try Self.key(of: found.directory)
        } else {
            keys = []
        }
        if !keys.contains(where: { receipt.isSigned(by: $0) }) {
            problems.append("the signature is not that of \(self.keys == nil ? "the journal's key" : "a given key")")
        }
        if let found {
            problems += try Self.compare(receipt, found.files)
        } else if !directories.isEmpty {
            problems.append("no journal given holds the chain \(receipt.position.chain)")
        }
        return ReceiptReport(
            receipt: receipt,
            attestation: self.keys == nil ? .selfAttested : .key,
            directory: found?.directory,
            problems: problems
        )
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

    private static func key(of directory: String) throws(JournalReadError) -> [VerifyingKey] {
        let path = directory + "/" + JournalFiles.keyFile
        guard let pem = try JournalReader.contents(of: path, limit: keySize) else {
            throw JournalReadError("`\(path)` is not there")
        }
        guard let key = VerifyingKey(pem: pem) else {
            throw JournalReadError("`\(path)` is not an Ed25519 public key in PEM")
        }
        return [key]
    }

    private static func compare(_ receipt: Receipt, _ paths: [String]) throws(JournalReadError) -> [String] {
        var comparison = ReceiptComparison(receipt)
        for path in paths where !comparison.isDone {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            let reader = try JournalReader(path: path)
            // A torn last line is a write under way: the receipt's record is whole.
            while !comparison.isDone, let line = try reader.next(), line.ending != .endOfFile {
                comparison.take(line.bytes, place: "\(name):\(line.number)")
            }
        }
        comparison.finish()
        return comparison.problems
    }
}
