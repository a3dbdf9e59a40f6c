package import PosternCore

/// When to fetch an issuer's keys, how long to trust them, and what to answer meanwhile.
///
/// It fetches nothing: it says when somebody must, one fetch at a time. Whoever is told to fetch reports
/// `fetchSucceeded`, `fetchConfirmed` or `fetchFailed`, in every case.
///
/// A set that was kept on disk is offered at the start. It counts only when the first fetch has failed: an issuer that
/// answers may have withdrawn a key meanwhile.
package struct KeySetCache: Sendable {
    /// The default without `max-age`, and the bounds around what the issuer asks for.
    package static let defaultFreshness: Duration = .seconds(600)
    package static let leastFreshness: Duration = .seconds(60)
    package static let mostFreshness: Duration = .seconds(3600)
    /// The least time between two fetches that tokens ask for (an unknown key id, a bad signature).
    package static let cooldown: Duration = .seconds(30)
    /// How long a key id that a fetch did not bring stays unknown without another fetch.
    package static let unknownKeyIDMemory: Duration = .seconds(60)
    package static let unknownKeyIDLimit = 64
    /// How long keys are trusted after the last good fetch when none succeeds since.
    package static let staleLimit: Duration = .seconds(24 * 3600)
    package static let longestBackoffSeconds = 60

    package enum State: Sendable {
        /// No keys: nothing was fetched yet, or too long ago.
        /// Can transition to: `holding`.
        case empty
        /// Keys that tokens are checked with.
        /// Can transition to: `holding` with new keys, `empty` after `staleLimit`.
        case holding(Holding)
    }

    package struct Holding: Sendable {
        package let keySet: KeySet
        /// Whether it is the one that was kept on disk, and no fetch has succeeded yet.
        package let isKept: Bool
        /// Since when it is held, and how long ago the issuer had given or confirmed it then. A kept set may be older
        /// than what the monotonic clock can tell.
        fileprivate let since: MonotonicTime
        fileprivate let ageThen: Duration
        fileprivate let refreshAt: MonotonicTime
        fileprivate let freshUntil: MonotonicTime

        /// Since the issuer last gave or confirmed it.
        package func age(now: MonotonicTime) -> Duration { ageThen + now.since(since) }

        /// Whether it is older than the issuer's `max-age`, or what stands in for it, allows.
        package func isStale(now: MonotonicTime) -> Bool { now >= freshUntil }
    }

    package enum Fetch: Hashable, Sendable {
        /// Can transition to: `underWay`.
        case idle
        /// Can transition to: `idle` on success, `backingOff` on failure.
        case underWay
        /// Can transition to: `underWay` from `until` on.
        case backingOff(until: MonotonicTime)
    }

    /// What a login does about its key.
    package enum Lookup: Sendable {
        /// Check with this key. With `refresh` somebody must also fetch, while nobody waits.
        case use(VerificationKey, KeySet.Identity, refresh: Bool)
        /// Fetch, then ask once more with `afterFetch`.
        case fetch
        /// Wait for the fetch under way, then ask once more with `afterFetch`.
        case wait
        case refuse(TokenRefusal.Reason)
    }

    /// What a login does about a signature that its key does not confirm.
    package enum Recourse: Hashable, Sendable {
        /// The issuer may have put another key under the id: fetch and look again.
        case fetch
        case wait
        case refuse
    }

    package enum Schedule: Hashable, Sendable {
        case fetch
        /// Ask again then.
        case sleep(until: MonotonicTime)
        /// A fetch is under way: ask again when it has ended.
        case wait
    }

    package private(set) var state: State = .empty
    package private(set) var fetch: Fetch = .idle
    /// Why the last fetch failed; nil after a good one.
    package private(set) var lastError: String?
    private var failures = 0
    private var kept: Holding?
    private var lastDemand: MonotonicTime?
    private var unknownKeyIDs: [(keyID: String?, until: MonotonicTime)] = []

    package init() {}

    package var keySet: KeySet? {
        switch state {
        case .empty: nil
        case .holding(let holding): holding.keySet
        }
    }

    /// What is held, unless it is older than `staleLimit` by now.
    package func holding(now: MonotonicTime) -> Holding? {
        switch state {
        case .empty: nil
        case .holding(let holding): holding.age(now: now) > Self.staleLimit ? nil : holding
        }
    }

    /// There is a set that was kept on disk.
    ///
    /// - Parameter age: since the issuer last gave or confirmed it.
    package mutating func offerKept(_ keySet: KeySet, age: Duration, now: MonotonicTime) {
        guard case .empty = state, failures == 0 else { return }
        kept = Holding(keySet: keySet, isKept: true, since: now, ageThen: age, refreshAt: now, freshUntil: now)
    }

    /// A token needs its key.
    ///
    /// - Parameter afterFetch: whether it has waited for a fetch already; then it is not told to do so again.
    package mutating func keyNeeded(for header: TokenHeader, afterFetch: Bool, now: MonotonicTime) -> Lookup {
        expire(now)
        switch state {
        case .empty:
            if afterFetch { return .refuse(.noKeys) }
            switch fetch {
            case .underWay: return .wait
            case .backingOff(let until) where now < until: return .refuse(.noKeys)
            case .idle, .backingOff:
                fetch = .underWay
                return .fetch
            }
        case .holding(let holding):
            if let key = holding.keySet.key(for: header) {
                return .use(key, holding.keySet.identity, refresh: now >= holding.refreshAt && beginFetch(now))
            }
            if afterFetch {
                rememberUnknown(header.keyID, now)
                return .refuse(.unknownKey)
            }
            guard !isKnownUnknown(header.keyID, now) else { return .refuse(.unknownKey) }
            switch demandFetch(now) {
            case .fetch: return .fetch
            case .wait: return .wait
            case .refuse: return .refuse(.unknownKey)
            }
        }
    }

    /// The key that a token names did not confirm its signature.
    ///
    /// Some issuers replace the key under an unchanged id (Jenkins): one throttled fetch finds out.
    package mutating func signatureFailed(now: MonotonicTime) -> Recourse {
        demandFetch(now)
    }

    /// A fetch brought a set.
    ///
    /// - Parameters:
    ///   - maxAge: of Cache-Control, less the reply's Age; nil without one.
    ///   - jitter: from 0 to 1, so that gateways that started together do not fetch together.
    package mutating func fetchSucceeded(_ keySet: KeySet, maxAge: Duration?, now: MonotonicTime, jitter: Double) {
        hold(keySet, maxAge: maxAge, now: now, jitter: jitter)
        unknownKeyIDs = unknownKeyIDs.filter { !keySet.names($0.keyID) }
    }

    /// The issuer says that the set held is still the one (HTTP 304).
    package mutating func fetchConfirmed(maxAge: Duration?, now: MonotonicTime, jitter: Double) {
        switch state {
        case .empty: fetchFailed("nothing was held that could be confirmed", now: now, jitter: jitter)
        case .holding(let holding): hold(holding.keySet, maxAge: maxAge, now: now, jitter: jitter)
        }
    }

    /// A fetch brought nothing usable. What is held stays, until `staleLimit`.
    package mutating func fetchFailed(_ error: String, now: MonotonicTime, jitter: Double) {
        lastError = error
        failures += 1
        if case .empty = state, let kept {
            state = .holding(kept)
            expire(now)
        }
        kept = nil
        let base = min(1 << min(failures - 1, 6), Self.longestBackoffSeconds)
        // Between 75 % and 100 % of 1, 2, 4 … 60 seconds.
        let delay = Duration.milliseconds(Int64(Double(base) * 1000 * (1 - 0.25 * jitter.clampedToUnit)))
        fetch = .backingOff(until: now.advanced(by: delay))
    }

    /// The source may have changed and is cheap to read again (a file, at reload).
    ///
    /// - Returns: whether somebody must fetch; false while a fetch is under way.
    package mutating func sourceChanged() -> Bool {
        if fetch == .underWay { return false }
        fetch = .underWay
        return true
    }

    /// Time has passed: the background's question what to do next.
    package mutating func tick(now: MonotonicTime) -> Schedule {
        expire(now)
        if fetch == .underWay { return .wait }
        let due = max(refreshAt, backoffEnd)
        guard now >= due else { return .sleep(until: due) }
        fetch = .underWay
        return .fetch
    }

    private var refreshAt: MonotonicTime {
        switch state {
        case .empty: MonotonicTime(nanoseconds: 0)
        case .holding(let holding): holding.refreshAt
        }
    }

    private var backoffEnd: MonotonicTime {
        switch fetch {
        case .idle, .underWay: MonotonicTime(nanoseconds: 0)
        case .backingOff(let until): until
        }
    }

    private mutating func beginFetch(_ now: MonotonicTime) -> Bool {
        switch fetch {
        case .underWay: return false
        case .backingOff(let until) where now < until: return false
        case .idle, .backingOff:
            fetch = .underWay
            return true
        }
    }

    private mutating func demandFetch(_ now: MonotonicTime) -> Recourse {
        if fetch == .underWay { return .wait }
        if let lastDemand, now < lastDemand.advanced(by: Self.cooldown) { return .refuse }
        guard beginFetch(now) else { return .refuse }
        lastDemand = now
        return .fetch
    }

    private mutating func hold(_ keySet: KeySet, maxAge: Duration?, now: MonotonicTime, jitter: Double) {
        let fresh = max(Self.leastFreshness, min(maxAge ?? Self.defaultFreshness, Self.mostFreshness))
        let share = 0.8 * (1 - 0.1 * jitter.clampedToUnit)
        let refresh = now.advanced(by: .milliseconds(Int64(fresh.inSeconds * 1000 * share)))
        state = .holding(
            Holding(
                keySet: keySet,
                isKept: false,
                since: now,
                ageThen: .zero,
                refreshAt: refresh,
                freshUntil: now.advanced(by: fresh)
            )
        )
        kept = nil
        fetch = .idle
        failures = 0
        lastError = nil
    }

    private mutating func expire(_ now: MonotonicTime) {
        switch state {
        case .empty: break
        case .holding(let holding):
            if holding.age(now: now) > Self.staleLimit { state = .empty }
        }
    }

    private mutating func rememberUnknown(_ keyID: String?, _ now: MonotonicTime) {
        guard !isKnownUnknown(keyID, now) else { return }
        if unknownKeyIDs.count == Self.unknownKeyIDLimit { unknownKeyIDs.removeFirst() }
        unknownKeyIDs.append((keyID, now.advanced(by: Self.unknownKeyIDMemory)))
    }

    private mutating func isKnownUnknown(_ keyID: String?, _ now: MonotonicTime) -> Bool {
        unknownKeyIDs.removeAll { now >= $0.until }
        return unknownKeyIDs.contains { $0.keyID == keyID }
    }
}

extension KeySet {
    /// Whether a token with this key id may find its key here.
    fileprivate func names(_ keyID: String?) -> Bool {
        keyID == nil || keys.contains { $0.keyID == keyID }
    }
}

extension Double {
    fileprivate var clampedToUnit: Double { Swift.max(0, Swift.min(self, 1)) }
}
