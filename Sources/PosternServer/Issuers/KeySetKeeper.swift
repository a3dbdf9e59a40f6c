package import PosternCore
package import PosternIdentity
internal import PosternJournal
internal import PosternNet
internal import Synchronization

/// Keeps issuers' key sets on disk and brings them back at the start. Everything here blocks: for the threads that
/// fetch alone.
///
/// Nothing depends on it while the issuers answer: what it cannot do is told once and is no failure.
package final class KeySetKeeper: Sendable {
    /// Tells that an issuer's kept key set was not believed or cannot be written, in words for the log.
    package typealias Report = @Sendable (_ issuer: String, _ file: String, _ trouble: String) -> Void

    /// The system's bundle has 220 KiB.
    private static let authoritiesLimit = 4 << 20

    private let files: KeptKeySets
    private let clock: @Sendable () -> Timestamp
    private let report: Report
    private let state = Mutex(State())

    private struct State {
        /// What was told last of each issuer.
        var told: [String: String] = [:]
        /// Issuers whose key set is being written.
        var busy: Set<String> = []
    }

    /// - Parameters:
    ///   - directory: the journal's, where the gateway holds the lock.
    ///   - clock: the wall clock, for tests.
    package init(
        directory: String,
        clock: (@Sendable () -> Timestamp)? = nil,
        report: @escaping Report = { _, _, _ in }
    ) {
        files = KeptKeySets(directory: directory)
        self.clock = clock ?? { .now }
        self.report = report
    }

    /// What a fetch that begins now is made under; nil when there is nothing to keep or the authorities cannot be read.
    package func origin(of settings: IssuerSettings) -> KeptKeySet.Origin? {
        guard let path = settings.connection.caFile else { return KeptKeySet.Origin(settings, caFile: nil) }
        guard let bytes = SmallFile.contents(of: path, limit: Self.authoritiesLimit) else { return nil }
        return KeptKeySet.Origin(settings, caFile: bytes)
    }

    /// The key set that was kept of an issuer, and how old it is. nil when there is none that may be believed.
    package func keySet(of issuer: String, _ origin: KeptKeySet.Origin) -> (keySet: KeySet, age: Duration)? {
        do {
            guard let bytes = try files.read(issuer, limit: KeptKeySet.byteLimit) else { return nil }
            let now = clock()
            let kept = try KeptKeySet.read(bytes, of: origin, now: now)
            let age = Duration.microseconds(now.microseconds - kept.fetchedAt.microseconds)
            return (kept.keySet, age)
        } catch {
            tell(issuer, "\(error)")
            return nil
        }
    }

    /// Keeps what the issuer has just given or confirmed. While a disk does not answer no more threads come to wait for
    /// it: the next fetch keeps what it brings.
    package func keep(_ keySet: KeySet, of issuer: String, _ origin: KeptKeySet.Origin) {
        guard state.withLock({ $0.busy.insert(issuer).inserted }) else { return }
        defer { state.withLock { _ = $0.busy.remove(issuer) } }
        do {
            try files.keep(KeptKeySet.encode(keySet, of: origin, fetchedAt: clock()), of: issuer)
            state.withLock { $0.told[issuer] = nil }
        } catch {
            tell(issuer, "\(error)")
        }
    }

    private func tell(_ issuer: String, _ trouble: String) {
        let isNew = state.withLock { state in
            defer { state.told[issuer] = trouble }
            return state.told[issuer] != trouble
        }
        if isNew { report(issuer, files.path(of: issuer), trouble) }
    }
}
