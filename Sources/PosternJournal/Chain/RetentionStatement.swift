internal import PosternCore
package import PosternCrypto

/// What `NAME.retained` says: the chain's beginning was removed because it was old enough, and nothing else was.
///
/// ```
/// postern-retained-v1
/// <chain>
/// removed <seq> <hash>      the last record that may be missing
/// record <seq> <hash>       the chain's own record of it, `retention.removed`
/// <base64 of the Ed25519 signature over the four lines above, their line feeds included>
/// ```
package struct RetentionStatement: Hashable, Sendable {
    package let removed: RecordPosition
    package let record: RecordPosition

    package var chain: ChainID { removed.chain }

    private static let header = "postern-retained-v1"
    /// Far more than five lines need.
    package static let maximumSize = 1024

    package init(removed: RecordPosition, record: RecordPosition) {
        self.removed = removed
        self.record = record
    }

    private var statement: [UInt8] {
        Array(
            "\(Self.header)\n\(chain)\nremoved \(removed.seq) \(removed.hash)\nrecord \(record.seq) \(record.hash)\n"
                .utf8
        )
    }

    /// The file's bytes.
    package func signed(by key: SigningKey) -> [UInt8] {
        statement + Base64.encode(key.sign(statement)).utf8 + [UInt8(ascii: "\n")]
    }

    /// Reads such a file.
    ///
    /// - Returns: nil when the text is not a statement, or no key signed it that may at that record of the chain.
    package init?(_ bytes: [UInt8], trust: TrustedKeys) {
        guard bytes.count <= Self.maximumSize else { return nil }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count == 6, lines[5].isEmpty, lines[0].elementsEqual(Self.header.utf8),
            let chain = ChainID(lines[1]), let removed = Self.position(lines[2], "removed", chain),
            let record = Self.position(lines[3], "record", chain), removed.seq < record.seq,
            let signature = Base64.decode(lines[4], .standard)
        else { return nil }
        self.init(removed: removed, record: record)
        let statement = statement
        guard bytes.starts(with: statement),
            trust.keys(of: chain, at: record.seq).contains(where: { $0.verifies(signature, of: statement) })
        else { return nil }
    }

    private static func position(_ line: ArraySlice<UInt8>, _ verb: String, _ chain: ChainID) -> RecordPosition? {
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, words[0].elementsEqual(verb.utf8) else { return nil }
        return RecordPosition(chain, words[1...])
    }
}
