package import PosternCore

/// Decides whether the token at hand is good for one more login, or another is needed first.
///
/// How long a token is good for is counted from when it came, by the monotonic clock: a runner's own clock is often wrong,
/// and what the token says of its own length is not.
package struct TokenKeeper: Sendable {
    package enum Choice: Sendable {
        /// Log in with it. `isFresh`: no login has used it.
        case use(JobToken, isFresh: Bool)
        /// Fetch one; say so by `fetched`.
        case fetch
        case fail(JobTrouble)
    }

    /// A login takes a fraction of a second, and the gateway allows for skewed clocks on its own.
    private static let reserve = Duration.seconds(30)
    /// A token that does not say how long it lives.
    private static let assumedLifetime = Duration.seconds(60)
    /// How far the runner's clock may be ahead before a token that cannot be renewed counts as expired.
    private static let skew = Duration.seconds(60)

    private let source: TokenSource
    private let system: CISystem
    private var token: JobToken?
    private var goodUntil = MonotonicTime(nanoseconds: 0)
    private var wasUsed = false

    package init(_ source: TokenSource, system: CISystem) {
        self.source = source
        self.system = system
    }

    /// What a login that begins now does.
    ///
    /// - Parameter fresh: the gateway refused the token at hand, and another may be granted: one that may be used only once.
    package mutating func next(now: MonotonicTime, date: Timestamp, fresh: Bool = false) -> Choice {
        guard let token else { return .fetch }
        switch source {
        case .variable, .once:
            if let expires = token.expires, expires.advanced(by: Self.skew) < date { return .fail(expired(expires)) }
        case .file:
            // Whoever keeps the file knows when.
            guard !wasUsed else { return .fetch }
        case .command, .service:
            guard now < goodUntil, !(fresh && wasUsed) else { return .fetch }
        }
        defer { wasUsed = true }
        return .use(token, isFresh: !wasUsed)
    }

    /// A token came.
    ///
    /// - Parameter now: when it did.
    package mutating func fetched(_ token: JobToken, now: MonotonicTime) {
        self.token = token
        wasUsed = false
        let lifetime = token.lifetime ?? Self.assumedLifetime
        let reserve = lifetime > Self.reserve * 4 ? Self.reserve : lifetime / 4
        goodUntil = now.advanced(by: lifetime - reserve)
    }

    private func expired(_ moment: Timestamp) -> JobTrouble {
        let hint =
            system == .gitlab
            ? "GitLab's tokens live as long as the job's timeout: raise `timeout:` of the job"
            : "\(source.description) cannot be asked for another one: give one that lives as long as the job"
        return JobTrouble("the token expired at \(moment.rfc3339)", hint: hint)
    }
}
