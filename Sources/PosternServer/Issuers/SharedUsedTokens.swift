internal import PosternCore
internal import PosternIdentity
internal import Synchronization

/// The tokens of roles with `single_use` that were used, for all loops. A look-up: fit for an event loop.
final class SharedUsedTokens: Sendable {
    private let tokens = Mutex(UsedTokens())

    /// Uses a token, unless it was used before.
    func use(_ key: UsedTokens.Key, until end: Timestamp, now: Timestamp) -> UsedTokens.Verdict {
        tokens.withLock { $0.use(key, until: end, now: now) }
    }

    /// The session for which it was used did not begin.
    func giveBack(_ key: UsedTokens.Key) {
        tokens.withLock { $0.giveBack(key) }
    }
}
