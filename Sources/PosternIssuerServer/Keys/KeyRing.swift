package import PosternCore
package import PosternIssuer
package import PosternNet

/// The keys of a running issuer: performs what the `KeyPlan` says, and knows for how long each key is published.
package actor KeyRing {
    private let folder: KeyFolder
    private let pool: BlockingPool
    private let clock: IssuerClock
    private var plan: KeyPlan
    private var state: KeyPlan.State
    private var keys: [String: MintingKey]
    /// Since when this process publishes each key as what it now is.
    private var published: [String: MonotonicTime] = [:]
    private var document: IssuerDocument
    /// The latest date of a request that was answered before its time came.
    package private(set) var remembered: Timestamp
    private var remembering: Task<Void, any Error>?

    /// Takes over the folder's keys and makes what is missing.
    ///
    /// - Throws: `KeyFolder.Failure`.
    package init(path: String, plan: KeyPlan, pool: BlockingPool, clock: IssuerClock) async throws {
        let (folder, state, keys, latest) = try await pool.run {
            let folder = try KeyFolder(path: path)
            let (state, keys) = try folder.load()
            return (folder, state, keys, try folder.latest())
        }
        // A clock that was wrong then must not shut everybody out now: nothing is taken that is further ahead.
        remembered = min(latest, clock.now().advanced(by: RequestLife.ahead))
        self.folder = folder
        self.pool = pool
        self.clock = clock
        self.plan = plan
        self.keys = keys
        self.state = plan.corrected(state, now: clock.now())
        document = .keySet([])
        let now = clock.monotonic()
        for id in keys.keys { published[id] = now }
        try await turn()
        publish()
    }

    /// Signs from now on; nil only before the first key is made.
    package var current: MintingKey? { state.current.flatMap { keys[$0.id] } }

    /// What lies at `/jwks`.
    package var keySet: IssuerDocument { document }

    /// The published keys, the one that signs first.
    package var keyIDs: [String] { state.keys.map(\.id) }

    package func use(_ plan: KeyPlan) { self.plan = plan }

    /// Does what is due. Call it about once a second.
    ///
    /// - Returns: whether another key signs now.
    /// - Throws: `KeyFolder.Failure` when the folder cannot be written: the keys are as before, and the next call tries
    ///   again.
    @discardableResult
    package func turn() async throws -> Bool {
        let signer = state.current
        while let step = plan.step(for: state, now: clock.now(), published: published(_:)) { try await perform(step) }
        return signer != nil && signer?.id != state.current?.id
    }

    /// Writes down the date of a request that is dated ahead, before it is answered: a process that starts before that
    /// time refuses it.
    ///
    /// - Throws: `KeyFolder.Failure`.
    package func remember(_ date: Timestamp) async throws {
        guard date > remembered else { return }
        // One after the other, so that an earlier date never comes last.
        let before = remembering
        let task = Task {
            _ = await before?.result
            try await write(date)
        }
        remembering = task
        try await task.value
    }

    private func write(_ date: Timestamp) async throws {
        guard date > remembered else { return }
        let folder = folder
        try await pool.run { try folder.keep(latest: date) }
        remembered = date
    }

    private func published(_ id: String) -> Duration {
        published[id].map { clock.monotonic().since($0) } ?? .zero
    }

    private func perform(_ step: KeyPlan.Step) async throws {
        var made: MintingKey?
        switch step {
        case .makeCurrent, .makeNext: made = try await pool.run { MintingKey() }
        case .promote, .dropPrevious: break
        }
        let state = plan.state(after: step, of: state, new: made?.published.id, now: clock.now())
        var keys = keys
        if let made { keys[made.published.id] = made }
        let (folder, kept) = (folder, keys)
        try await pool.run { try folder.save(state, kept) }
        // In the memory only what is on the disk: a key that signed must not be lost.
        let ids = Set(state.keys.map(\.id))
        let dropped = Set(keys.keys).subtracting(ids)
        for id in ids where before(id) != after(id, state) { published[id] = clock.monotonic() }
        self.state = state
        self.keys = keys.filter { ids.contains($0.key) }
        publish()
        for id in dropped {
            published[id] = nil
            try await pool.run { folder.remove(id) }
        }
    }

    private func before(_ id: String) -> Timestamp? { state.keys.first { $0.id == id }?.since }

    private func after(_ id: String, _ state: KeyPlan.State) -> Timestamp? { state.keys.first { $0.id == id }?.since }

    private func publish() {
        document = .keySet(state.keys.compactMap { keys[$0.id]?.published })
    }
}

/// The two clocks, so that a test can hand in moments.
package struct IssuerClock: Sendable {
    package let now: @Sendable () -> Timestamp
    package let monotonic: @Sendable () -> MonotonicTime

    package init(
        now: @escaping @Sendable () -> Timestamp = { .now },
        monotonic: @escaping @Sendable () -> MonotonicTime = { .now }
    ) {
        self.now = now
        self.monotonic = monotonic
    }
}
