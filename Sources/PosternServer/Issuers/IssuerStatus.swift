package import PosternIdentity

/// How an issuer's keys stand, for `/readyz` and metrics.
package struct IssuerStatus: Sendable {
    /// Fetches that have ended, by what they brought.
    package struct Fetches: Hashable, Sendable {
        /// A key set.
        package var loaded: UInt64 = 0
        /// The word that the set at hand is still the one (HTTP 304).
        package var unchanged: UInt64 = 0
        /// Nothing usable.
        package var failed: UInt64 = 0

        package init() {}
    }

    /// The issuer's name in the configuration.
    package let name: String
    /// nil when tokens of the issuer cannot be checked.
    package let keySet: KeySet?
    /// Since the issuer last gave or confirmed its keys; nil without keys.
    package let age: Duration?
    /// Whether the keys are older than the issuer wants them used.
    package let isStale: Bool
    /// Whether the keys are those that were kept on disk, because the issuer has not answered since the start.
    package let isKept: Bool
    /// Why the last fetch failed; nil after a good one.
    package let lastError: String?
    /// Since a fetch last failed; nil when none has.
    package let sinceLastFailure: Duration?
    package let fetches: Fetches
    /// Tokens that were checked, or known from before, while the keys were stale.
    package let staleUses: UInt64

    /// The ids of the usable keys, in the set's order.
    package var keyIDs: [String?] { keySet?.keys.map(\.keyID) ?? [] }
}
