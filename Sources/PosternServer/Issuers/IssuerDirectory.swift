package import PosternCore
package import PosternIdentity
internal import PosternNet
internal import Synchronization

/// The configured issuers and their keys: fetched, refreshed and replaced here, read from every loop.
///
/// Each issuer has one `KeySetCache`, which decides; this class fetches on a pool of its own when it says so, and
/// keeps logins waiting meanwhile: those of this issuer alone. `stop` ends the background work.
package final class IssuerDirectory: Sendable {
    package struct Issuer: Sendable {
        package let settings: IssuerSettings
        package let authorization: IssuerAuthorization?

        package init(settings: IssuerSettings, authorization: IssuerAuthorization? = nil) {
            self.settings = settings
            self.authorization = authorization
        }
    }

    /// The key for a token, and what the answer will be remembered under.
    package struct Match: Sendable {
        package let key: VerificationKey
        package let issuer: TokenMemory.Issuer
        /// Whether a fetch has just brought it.
        package let waited: Bool
    }

    /// Fetches that are under way at once: one for each issuer, of which few gateways have more than ten.
    package static let fetchLimit = 64

    let state = Mutex(State())
    let fetcher: any KeySetFetching
    let keeper: KeySetKeeper?
    /// Fetches alone run here. An issuer that does not answer holds a thread for 5 s, and signatures are checked
    /// meanwhile.
    let pool: BlockingPool
    let clock: @Sendable () -> MonotonicTime

    /// - Parameters:
    ///   - keeper: keeps key sets on disk; nil keeps none.
    ///   - threads: fetches that run at once, each for 5 s at most.
    ///   - clock: for tests.
    package init(
        fetcher: any KeySetFetching = KeySetFetcher(),
        keeper: KeySetKeeper? = nil,
        threads: Int = fetchLimit,
        clock: (@Sendable () -> MonotonicTime)? = nil
    ) {
        self.fetcher = fetcher
        self.keeper = keeper
        pool = BlockingPool(label: "postern.keys", threads: threads)
        self.clock = clock ?? { SteadyClock.now() }
    }

    /// Takes the issuers of a configuration. Those whose settings did not change keep their keys; key sets in files
    /// are read again.
    ///
    /// - Precondition: names are unique, and so are issuer URLs (of two the first counts).
    package func replace(_ issuers: [Issuer]) {
        var started: [(name: String, generation: UInt64)] = []
        let (jobs, ended) = state.withLock { state -> ([Job], [Entry]) in
            var old = state.entries
            var jobs: [Job] = []
            state.entries = [:]
            state.names = [:]
            for issuer in issuers {
                let name = issuer.settings.name
                if state.names[issuer.settings.issuer] == nil { state.names[issuer.settings.issuer] = name }
                var entry: Entry
                if let kept = old[name], kept.issuer.settings == issuer.settings {
                    old[name] = nil
                    entry = kept
                    entry.update(issuer)
                    if case .file = issuer.settings.keys, entry.cache.sourceChanged() { jobs.append(entry.job(name)) }
                } else {
                    state.generations += 1
                    entry = Entry(issuer: issuer, generation: state.generations)
                    started.append((name, entry.generation))
                }
                state.entries[name] = entry
            }
            return (jobs, Array(old.values))
        }
        for entry in ended {
            entry.background?.cancel()
            for waiter in entry.waiters { waiter.resume() }
        }
        for job in jobs { launch(job) }
        for (name, generation) in started { startBackground(name, generation) }
    }

    /// Forgets all issuers and ends the background work.
    package func stop() { replace([]) }

    /// The settings and key set of an issuer as they are now; nil without keys. Never waits.
    package func current(_ name: String) -> TokenMemory.Issuer? {
        let now = clock()
        return state.withLock { state in
            guard let entry = state.entries[name], let holding = entry.cache.holding(now: now) else { return nil }
            state.noteUse(of: name, now)
            return TokenMemory.Issuer(settings: entry.issuer.settings, keySet: holding.keySet.identity)
        }
    }

    package func status() -> [IssuerStatus] {
        let now = clock()
        return state.withLock { state in
            state.entries.sorted { $0.key < $1.key }.map { name, entry in
                let holding = entry.cache.holding(now: now)
                return IssuerStatus(
                    name: name,
                    keySet: holding?.keySet,
                    age: holding?.age(now: now),
                    isStale: holding?.isStale(now: now) ?? false,
                    isKept: holding?.isKept ?? false,
                    lastError: entry.cache.lastError,
                    sinceLastFailure: entry.failedAt.map { now.since($0) },
                    fetches: entry.fetches,
                    staleUses: entry.staleUses
                )
            }
        }
    }

    /// The key that a token's header names. Waits for at most one fetch, and anew after a reload.
    package func key(for token: CompactToken) async -> Result<Match, TokenRefusal> {
        var afterFetch = false
        while true {
            let step = state.withLock { state in state.lookUp(token, afterFetch: afterFetch, now: clock()) }
            switch step {
            case .done(let result, let job):
                if let job { launch(job) }
                return result
            case .wait(let name, let generation, let job):
                if let job { launch(job) }
                afterFetch = await fetchEnd(name, generation)
            }
        }
    }

    /// Another key for a token that `failed` did not confirm: an issuer may have replaced it under the same id.
    /// Waits for at most one fetch, and fetches at most once in 30 s.
    package func replacement(for failed: VerificationKey, of token: CompactToken) async -> Match? {
        func other() -> Match? {
            let step = state.withLock { state in state.lookUp(token, afterFetch: true, now: clock()) }
            guard case .done(let result, let job) = step else { return nil }
            if let job { launch(job) }
            guard case .success(let match) = result, match.key.fingerprint != failed.fingerprint else { return nil }
            return match
        }
        if let match = other() { return match }
        let step = state.withLock { state -> (String, UInt64, Job?)? in
            guard let name = state.names[token.unverifiedIssuer], let entry = state.entries[name],
                let recourse = state.entries[name]?.cache.signatureFailed(now: clock())
            else { return nil }
            switch recourse {
            case .fetch: return (name, entry.generation, entry.job(name))
            case .wait: return (name, entry.generation, nil)
            case .refuse: return nil
            }
        }
        guard let (name, generation, job) = step else { return nil }
        if let job { launch(job) }
        await fetchEnd(name, generation)
        return other()
    }
}
