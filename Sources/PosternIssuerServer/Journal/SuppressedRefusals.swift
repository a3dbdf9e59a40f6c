package import PosternJournal

/// The refusals that get no record of their own: how many there were, why, and of how many addresses. Whoever sends them
/// does not choose how much is remembered.
package struct SuppressedRefusals: Sendable {
    /// Addresses are told apart up to this many.
    package static let countedSources = 1000
    /// There are fewer reasons; this is what holds if one day there are not.
    private static let countedReasons = 64

    package private(set) var total: UInt64 = 0
    private var reasons: [String: UInt64] = [:]
    private var sources: Set<String> = []

    package init() {}

    package mutating func count(_ refusal: IssuerRefuse) {
        total += 1
        // What is said of a build names what the build has; the other reasons are a few fixed texts.
        let reason = refusal.stage == .request ? refusal.reason : refusal.stage.rawValue
        let isNew = reasons[reason] == nil
        reasons[isNew && reasons.count >= Self.countedReasons ? "other" : reason, default: 0] += 1
        if sources.count < Self.countedSources { sources.insert(refusal.address ?? "") }
    }

    package var summary: IssuerRefuseSummary {
        IssuerRefuseSummary(count: total, sources: sources.count, reasons: reasons)
    }
}
