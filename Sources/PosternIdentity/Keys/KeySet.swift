internal import PosternCore
internal import PosternCrypto

/// An issuer's keys (RFC 7517 section 5): those that can check tokens, and what became of the others.
package struct KeySet: Sendable {
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case tooLarge
        case malformed(String)
        case tooManyKeys
        case noUsableKey([SkippedKey])

        package var description: String {
            switch self {
            case .tooLarge: "the key set has more than \(KeySet.byteLimit) bytes"
            case .malformed(let reason): "the key set is malformed: \(reason)"
            case .tooManyKeys: "the key set has more than \(KeySet.countLimit) keys"
            case .noUsableKey(let skipped):
                "the key set has no usable key"
                    + skipped.prefix(4).map { "; key \($0.index): \($0.reason.rawValue)" }.joined()
            }
        }
    }

    package static let byteLimit = 262_144
    package static let countLimit = 100
    /// How many keys of different kinds may share an id.
    package static let sharedKeyIDLimit = 4

    /// A name for the content. It changes when any usable key does, and with it what was remembered under it ends.
    package struct Identity: Hashable, Sendable {
        private let digest: [UInt8]

        fileprivate init(_ keys: [VerificationKey]) {
            let fingerprints = keys.map(\.fingerprint).sorted { $0.lexicographicallyPrecedes($1) }
            digest = Digest.sha256.hash(fingerprints.joined())
        }
    }

    /// In the set's order; never empty.
    package let keys: [VerificationKey]
    package let skipped: [SkippedKey]
    package let identity: Identity
    /// What the set was read from, to be kept.
    package let document: [UInt8]

    /// Reads a set. A key that cannot be used is skipped; a set without any usable key is a failure, so that a bad
    /// reply never takes a good set's place. Makes the keys: some milliseconds for a full set.
    package static func parse(_ bytes: [UInt8]) throws(Failure) -> KeySet {
        guard bytes.count <= byteLimit else { throw .tooLarge }
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes, limits: .init(bytes: byteLimit, depth: 8))
        } catch {
            throw .malformed(error.description)
        }
        guard let elements = value.objectValue?["keys"]?.arrayValue else {
            throw .malformed("an object with an array `keys` was expected")
        }
        guard elements.count <= countLimit else { throw .tooManyKeys }
        var found: [(index: Int, key: VerificationKey)] = []
        var skipped: [SkippedKey] = []
        for (index, element) in elements.enumerated() {
            do throws(SkippedKey.Reason) {
                guard let object = element.objectValue else { throw .malformed }
                found.append((index, try VerificationKey(JSONWebKey(object))))
            } catch {
                let keyID = element.objectValue?["kid"]?.stringValue.flatMap { TokenHeader.isKeyID($0) ? $0 : nil }
                skipped.append(SkippedKey(index: index, keyID: keyID, reason: error))
            }
        }
        let ambiguous = ambiguousKeyIDs(found.map(\.key))
        for (index, key) in found where key.keyID.map(ambiguous.contains) ?? false {
            skipped.append(SkippedKey(index: index, keyID: key.keyID, reason: .duplicateKeyID))
        }
        let keys = found.map(\.key).filter { !($0.keyID.map(ambiguous.contains) ?? false) }
        skipped.sort { $0.index < $1.index }
        guard !keys.isEmpty else { throw .noUsableKey(skipped) }
        return KeySet(keys: keys, skipped: skipped, identity: Identity(keys), document: bytes)
    }

    /// The ids that do not name one key for each algorithm.
    private static func ambiguousKeyIDs(_ keys: [VerificationKey]) -> Set<String> {
        var ambiguous: Set<String> = []
        for (keyID, sharing) in Dictionary(grouping: keys, by: \.keyID) {
            guard let keyID, sharing.count > 1 else { continue }
            let unclear = SignatureAlgorithm.allCases.contains { algorithm in
                sharing.count { $0.fits(algorithm) } > 1
            }
            if unclear || sharing.count > sharedKeyIDLimit { ambiguous.insert(keyID) }
        }
        return ambiguous
    }

    /// The key that the header names and that fits its algorithm. A header without a key id gets a key only if no
    /// other would do.
    package func key(for header: TokenHeader) -> VerificationKey? {
        let candidates = keys.filter { key in
            key.fits(header.algorithm) && (header.keyID == nil || key.keyID == header.keyID)
        }
        return candidates.count == 1 ? candidates.first : nil
    }
}
