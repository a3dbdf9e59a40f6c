internal import PosternCore
package import PosternCrypto

/// Who signs receipts: the key that signs the journal's checkpoints.
package struct ReceiptSigner: Sendable {
    package let gateway: String
    package let key: SigningKey
    package let keyID: String

    package init(gateway: String, key: SigningKey, keyID: String) {
        self.gateway = gateway
        self.key = key
        self.keyID = keyID
    }
}

/// How the end of a receipt is spelled.
///
/// `…,"journal":{"chain":…,"seq":…,"hash":…},"key_id":…,"signature":…}`. The signature is base64 of the Ed25519 signature
/// over `postern-receipt-v1\n<lower-case hexadecimal SHA-256 of the bytes before ,"signature":>\n`.
enum ReceiptFormat {
    static let version = 1
    /// 256 objects, 32 denials and a run's words take far less.
    static let maximumSize = 512 * 1024
    /// All of them, in this order; `run` and `identity` have the journal's.
    static let members = [
        "v", "gateway", "session", "issued", "role", "database", "login", "identity", "run", "policy_hash",
        "statements", "outcomes", "transactions", "rows", "notes", "withheld", "would_deny", "denied", "denials",
        "objects", "objects_left_out", "journal", "key_id", "signature",
    ]

    static func place(_ position: RecordPosition, keyID: String) -> [UInt8] {
        let place = "{\"chain\":\"\(position.chain)\",\"seq\":\(position.seq),\"hash\":\"\(position.hash)\"}"
        return Array(",\"journal\":\(place),\"key_id\":\"\(keyID)\"".utf8)
    }

    static func signature(_ signature: [UInt8]) -> [UInt8] {
        Array(",\"signature\":\"\(Base64.encode(signature))\"}".utf8)
    }

    static func message(over body: some Collection<UInt8>) -> [UInt8] {
        Array("postern-receipt-v1\n\(Hex.encode(Digest.sha256.hash(body)))\n".utf8)
    }
}
