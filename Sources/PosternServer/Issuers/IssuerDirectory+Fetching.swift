internal import PosternCore
internal import PosternIdentity
internal import PosternNet
internal import Synchronization

extension IssuerDirectory {
    struct Entry {
        private(set) var issuer: Issuer
        /// Tells an issuer from one of the same name before a reload.
        let generation: UInt64
        var cache = KeySetCache()
        var tag: KeySetTag?
        /// Logins and the background, until the fetch under way ends. As many as there are unauthenticated
        /// connections, which are bounded.
        var waiters: [CheckedContinuation<Void, Never>] = []
        var background: Task<Void, Never>?
        var fetches = IssuerStatus.Fetches()
        var failedAt: MonotonicTime?
        var staleUses: UInt64 = 0

        init(issuer: Issuer, generation: UInt64) {
            self.issuer = issuer
            self.generation = generation
        }

        /// The same issuer after a reload: its authorization may come from elsewhere now.
        mutating func update(_ issuer: Issuer) {
            self.issuer = issuer
        }

        func job(_ name: String) -> Job {
            let request = KeySetRequest(settings: issuer.settings, authorization: issuer.authorization, tag: tag)
            return Job(name: name, generation: generation, request: request, isFirst: fetches == .init())
        }
    }

    /// A fetch that a cache has asked for.
    struct Job: Sendable {
        let name: String
        let generation: UInt64
        let request: KeySetRequest
        /// No fetch has ended yet: what was kept on disk is looked for.
        let isFirst: Bool
    }

    enum Step {
        case done(Result<Match, TokenRefusal>, Job?)
        case wait(name: String, generation: UInt64, Job?)
    }

    struct State {
        var entries: [String: Entry] = [:]
        /// Names by `iss`. Strings that Unicode calls equal share an entry; `checkHeader` compares bytes.
        var names: [String: String] = [:]
        var generations: UInt64 = 0

        /// A token of the issuer is checked with its keys, or was.
        mutating func noteUse(of name: String, _ now: MonotonicTime) {
            guard entries[name]?.cache.holding(now: now)?.isStale(now: now) ?? false else { return }
            entries[name]?.staleUses &+= 1
        }

        mutating func lookUp(_ token: CompactToken, afterFetch: Bool, now: MonotonicTime) -> Step {
            guard let name = names[token.unverifiedIssuer], let entry = entries[name] else {
                return .done(.failure(TokenRefusal(.unknownIssuer, of: token)), nil)
            }
            // Before the key: a token that is refused anyway must not start a fetch.
            do throws(TokenRefusal) {
                try token.checkHeader(entry.issuer.settings)
            } catch {
                return .done(.failure(error), nil)
            }
            // The copy above is dropped before the cache changes: no copy of its key set is made.
            let (generation, job, settings) = (entry.generation, entry.job(name), entry.issuer.settings)
            switch entries[name]?.cache.keyNeeded(for: token.header, afterFetch: afterFetch, now: now) {
            case .use(let key, let identity, let refresh)?:
                noteUse(of: name, now)
                let issuer = TokenMemory.Issuer(settings: settings, keySet: identity)
                return .done(.success(Match(key: key, issuer: issuer, waited: afterFetch)), refresh ? job : nil)
            case .fetch?: return .wait(name: name, generation: generation, job)
            case .wait?: return .wait(name: name, generation: generation, nil)
            case .refuse(let reason)?: return .done(.failure(TokenRefusal(reason, of: token)), nil)
            case nil: return .done(.failure(TokenRefusal(.unknownIssuer, of: token)), nil)
            }
        }
    }

    /// Fetches on the pool and reports to the cache, in every case.
    func launch(_ job: Job) {
        let accepted = pool.submit { self.carryOut(job) }
        if !accepted { finish(job, .failure(KeySetFetchFailure("the gateway is overloaded"))) }
    }

