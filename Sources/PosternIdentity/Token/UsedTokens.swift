package import PosternCore

/// The tokens that have opened a session where one is all that they may open.
///
/// A token is known until it could no longer log in anywhere. Bounded: what cannot be remembered is refused, because
/// to forget a token is to take it twice. It lives as long as the process and is nobody else's: another gateway, or
/// this one after a restart, does not know what was used here.
package struct UsedTokens: Sendable {
    /// What a token is known by: a digest, from which it cannot be had back.
    package struct Key: Hashable, Sendable {
        fileprivate let digest: [UInt8]
    }

    package enum Verdict: Hashable, Sendable {
        /// It is used from now on.
        case accepted
        case usedBefore
        /// There is no room to remember it.
        case full
    }

    /// Some 10 MB; more than a gateway's roles with one token a session begin in an hour.
    package static let defaultCapacity = 65_536
    /// Below this many nothing is cleared away: it costs more than it frees.
    private static let clearingFloor = 1024

    private let capacity: Int
    /// Until when each must be known.
    private var ends: [Key: Timestamp] = [:]
    /// What is over is cleared away when there are this many.
    private var clearAt = clearingFloor
    private var lastCleared: Timestamp?

    /// - Parameter capacity: at least 1.
    package init(capacity: Int = defaultCapacity) {
        self.capacity = max(1, capacity)
    }

    package var count: Int { ends.count }

    /// Uses a token, unless it was used before.
    ///
    /// - Parameter end: until when the token could log in.
    package mutating func use(_ key: Key, until end: Timestamp, now: Timestamp) -> Verdict {
        if let known = ends[key], now < known { return .usedBefore }
        if ends.count >= min(clearAt, capacity) { clear(now) }
        guard ends[key] != nil || ends.count < capacity else { return .full }
        ends[key] = end
        return .accepted
    }

    /// The session for which it was used did not begin.
    package mutating func giveBack(_ key: Key) {
        ends[key] = nil
    }

    /// All of them are looked at: at most once a second when it is full, else when they have doubled.
    private mutating func clear(_ now: Timestamp) {
        if ends.count >= capacity, let lastCleared, now >= lastCleared, now < lastCleared.advanced(by: .seconds(1)) {
            return
        }
        lastCleared = now
        ends = ends.filter { now < $0.value }
        clearAt = max(Self.clearingFloor, ends.count * 2)
    }
}

extension UsedTokens.Key {
    /// A token is the same when issuer and `jti` are; without `jti`, when what its issuer signed is.
    package init(_ token: VerifiedToken) {
        digest = token.useDigest
    }
}
