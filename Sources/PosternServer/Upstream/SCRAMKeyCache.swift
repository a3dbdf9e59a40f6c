internal import PosternUpstream
internal import Synchronization

/// The SCRAM keys of the last login of each database login, so that the next one costs no PBKDF2.
///
/// Bounded by the configuration: one entry for each login in it.
final class SCRAMKeyCache: Sendable {
    private struct Name: Hashable {
        let database: String
        let login: String
    }

    private let entries = Mutex<[Name: SCRAMKeys]>([:])

    func keys(database: String, login: String) -> SCRAMKeys? {
        entries.withLock { $0[Name(database: database, login: login)] }
    }

    func store(_ keys: SCRAMKeys, database: String, login: String) {
        entries.withLock { $0[Name(database: database, login: login)] = keys }
    }

    /// Forgets everything: the configuration has changed.
    func removeAll() {
        entries.withLock { $0 = [:] }
    }
}
