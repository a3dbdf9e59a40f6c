internal import PosternCore

/// What is fed: a reader of what strangers send, or what a broken server may answer.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// SQL, for the parser and the walk over its tree.
    case sql
    /// A token, for everything up to its claims.
    case token
    /// What a client says in OAUTHBEARER.
    case bearer
    /// A JWK set.
    case keys
    /// An issuer's metadata.
    case discovery
    /// A key set that was kept on disk.
    case kept

    package var vocabulary: Vocabulary {
        switch self {
        case .sql: .sql
        case .bearer: .bearer
        case .token, .keys, .discovery, .kept: .json
        }
    }

    /// What the names of the files end with that hold texts to begin with.
    var suffix: String {
        switch self {
        case .sql: ".sql"
        case .token: ".tokens"
        case .bearer: ".bearer"
        case .keys: ".keys"
        case .discovery: ".discovery"
        case .kept: ".kept"
        }
    }

    /// - Returns: what does not hold for a text, whatever it is; nil when all does.
    package func fault(of text: [UInt8]) -> String? {
        switch self {
        case .sql: Probe.fault(of: text)
        case .token: TokenProbe.fault(of: text)
        case .bearer: BearerProbe.fault(of: text)
        case .keys: KeySetProbe.fault(of: text)
        case .discovery: DiscoveryProbe.fault(of: text)
        case .kept: KeptProbe.fault(of: text)
        }
    }
}
