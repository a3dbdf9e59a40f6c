internal import PosternCore
internal import PosternIdentity

/// What must hold for any key set.
enum KeySetProbe {
    static func fault(of text: [UInt8]) -> String? {
        guard let keySet = try? KeySet.parse(text) else {
            return (try? KeySet.parse(text)) == nil ? nil : "a key set was refused, and read the second time"
        }
        guard let again = try? KeySet.parse(keySet.document), again.identity == keySet.identity else {
            return "two readings of one key set differ"
        }
        guard (1...KeySet.countLimit).contains(keySet.keys.count) else { return "\(keySet.keys.count) keys" }
        let elements = elements(of: text)
        guard keySet.keys.count + keySet.skipped.count == elements.count else { return "a key got lost" }
        guard Set(keySet.skipped.map(\.index)).count == keySet.skipped.count else { return "a key was skipped twice" }
        for element in elements where element.objectValue?["d"] != nil || element.objectValue?["k"] != nil {
            guard keySet.keys.count < elements.count else { return "a private key was taken" }
        }
        for key in keySet.keys where key.algorithm.map({ !key.fits($0) }) ?? false {
            return "a key does not fit its own algorithm"
        }
        return faultOfKeeping(keySet)
    }

    private static func elements(of text: [UInt8]) -> [JSONValue] {
        let limits = JSONParser.Limits(bytes: KeySet.byteLimit, depth: 8)
        return (try? JSONParser.parse(text, limits: limits))?.objectValue?["keys"]?.arrayValue ?? []
    }

    /// What is kept comes back.
    private static func faultOfKeeping(_ keySet: KeySet) -> String? {
        guard let origin = KeptProbe.origin else { return "there is no origin" }
        let bytes = KeptKeySet.encode(keySet, of: origin, fetchedAt: KeptProbe.now)
        guard bytes.count <= KeptKeySet.byteLimit else { return "a key set does not fit the file that keeps it" }
        let kept = try? KeptKeySet.read(bytes, of: origin, now: KeptProbe.now)
        return kept?.keySet.identity == keySet.identity ? nil : "a key set that was kept comes back as another"
    }
}

/// What must hold for any file with a key set that was kept.
enum KeptProbe {
    /// When the files of the corpus are a minute old.
    static let now = Timestamp(seconds: 1_795_224_640)
    static let origin = KeptKeySet.Origin(
        IssuerSettings(name: "ci", issuer: "https://issuer.example", audience: "a"),
        caFile: nil
    )

    static func fault(of text: [UInt8]) -> String? {
        guard let origin, let kept = try? KeptKeySet.read(text, of: origin, now: now) else { return nil }
        guard kept.fetchedAt <= now, now <= kept.fetchedAt.advanced(by: KeySetCache.staleLimit) else {
            return "a file was believed that is not of the last day"
        }
        let again = KeptKeySet.encode(kept.keySet, of: origin, fetchedAt: kept.fetchedAt)
        guard let read = try? KeptKeySet.read(again, of: origin, now: now) else { return "it cannot be kept once more" }
        return read.keySet.document == kept.keySet.document ? nil : "two readings of one file differ"
    }
}
