internal import Dispatch
internal import Logging
internal import PosternConfiguration
internal import PosternCore
internal import PosternJournal
internal import PosternNet
internal import PosternPolicy
internal import Synchronization

/// Brings the journal into the auditors' store, `audit.postgres`, on a thread of its own.
///
/// The journal is written and sessions go on whatever happens here: nothing waits for it, and what the store does not
/// take stays in the files until it does.
final class AuditShipper: Sendable {
    /// How long the gateway's end waits for what was written last.
    private static let finishLimit = Duration.seconds(5)
    private static let tick = Duration.seconds(1)

    fileprivate struct Target: Equatable {
        let store: AuditStoreConfiguration
        let retain: Duration?
    }

    fileprivate struct State {
        var target: Target?
        /// Tells a store from one before a reload.
        var token: UInt64 = 0
        var isFinishing = false
        var task: Task<Void, Never>?
        var progress = ShippingProgress()
        var health = Health.AuditStore()
        /// By chain, and under an empty name of the store itself.
        var errors: [String: String] = [:]
        /// Something was taken since the last failure.
        var hasLoaded = false
    }

    private let state = Mutex(State())
    private let pool = BlockingPool(label: "postern.store", threads: 1)
    private let wake = DispatchSemaphore(value: 0)
    private let source: ShippingSource
    private let names: BlockingPool
    private let secrets: SecretResolver
    private let health: Health
    private let logger: Logger

    init(source: ShippingSource, names: BlockingPool, secrets: SecretResolver, health: Health, logger: Logger) {
        self.source = source
        self.names = names
        self.secrets = secrets
        self.health = health
        self.logger = logger
    }

    /// Takes the store of a configuration, or none.
    func replace(_ audit: AuditConfiguration) {
        let next = audit.postgres.map { Target(store: $0.withoutPlaces, retain: audit.retain) }
        let (old, token) = state.withLock { state -> (Task<Void, Never>?, UInt64?) in
            guard state.target != next else { return (nil, nil) }
            let old = state.task
            let counters = state.health
            state.token += 1
            state.target = next
            state.task = nil
            state.errors = [:]
            state.progress.forget()
            state.health = Health.AuditStore(counting: counters)
            // At the gateway's end a store that hangs is left: the files that it has not got are still its own.
            if next != nil || !state.isFinishing { source.directory.shipped.require(next != nil) }
            return (old, state.token)
        }
        guard let token else { return }
        old?.cancel()
        wake.signal()
        guard let next else { return health.auditStore(nil) }
        let task = Task { await self.serve(next, token) }
        state.withLock { state in if state.token == token { state.task = task } }
        Task { await self.follow(token) }
    }

    /// Ships what was written last, after the journal has been closed, and ends. Waits no longer than it must.
    func finish() async {
        let task = state.withLock { state -> Task<Void, Never>? in
            state.isFinishing = true
            return state.task
        }
        guard let task else { return }
        // Where the store is away the pause before the next attempt ends now; there is one more.
        task.cancel()
        wake.signal()
        let impatience = Task {
            try? await Task.sleep(for: Self.finishLimit)
            if !Task.isCancelled { self.replace(AuditConfiguration(directory: "")) }
        }
        await task.value
        impatience.cancel()
    }

    // MARK: Connections

    private func serve(_ target: Target, _ token: UInt64) async {
        var backoff = ShippingBackoff()
        var isRetry = false
        while isCurrent(token) {
            do {
                try await connect(target, token, fresh: isRetry)
                return
            } catch {
                guard isCurrent(token) else { return }
                if noteFailure("\(error)", token) { backoff.succeeded() }
                guard !state.withLock({ $0.isFinishing }) else { return }
                isRetry = true
                let pause = backoff.pause(chance: Double.random(in: 0...1))
                try? await Task.sleep(for: pause)
            }
        }
    }

    /// Connects and ships for as long as the connection holds.
    private func connect(_ target: Target, _ token: UInt64, fresh: Bool) async throws {
        let (database, login) = (target.store.database, target.store.login)
        let material = try await UpstreamMaterial.gather(
            database: database,
            login: login,
            fresh: fresh,
            secrets: secrets,
            names: names
        )
        let isStopped: @Sendable () -> Bool = { [weak self] in !(self?.isCurrent(token) ?? false) }
        try await pool.run { [self] in
            let dial = LibPQDial(database, login: login, application: "postern/audit")
            let connection = try dial.connect(material, isStopped)
            let store = StoreConnection(connection, gateway: source.gateway, publicKey: source.publicKey)
            let run = ShippingRun(source: source, limits: ShippingBatch.Limits(), wake: wake) { self.note($0, token) }
            try run.run(
                store,
                retain: target.retain,
                isFinishing: { state.withLock { $0.isFinishing } },
                isStopped: isStopped
            )
        }
    }

