package import PosternConfiguration
internal import PosternIdentity
internal import PosternNet

/// Gets the key set of every issuer once, as the gateway would, and says what is in it.
package struct IssuerProbe: Sendable {
    /// A key that no token can be checked with.
    package struct SkippedKey: Hashable, Sendable {
        /// The position in the set, from 0.
        package let index: Int
        package let keyID: String?
        package let reason: String
    }

    package struct Keys: Hashable, Sendable {
        /// One for each usable key; nil for a key without an id.
        package let keyIDs: [String?]
        package let skipped: [SkippedKey]
    }

    package struct Report: Sendable {
        package let issuer: String
        package let result: Result<Keys, ProbeFailure>
    }

    private let fetcher: any KeySetFetching
    private let pool: BlockingPool

    package init(fetcher: any KeySetFetching = KeySetFetcher()) {
        self.fetcher = fetcher
        pool = BlockingPool(label: "postern.check.issuers", threads: 8)
    }

    /// - Returns: one report for each issuer, in their order.
    package func run(_ issuers: [IssuerConfiguration]) async -> [Report] {
        await ProbeFailure.gather(issuers) { issuer in
            Report(issuer: issuer.name, result: await ProbeFailure.catching { try await fetch(issuer) })
        }
    }

    private func fetch(_ configuration: IssuerConfiguration) async throws -> Keys {
        let issuer = IssuerDirectory.Issuer(configuration)
        let request = KeySetRequest(settings: issuer.settings, authorization: issuer.authorization, tag: nil)
        switch try await pool.run({ [fetcher] in try fetcher.fetch(request) }) {
        case .keySet(let keySet, _, _):
            return Keys(
                keyIDs: keySet.keys.map(\.keyID),
                skipped: keySet.skipped.map {
                    SkippedKey(index: $0.index, keyID: $0.keyID, reason: $0.reason.rawValue)
                }
            )
        case .unchanged:
            // Nothing was asked about an earlier set.
            throw ProbeFailure("the issuer answered that its keys have not changed, which was not asked")
        }
    }
}