    private func carryOut(_ job: Job) {
        // Before the fetch: authorities that change during it must not vouch for what came under others.
        let origin = keeper?.origin(of: job.request.settings)
        if job.isFirst, let origin, let kept = keeper?.keySet(of: job.name, origin) {
            state.withLock { state in
                guard state.entries[job.name]?.generation == job.generation else { return }
                state.entries[job.name]?.cache.offerKept(kept.keySet, age: kept.age, now: clock())
            }
        }
        let result: Result<FetchedKeySet, KeySetFetchFailure>
        do throws(KeySetFetchFailure) {
            result = .success(try fetcher.fetch(job.request))
        } catch {
            result = .failure(error)
        }
        // Nobody waits for the disk: those who waited for the keys go on.
        if let keySet = finish(job, result), let origin { keeper?.keep(keySet, of: job.name, origin) }
    }

    /// - Returns: what the issuer has now given or confirmed.
    @discardableResult
    private func finish(_ job: Job, _ result: Result<FetchedKeySet, KeySetFetchFailure>) -> KeySet? {
        let jitter = Double.random(in: 0...1)
        let (waiters, keySet) = state.withLock { state -> ([CheckedContinuation<Void, Never>], KeySet?) in
            // After a reload the reply may be of another issuer; `replace` has woken who waited.
            guard var entry = state.entries[job.name], entry.generation == job.generation else { return ([], nil) }
            let now = clock()
            switch result {
            case .success(.keySet(let keySet, let freshness, let tag)):
                entry.cache.fetchSucceeded(keySet, maxAge: freshness, now: now, jitter: jitter)
                entry.tag = tag
                entry.fetches.loaded &+= 1
            case .success(.unchanged(let freshness)):
                entry.cache.fetchConfirmed(maxAge: freshness, now: now, jitter: jitter)
                entry.fetches.unchanged &+= 1
            case .failure(let failure):
                entry.cache.fetchFailed(failure.description, now: now, jitter: jitter)
                entry.fetches.failed &+= 1
                entry.failedAt = now
            }
            let waiters = entry.waiters
            entry.waiters = []
            state.entries[job.name] = entry
            return (waiters, entry.cache.lastError == nil ? entry.cache.keySet : nil)
        }
        for waiter in waiters { waiter.resume() }
        return keySet
    }

    /// Suspends until the fetch under way has ended, if one is.
    ///
    /// - Returns: false when a reload has ended the wait: the issuer's keys are another fetch's.
    @discardableResult
    func fetchEnd(_ name: String, _ generation: UInt64) async -> Bool {
        await withCheckedContinuation { continuation in
            let waits = state.withLock { state in
                guard let entry = state.entries[name], entry.generation == generation, entry.cache.fetch == .underWay
                else { return false }
                state.entries[name]?.waiters.append(continuation)
                return true
            }
            if !waits { continuation.resume() }
        }
        return state.withLock { $0.entries[name]?.generation == generation }
    }

    /// Keeps an issuer's keys fresh until the issuer goes.
    func startBackground(_ name: String, _ generation: UInt64) {
        let task = Task { await self.keepFresh(name, generation) }
        let isKept = state.withLock { state in
            guard state.entries[name]?.generation == generation else { return false }
            state.entries[name]?.background = task
            return true
        }
        if !isKept { task.cancel() }
    }

    private func keepFresh(_ name: String, _ generation: UInt64) async {
        while !Task.isCancelled {
            let step = state.withLock { state -> (KeySetCache.Schedule, Job)? in
                guard let entry = state.entries[name], entry.generation == generation,
                    let schedule = state.entries[name]?.cache.tick(now: clock())
                else { return nil }
                return (schedule, entry.job(name))
            }
            guard let (schedule, job) = step else { return }
            switch schedule {
            case .fetch:
                launch(job)
                await fetchEnd(name, generation)
            case .wait:
                await fetchEnd(name, generation)
            case .sleep(let until):
                // Cancellation ends the sleep and then the loop.
                try? await Task.sleep(for: until.since(clock()) + .milliseconds(1))
            }
        }
    }
}
