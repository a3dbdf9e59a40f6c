internal import PosternCore
package import PosternCrypto

/// What `NAME.state` says about a chain's end: four lines of text, the last of them a signature.
///
/// ```
/// postern-state-v1
/// <chain>
/// open | open <seq> <hash> | closed <seq> <hash>
/// <base64 of the Ed25519 signature over the three lines above, their line feeds included>
/// ```
///
/// `open` with a position names the record after which the writer took the chain up: a chain that has lost that record
/// is broken even while its end is open. A chain's first writer has no such record.
package struct ChainState: Hashable, Sendable {
    package enum Status: Hashable, Sendable {
        /// A writer is at work, or died.
        case open(after: RecordPosition?)
        /// The writer stopped cleanly after this record: any other end is a broken chain.
        case closed(RecordPosition)
    }

    package let chain: ChainID
    package let status: Status

    package init(chain: ChainID, status: Status) {
        self.chain = chain
        self.status = status
    }

    private static let header = "postern-state-v1"
    /// Far more than four lines need.
    package static let maximumSize = 1024

    private var statement: [UInt8] {
        let text =
            switch status {
            case .open(after: nil): "open"
            case .open(after: .some(let head)): "open \(head.seq) \(head.hash)"
            case .closed(let head): "closed \(head.seq) \(head.hash)"
            }
        return Array("\(Self.header)\n\(chain)\n\(text)\n".utf8)
    }

    /// The file's bytes.
    package func signed(by key: SigningKey) -> [UInt8] {
        statement + Base64.encode(key.sign(statement)).utf8 + [UInt8(ascii: "\n")]
    }

    /// Reads a state file.
    ///
    /// - Returns: nil when the text is not a state or none of `keys` signed it.
    package init?(_ bytes: [UInt8], keys: [VerifyingKey]) {
        self.init(bytes, trust: TrustedKeys(roots: keys))
    }

    /// Reads a state file.
    ///
    /// - Returns: nil when the text is not a state, or no key signed it that may at that place of the chain.
    package init?(_ bytes: [UInt8], trust: TrustedKeys) {
        guard bytes.count <= Self.maximumSize else { return nil }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count == 5, lines[4].isEmpty, lines[0].elementsEqual(Self.header.utf8),
            let chain = ChainID(lines[1]), let status = Self.status(lines[2], chain: chain),
            let signature = Base64.decode(lines[3], .standard)
        else { return nil }
        self.chain = chain
        self.status = status
        // What is read must be the one spelling of itself: the signature is over that.
        let statement = statement
        let seq =
            switch status {
            case .open(let after): after.map { $0.seq &+ 1 } ?? 0
            case .closed(let last): last.seq
            }
        guard bytes.starts(with: statement),
            trust.keys(of: chain, at: seq).contains(where: { $0.verifies(signature, of: statement) })
        else { return nil }
    }

    private static func status(_ line: ArraySlice<UInt8>, chain: ChainID) -> Status? {
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard let verb = words.first.map({ String(decoding: $0, as: UTF8.self) }) else { return nil }
        if words.count == 1 { return verb == "open" ? .open(after: nil) : nil }
        guard words.count == 3, let seq = UInt64(String(decoding: words[1], as: UTF8.self)),
            let hash = RecordHash(words[2])
        else { return nil }
        let position = RecordPosition(chain: chain, seq: seq, hash: hash)
        switch verb {
        case "open": return .open(after: position)
        case "closed": return .closed(position)
        default: return nil
        }
    }
}
