package import PosternCrypto

/// Whose signatures count, and where.
///
/// The keys that the verifier was given count everywhere. A key that one of them endorsed for a run counts from where the
/// chains stood then up to where the next run's endorsement says that they stood: whoever gets hold of a run's key can
/// neither rewrite what was before nor sign what came after.
package struct TrustedKeys: Sendable {
    private let roots: [String: VerifyingKey]
    private let endorsed: [String: (key: VerifyingKey, endorsement: KeyEndorsement)]
    /// Where endorsements say that a chain stood, in order.
    private let marks: [ChainID: [UInt64]]

    /// - Parameters:
    ///   - roots: the keys that were given.
    ///   - endorsements: what they signed.
    package init(roots: [VerifyingKey], endorsements: [KeyEndorsement] = []) {
        self.roots = Dictionary(roots.map { (Checkpoint.keyID(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
        var endorsed: [String: (key: VerifyingKey, endorsement: KeyEndorsement)] = [:]
        var marks: [ChainID: Set<UInt64>] = [:]
        for endorsement in endorsements {
            guard let key = VerifyingKey(raw: endorsement.key) else { continue }
            endorsed[endorsement.keyID] = (key, endorsement)
            for head in endorsement.heads { marks[head.chain, default: []].insert(head.seq) }
        }
        self.endorsed = endorsed
        self.marks = marks.mapValues { $0.sorted() }
    }

    /// Whether a key of this id is known at all.
    func knows(_ keyID: String) -> Bool { roots[keyID] != nil || endorsed[keyID] != nil }

    /// The key of this id, when it may sign this record of the chain.
    func key(_ keyID: String, of chain: ChainID, at seq: UInt64) -> VerifyingKey? {
        if let root = roots[keyID] { return root }
        guard let (key, endorsement) = endorsed[keyID], mayProve(endorsement, chain, seq) else { return nil }
        return key
    }

    /// All keys that may sign this record of the chain.
    func keys(of chain: ChainID, at seq: UInt64) -> [VerifyingKey] {
        roots.values + endorsed.values.filter { mayProve($0.endorsement, chain, seq) }.map(\.key)
    }

    private func mayProve(_ endorsement: KeyEndorsement, _ chain: ChainID, _ seq: UInt64) -> Bool {
        let start = endorsement.heads.first { $0.chain == chain }?.seq
        if let start, seq <= start { return false }
        let end = marks[chain]?.first { mark in start.map { mark > $0 } ?? true }
        return end.map { seq <= $0 } ?? true
    }
}
