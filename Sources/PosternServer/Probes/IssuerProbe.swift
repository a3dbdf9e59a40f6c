package import PosternConfiguration
internal import PosternCore
internal import PosternIdentity
internal import PosternNet

/// Gets the key set of every issuer once, as the gateway would, and says what is in it.
package struct IssuerProbe: Sendable {
    /// A key that tokens can be checked with.
    package struct Key: Hashable, Sendable {
        package let keyID: String?
        /// `RSA`, `P-256`, `P-384`, `P-521` or `Ed25519`.
        package let type: String
        /// The one algorithm that the key is for, where it says so.
        package let algorithm: String?
    }

    /// A key that no token can be checked with.
    package struct SkippedKey: Hashable, Sendable {
        /// The position in the set, from 0.
        package let index: Int
        package let keyID: String?
        package let reason: String
    }

    package struct Keys: Hashable, Sendable {
        package let keys: [Key]
        package let skipped: [SkippedKey]
        /// `max-age` of the reply; nil when it does not say, and for files.
        package let freshness: Duration?
    }

    /// The key set that a gateway has kept on disk.
    package struct Kept: Hashable, Sendable {
        package let keys: [Key]
        /// Since the issuer gave or confirmed it to a gateway.
        package let age: Duration
    }

    package struct Report: Sendable {
        package let issuer: String
        package let result: Result<Keys, ProbeFailure>
        /// What a gateway that starts now would go by while the issuer does not answer.
        package let kept: Kept?
    }

    private let fetcher: any KeySetFetching
    private let pool: BlockingPool

    package init(fetcher: any KeySetFetching = KeySetFetcher()) {
        self.fetcher = fetcher
        pool = BlockingPool(label: "postern.check.issuers", threads: 8)
    }

    /// - Parameter journal: the folder of the journal, where a gateway keeps key sets.
    /// - Returns: one report for each issuer, in their order.
    package func run(_ issuers: [IssuerConfiguration], journal: String) async -> [Report] {
        let keeper = KeySetKeeper(directory: journal)
        return await ProbeFailure.gather(issuers) { configuration in
            let issuer = IssuerDirectory.Issuer(configuration)
            let kept = await kept(issuer.settings, keeper)
            let result = await ProbeFailure.catching { try await fetch(issuer) }
            return Report(issuer: configuration.name, result: result, kept: kept)
        }
    }

    private func kept(_ settings: IssuerSettings, _ keeper: KeySetKeeper) async -> Kept? {
        let found = try? await pool.run { () -> Kept? in
            guard let origin = keeper.origin(of: settings) else { return nil }
            guard let kept = keeper.keySet(of: settings.name, origin) else { return nil }
            return Kept(keys: kept.keySet.keys.map(Key.init), age: kept.age)
        }
        return found ?? nil
    }

    private func fetch(_ issuer: IssuerDirectory.Issuer) async throws -> Keys {
        let request = KeySetRequest(settings: issuer.settings, authorization: issuer.authorization, tag: nil)
        switch try await pool.run({ [fetcher] in try fetcher.fetch(request) }) {
        case .keySet(let keySet, let freshness, _):
            return Keys(
                keys: keySet.keys.map(Key.init),
                skipped: keySet.skipped.map {
                    SkippedKey(index: $0.index, keyID: $0.keyID, reason: $0.reason.rawValue)
                },
                freshness: freshness
            )
        case .unchanged:
            // Nothing was asked about an earlier set.
            throw ProbeFailure("the issuer answered that its keys have not changed, which was not asked")
        }
    }
}

extension IssuerProbe.Key {
    fileprivate init(_ key: VerificationKey) {
        self.init(keyID: key.keyID, type: key.kind.rawValue, algorithm: key.algorithm?.rawValue)
    }
}
