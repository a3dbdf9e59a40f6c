internal import PosternConfiguration
internal import PosternCore
internal import PosternNet
package import PosternSQL
internal import Synchronization

/// The catalogues of the databases that have a `catalog_login`: read and refreshed here, looked up from every loop.
///
/// A snapshot is what was committed when it was read, up to a minute ago, and longer while the server does not answer:
/// a failed reading keeps the old one. What a stale snapshot may hide is in docs/operations.md.
package final class CatalogDirectory: Sendable {
    /// What happens to a catalogue, told from any thread.
    package enum Event: Sendable {
        /// It was read, and is another one than before.
        case changed(database: String, snapshot: CatalogSnapshot)
        /// It was read, and is the same.
        case confirmed(database: String)
        case failed(database: String, LibPQFailure)
    }

    /// A catalogue's state, for people and tests.
    package struct Status: Sendable {
        package let database: String
        /// Since the catalogue was last read; nil when it never was.
        package let age: Duration?
        /// Why the last reading failed; nil after a good one.
        package let lastError: LibPQFailure?
    }

    private struct Entry {
        let source: CatalogSource
        /// Tells a database from one of the same name before a reload.
        let token: UInt64
        var schedule: CatalogSchedule
        var snapshot: CatalogSnapshot?
        var readAt: MonotonicTime?
        var lastError: LibPQFailure?
        /// Sleeps until the next reading.
        var timer: Task<Void, Never>?
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var tokens: UInt64 = 0
        /// Of the last snapshot of any database: a database that comes back does not begin anew.
        var generation = 0
        var readings = 0
    }

    private let state = Mutex(State())
    private let changes = Atomic<Int>(0)
    private let reader: any CatalogReading
    private let timing: CatalogSchedule.Timing
    private let report: @Sendable (Event) -> Void

    /// - Parameter report: must not wait.
    package init(
        reader: any CatalogReading,
        timing: CatalogSchedule.Timing = CatalogSchedule.Timing(),
        report: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.reader = reader
        self.timing = timing
        self.report = report
    }

    /// Takes the sources of a configuration. Databases that are read as before keep their snapshots.
    ///
    /// - Precondition: the databases' names are unique.
    package func replace(_ sources: [CatalogSource]) {
        var started: [(name: String, token: UInt64)] = []
        let ended = state.withLock { state -> [Entry] in
            var old = state.entries
            state.entries = [:]
            for source in sources {
                let name = source.database.name
                if let kept = old[name], kept.source == source {
                    state.entries[name] = old.removeValue(forKey: name)
                } else {
                    state.tokens += 1
                    let schedule = CatalogSchedule(timing: timing, now: .now)
                    state.entries[name] = Entry(source: source, token: state.tokens, schedule: schedule)
                    started.append((name, state.tokens))
                }
            }
            return Array(old.values)
        }
        noteChange()
        for entry in ended { entry.timer?.cancel() }
        for (name, token) in started { arm(name, token) }
    }

    /// Forgets all databases and waits for readings under way, a second at most.
    package func stop() async {
        replace([])
        let deadline = MonotonicTime.now.advanced(by: .seconds(1))
        while state.withLock({ $0.readings }) > 0, MonotonicTime.now < deadline {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Grows whenever a snapshot may have changed: who has looked at it once need not look again until then.
    package var epoch: Int { changes.load(ordering: .acquiring) }

    /// The catalogue as it was last read; nil without `catalog_login`, and before the first reading. Never waits.
    package func snapshot(of database: String) -> CatalogSnapshot? {
        state.withLock { $0.entries[database]?.snapshot }
    }

    /// A session has committed DDL: the catalogue is read anew, soon and not more than once a second.
    ///
    /// To be called when the commit is known; what is not committed no reading sees.
    package func noteDDL(database: String) {
        let token = state.withLock { state -> UInt64? in
            state.entries[database]?.schedule.noteDDL(at: .now) == true ? state.entries[database]?.token : nil
        }
        if let token { arm(database, token) }
    }

    /// By database.
    package func status() -> [Status] {
        state.withLock { state in
            state.entries.sorted { $0.key < $1.key }.map { name, entry in
                let age = entry.readAt.map { MonotonicTime.now.since($0) }
                return Status(database: name, age: age, lastError: entry.lastError)
            }
        }
    }

    // MARK: Reading

    /// Sleeps until the next reading is due.
    private func arm(_ name: String, _ token: UInt64) {
        state.withLock { state in
            guard let entry = state.entries[name], entry.token == token, let due = entry.schedule.due else { return }
            entry.timer?.cancel()
            let pause = due.since(.now)
            state.entries[name]?.timer = Task {
                if pause > .zero { try? await Task.sleep(for: pause) }
                // A cancelled sleep ends early.
                if !Task.isCancelled { self.begin(name, token) }
            }
        }
    }

    private func begin(_ name: String, _ token: UInt64) {
        let work = state.withLock { state -> (source: CatalogSource, fresh: Bool)? in
            guard let entry = state.entries[name], entry.token == token,
                state.entries[name]?.schedule.begin(at: .now) == true
            else { return nil }
            state.readings += 1
            return (entry.source, entry.schedule.isRetrying)
        }
        guard let work else { return arm(name, token) }
        Task {
            let result = await read(work.source, fresh: work.fresh, token)
            finish(name, token, result)
        }
    }

    private func read(
        _ source: CatalogSource,
        fresh: Bool,
        _ token: UInt64
    ) async -> Result<CatalogContents, LibPQFailure> {
        do {
            let contents = try await reader.read(source, fresh: fresh) { [weak self] in
                self?.state.withLock { $0.entries[source.database.name]?.token } != token
            }
            return .success(contents)
        } catch let failure as LibPQFailure {
            return .failure(failure)
        } catch is BlockingPool.Overloaded {
            return .failure(LibPQFailure("too many catalogues are being read"))
        } catch {
            return .failure(LibPQFailure("\(error)"))
        }
    }

    private func noteChange() {
        changes.wrappingAdd(1, ordering: .releasing)
    }

    private func finish(_ name: String, _ token: UInt64, _ result: Result<CatalogContents, LibPQFailure>) {
        // Only this reading changes the entry's snapshot. A large one takes its time: not while loops wait for the lock.
        let old = snapshot(of: name)
        let changed = (try? result.get()).flatMap { contents in
            old.map { $0 == contents.snapshot(generation: $0.generation) } ?? false ? nil : contents
        }
        let generation = state.withLock { state -> Int in
            if changed != nil { state.generation += 1 }
            return state.generation
        }
        let new = changed?.snapshot(generation: generation)
        let isCurrent = state.withLock { state -> Bool in
            state.readings -= 1
            guard var entry = state.entries[name], entry.token == token else { return false }
            switch result {
            case .success:
                entry.readAt = .now
                entry.lastError = nil
                entry.schedule.end(succeeded: true)
            case .failure(let failure):
                entry.lastError = failure
                entry.schedule.end(succeeded: false)
            }
            if let new { entry.snapshot = new }
            state.entries[name] = entry
            return true
        }
        guard isCurrent else { return }
        if new != nil { noteChange() }
        switch (result, new) {
        case (.failure(let failure), _): report(.failed(database: name, failure))
        case (.success, let snapshot?): report(.changed(database: name, snapshot: snapshot))
        case (.success, nil): report(.confirmed(database: name))
        }
        arm(name, token)
    }
}
