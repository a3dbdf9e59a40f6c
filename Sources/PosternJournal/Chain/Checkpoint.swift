package import PosternCore
package import PosternCrypto

/// A signed record: everything in the chain before it is as it was when the gateway signed.
///
/// Its members are `key_id`, `heads` and `signature`, in this order. `key_id` is the lower-case hexadecimal SHA-256 of
/// the 32 bytes of the public key. `heads` says where the gateway's other chains stood at their own last checkpoint:
/// `{"<chain>": {"name": …, "seq": …, "hash": …}, …}`, sorted by chain. `signature` is base64 of the Ed25519 signature
/// over `postern-checkpoint-v1\n<chain>\n<seq>\n<prev>\n<hex SHA-256 of the heads value's bytes>\n`, where seq and prev
/// are the checkpoint's own and the value's bytes go from its `{` to its `}`.
package struct Checkpoint {
    package static let event = "journal.checkpoint"

    package let keyID: String
    package let heads: JSONObject
    package let signature: [UInt8]

    /// The text that the signature is over.
    package static func message(
        chain: ChainID,
        seq: UInt64,
        prev: RecordHash,
        heads: some Collection<UInt8>
    ) -> [UInt8] {
        let digest = Hex.encode(Digest.sha256.hash(heads))
        return Array("postern-checkpoint-v1\n\(chain)\n\(seq)\n\(prev)\n\(digest)\n".utf8)
    }

    /// What checkpoints and state files call a key.
    package static func keyID(of key: VerifyingKey) -> String {
        Hex.encode(Digest.sha256.hash(key.raw))
    }

    /// Signs the state of `chain`, of which the checkpoint will be the next record.
    package init(of chain: HashChain, heads: JSONObject, key: SigningKey, keyID: String) {
        self.keyID = keyID
        self.heads = heads
        let bytes = Array(JSONValue.object(heads).text.utf8)
        signature = key.sign(Self.message(chain: chain.id, seq: chain.seq, prev: chain.prev, heads: bytes))
    }

    package func encode(into writer: inout JSONWriter) {
        writer.name("key_id")
        writer.string(keyID)
        writer.name("heads")
        writer.value(.object(heads))
        writer.name("signature")
        writer.string(Base64.encode(signature))
    }
}

/// A checkpoint as a verifier reads it: the bytes that were signed, not a new spelling of them.
package struct CheckpointText {
    package let keyID: String
    package let signature: [UInt8]
    private let heads: [UInt8]

    private static let keyIDName = Array("\"key_id\":\"".utf8)
    private static let headsName = Array("\",\"heads\":".utf8)
    private static let signatureName = Array(",\"signature\":\"".utf8)
    /// 64 bytes in base64.
    private static let signatureLength = 88
    /// A gateway has a chain for each core and few others.
    private static let headsLimits = JSONParser.Limits(bytes: 1 << 20, depth: 3, values: 100_000)

    /// - Parameters:
    ///   - line: the record's line without its line feed.
    ///   - frame: the same line's frame.
    /// - Returns: nil when the record's own members are not a checkpoint's.
    package init?(_ line: [UInt8], frame: RecordFrame) {
        var cursor = Cursor(bytes: Array(line[frame.fields]))
        guard cursor.take(Self.keyIDName) else { return nil }
        let keyID = cursor.take(count: RecordHash.textLength)
        guard keyID.count == RecordHash.textLength, keyID.allSatisfy(HexDigit.isLowerCase),
            cursor.take(Self.headsName)
        else { return nil }
        let tail = cursor.bytes.count - Self.signatureName.count - Self.signatureLength - 1
        guard tail > cursor.offset else { return nil }
        heads = Array(cursor.bytes[cursor.offset..<tail])
        cursor.offset = tail
        guard cursor.take(Self.signatureName),
            let signature = Base64.decode(cursor.take(count: Self.signatureLength), .standard),
            cursor.take([UInt8(ascii: "\"")]), cursor.offset == cursor.bytes.count
        else { return nil }
        self.keyID = String(decoding: keyID, as: UTF8.self)
        self.signature = signature
    }

    /// Whether `key` signed this checkpoint at this place of the chain.
    package func isSigned(by key: VerifyingKey, frame: RecordFrame) -> Bool {
        key.verifies(
            signature,
            of: Checkpoint.message(chain: frame.chain, seq: frame.seq, prev: frame.prev, heads: heads)
        )
    }

    /// Where the other chains stood; nil when the member is not as `Checkpoint` describes it.
    package var otherHeads: [(name: String, position: RecordPosition)]? {
        guard let object = try? JSONParser.parse(heads, limits: Self.headsLimits).objectValue else { return nil }
        var result: [(name: String, position: RecordPosition)] = []
        for member in object.members {
            guard let chain = ChainID(Array(member.name.utf8)), let head = member.value.objectValue,
                let name = head["name"]?.stringValue, case .number(let seq)? = head["seq"],
                let seq = UInt64(seq.text), let text = head["hash"]?.stringValue,
                let hash = RecordHash(Array(text.utf8))
            else { return nil }
            result.append((name, RecordPosition(chain: chain, seq: seq, hash: hash)))
        }
        return result
    }
}
