package import PosternCore
package import PosternCrypto

/// Why a file is no receipt. The text is for the person who asked.
package struct ReceiptError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A receipt as a verifier reads it: the bytes that were signed, not a new spelling of them.
///
/// That it can be read says nothing about who wrote it: ask `isSigned`.
package struct Receipt: Sendable {
    package let members: JSONObject
    package let session: SessionID
    /// The record of its issue, up to which it speaks.
    package let position: RecordPosition
    package let keyID: String
    private let signature: [UInt8]
    /// Everything before `,"signature":`.
    private let body: [UInt8]
    /// Everything before `,"journal":`.
    private let statement: [UInt8]

    private static let limits = JSONParser.Limits(bytes: ReceiptFormat.maximumSize, depth: 8, values: 20_000)

    /// - Parameter file: one receipt; white space around it, as terminals and editors leave it, is no part of it.
    package init(_ file: [UInt8]) throws(ReceiptError) {
        guard file.count <= ReceiptFormat.maximumSize else {
            throw ReceiptError("a receipt takes \(ReceiptFormat.maximumSize) bytes at most")
        }
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || 0x09...0x0D ~= $0 }
        let bytes = Array(file.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
        do throws(JSONParser.Failure) {
            guard let object = try JSONParser.parse(bytes, limits: Self.limits).objectValue else {
                throw JSONParser.Failure(reason: "no object", offset: 0)
            }
            members = object
        } catch {
            throw ReceiptError("this is no JSON object that can be read in one way only: \(error)")
        }
        guard members["v"]?.numberValue?.text == String(ReceiptFormat.version) else {
            throw ReceiptError("this is no receipt of version \(ReceiptFormat.version)")
        }
        guard members.members.map(\.name) == ReceiptFormat.members else {
            throw ReceiptError("its members are not a receipt's, or in another order")
        }
        guard let session = members["session"]?.stringValue.flatMap({ SessionID($0) }),
            let place = members["journal"]?.objectValue, let position = Self.position(place),
            let keyID = members["key_id"]?.stringValue,
            let signature = members["signature"]?.stringValue.flatMap({ Base64.decode(Array($0.utf8), .standard) })
        else { throw ReceiptError("its session, place in the journal, key or signature cannot be read") }
        self.session = session
        self.position = position
        self.keyID = keyID
        self.signature = signature
        // The end must be the one spelling of itself: what is before it was signed and recorded as it stands.
        let end = ReceiptFormat.signature(signature)
        let middle = ReceiptFormat.place(position, keyID: keyID)
        guard bytes.count > end.count + middle.count, bytes.suffix(end.count).elementsEqual(end),
            bytes.dropLast(end.count).suffix(middle.count).elementsEqual(middle)
        else { throw ReceiptError("its last members are not spelled as a receipt's are") }
        body = bytes.dropLast(end.count)
        statement = body.dropLast(middle.count)
    }

    private static func position(_ place: JSONObject) -> RecordPosition? {
        guard let chain = place["chain"]?.stringValue.flatMap({ ChainID(Array($0.utf8)) }),
            let seq = place["seq"]?.numberValue.flatMap({ UInt64($0.text) }),
            let hash = place["hash"]?.stringValue.flatMap({ RecordHash(Array($0.utf8)) })
        else { return nil }
        return RecordPosition(chain: chain, seq: seq, hash: hash)
    }

    /// Whether `key` signed exactly these bytes.
    package func isSigned(by key: VerifyingKey) -> Bool {
        Checkpoint.keyID(of: key) == keyID && key.verifies(signature, of: ReceiptFormat.message(over: body))
    }

    /// What the record of its issue has as `digest`.
    var digest: String { Hex.encode(Digest.sha256.hash(statement)) }

    /// Whether it counts what the tally does.
    func counts(_ tally: ReceiptTally) -> Bool {
        var writer = JSONWriter()
        writer.beginObject()
        tally.encode(into: &writer)
        return statement.suffix(writer.bytes.count - 1).elementsEqual(writer.bytes.dropFirst())
    }
}