    private func isCurrent(_ token: UInt64) -> Bool { state.withLock { $0.token == token } }

    // MARK: What is told

    /// - Returns: whether the store had taken something since the failure before.
    private func noteFailure(_ error: String, _ token: UInt64) -> Bool {
        let (isNew, hadLoaded) = state.withLock { state -> (Bool, Bool) in
            guard state.token == token else { return (false, false) }
            let (isNew, hadLoaded) = (state.errors[""] == nil, state.hasLoaded)
            state.hasLoaded = false
            state.health.isUp = false
            state.health.failures &+= 1
            state.errors[""] = error
            return (isNew, hadLoaded)
        }
        if isNew {
            logger.error(
                "the auditors' store takes no records; the journal keeps them",
                metadata: ["error": "\(error)"]
            )
        }
        publish(token)
        return hadLoaded
    }

    private func note(_ event: ShippingRun.Event, _ token: UInt64) {
        let message = state.withLock { state -> (level: Logger.Level, text: String, error: String?)? in
            guard state.token == token else { return nil }
            // Under the lock: what a store before had must not be said of this one.
            if case .needs(let name, let file) = event { source.directory.shipped.note(chain: name, needsFile: file) }
            return state.take(event)
        }
        if let message {
            logger.log(
                level: message.level,
                "\(message.text)",
                metadata: message.error.map { ["error": "\($0)"] } ?? [:]
            )
        }
        publish(token)
    }

    /// Keeps the lag up to date, also while the store hangs.
    private func follow(_ token: UInt64) async {
        while isCurrent(token) {
            publish(token)
            try? await Task.sleep(for: Self.tick)
        }
    }

    private func publish(_ token: UInt64) {
        let heads = source.directory.heads.durable
        let now = Timestamp.now
        let current = state.withLock { state -> Health.AuditStore? in
            guard state.token == token else { return nil }
            let lag = state.progress.lag(heads, now: now)
            state.health.lagRecords = lag.records
            state.health.lag = lag.duration
            state.health.error = state.errors.sorted { $0.key < $1.key }.first?.value
            return state.health
        }
        if let current { health.auditStore(current) }
    }
}

extension AuditShipper.State {
    /// Takes note of what the run tells.
    ///
    /// - Returns: what the log should have of it.
    fileprivate mutating func take(_ event: ShippingRun.Event) -> (level: Logger.Level, text: String, error: String?)? {
        switch event {
        case .connected:
            health.isUp = true
            health.lastSuccess = .now
            let wasFailing = errors.removeValue(forKey: "") != nil
            return (.info, wasFailing ? "the auditors' store is back" : "the auditors' store is connected", nil)
        case .needs: return nil
        case .position(let name, let seq):
            progress.stored(name, through: seq)
            return nil
        case .loading(let name, let time):
            if let time = RecordTime.parse(time) { progress.loading(name, from: time) }
            return nil
        case .loaded(let name, let seq, let records, let refused):
            progress.stored(name, through: seq)
            hasLoaded = true
            health.records &+= UInt64(records)
            health.refusedRecords &+= UInt64(refused)
            health.lastSuccess = .now
            guard refused > 0 else { return nil }
            return (.error, "the auditors' store refused \(refused) records of `\(name)`: their lines are kept", nil)
        case .lost(let name, let seqs):
            health.lostRecords &+= UInt64(seqs.count)
            let text =
                "records \(seqs.lowerBound) to \(seqs.upperBound) of `\(name)` were removed before they were shipped"
            return (.error, text, nil)
        case .chain(let name, let error):
            let isNew = errors[name] != error?.description
            errors[name] = error?.description
            guard isNew, let error else { return nil }
            health.failures &+= 1
            return (.critical, "the journal's chain `\(name)` cannot be shipped", error.description)
        case .retention(let error):
            guard let error else { return nil }
            return (.warning, "old months of the auditors' store stay for now", error.description)
        }
    }
}

extension Health.AuditStore {
    /// Counters only grow, also when the store is another one.
    fileprivate init(counting old: Health.AuditStore) {
        self.init()
        records = old.records
        refusedRecords = old.refusedRecords
        lostRecords = old.lostRecords
        failures = old.failures
    }
}

extension AuditStoreConfiguration {
    /// The same wherever it stands in the file: a reload that moves it changes nothing.
    fileprivate var withoutPlaces: AuditStoreConfiguration {
        let nowhere = SourceLocation(file: "", line: 0, column: 0)
        var copy = self
        copy.database.location = nowhere
        copy.login = DatabaseConfiguration.Login(name: login.name, password: login.password, location: nowhere)
        return copy
    }
}
