package import PosternCore
package import PosternCrypto

/// What `keys/ID.key` says: one key, made by a gateway for one run, may sign checkpoints from here on.
///
/// ```
/// postern-key-v1
/// <time, RFC 3339>
/// <base64 of the key's 32 bytes>
/// <chain> <seq> <hash>          for each chain that there was: its last record
/// <base64 of the signature>
/// ```
///
/// The signature is the Ed25519 one of the key that vouches, which a key service keeps, over
/// `postern-key-v1\n<time>\n<base64 of the key>\n<hex SHA-256 of the chains' lines, line feeds included>\n`: short, since
/// key services sign no more than 4 KiB. Because it names where each chain stood, it vouches for all that was written
/// before as well: the key of a run can rewrite nothing but its own.
package struct KeyEndorsement: Hashable, Sendable {
    package let time: String
    /// The 32 bytes of the run's key.
    package let key: [UInt8]
    /// Sorted by chain; each chain once.
    package let heads: [RecordPosition]

    private static let header = "postern-key-v1"
    /// A gateway has a chain for each core and few others.
    package static let maximumSize = 1 << 20

    package init(time: Timestamp, key: VerifyingKey, heads: [RecordPosition]) {
        self.time = time.rfc3339
        self.key = key.raw
        self.heads = heads.sorted { $0.chain.description < $1.chain.description }
    }

    package var keyID: String { Hex.encode(Digest.sha256.hash(key)) }

    private var start: String { "\(Self.header)\n\(time)\n\(Base64.encode(key))\n" }
    private var headLines: [UInt8] { Array(heads.map { "\($0.chain) \($0.seq) \($0.hash)\n" }.joined().utf8) }

    /// What is signed: below 200 bytes.
    package var message: [UInt8] { Array("\(start)\(Hex.encode(Digest.sha256.hash(headLines)))\n".utf8) }

    /// The file's bytes.
    package func text(signature: [UInt8]) -> [UInt8] {
        Array(start.utf8) + headLines + Array("\(Base64.encode(signature))\n".utf8)
    }

    /// Reads such a file.
    ///
    /// - Returns: nil when it is none, or none of `keys` signed it.
    package init?(_ bytes: [UInt8], keys: [VerifyingKey]) {
        guard bytes.count <= Self.maximumSize else { return nil }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count >= 5, lines[lines.count - 1].isEmpty, lines[0].elementsEqual(Self.header.utf8),
            let key = Base64.decode(lines[2], .standard), VerifyingKey(raw: key) != nil,
            let signature = Base64.decode(lines[lines.count - 2], .standard)
        else { return nil }
        time = String(decoding: lines[1], as: UTF8.self)
        self.key = key
        var heads: [RecordPosition] = []
        for line in lines[3..<(lines.count - 2)] {
            let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            guard words.count == 3, let chain = ChainID(words[0]), let position = RecordPosition(chain, words[1...])
            else { return nil }
            heads.append(position)
        }
        self.heads = heads
        // What is read must be the one spelling of itself: the signature is over that.
        let message = message
        guard text(signature: signature) == bytes, keys.contains(where: { $0.verifies(signature, of: message) }) else {
            return nil
        }
    }
}

extension RecordPosition {
    /// Takes `<seq>` and `<hash>` as the journal's small files have them.
    init?(_ chain: ChainID, _ words: ArraySlice<ArraySlice<UInt8>>) {
        guard words.count == 2, let seqText = words.first, let hashText = words.last else { return nil }
        var cursor = Cursor(bytes: Array(seqText))
        guard let seq = cursor.takeDecimal(), cursor.offset == seqText.count, let hash = RecordHash(hashText)
        else { return nil }
        self.init(chain: chain, seq: seq, hash: hash)
    }

    /// `CHAIN:SEQ:HASH`, as heads are kept elsewhere.
    package var text: String { "\(chain):\(seq):\(hash)" }

    /// Reads `CHAIN:SEQ:HASH`; nil when it is anything else.
    package init?(text: String) {
        let words = Array(text.utf8).split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard words.count == 3, let chain = ChainID(words[0]) else { return nil }
        self.init(chain, words[1...])
    }
}
