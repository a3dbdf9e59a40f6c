internal import Logging
internal import PosternJournal
internal import Synchronization

/// What keeps the journal from being written, from wherever it is noticed.
///
/// While there is anything on it no session begins, /readyz says so, and the log has said it once.
final class TroubleBoard: Sendable {
    enum Kind: Hashable, Sendable {
        /// A chain, by its name: that another one is well says nothing about it.
        case writing(chain: String)
        case syncing
        case space
    }

    private let entries = Mutex<[Kind: JournalError]>([:])
    private let clear = Atomic<Bool>(true)
    private let health: Health
    private let logger: Logger

    init(health: Health, logger: Logger) {
        self.health = health
        self.logger = logger
    }

    /// Nothing is wrong. Read for every session.
    var isNone: Bool { clear.load(ordering: .acquiring) }

    /// Puts an error on the board in place of the one of its kind, or takes that away.
    func note(_ kind: Kind, _ error: JournalError?) {
        if error == nil, isNone { return }
        let change = entries.withLock { entries -> (isNew: Bool, isClear: Bool) in
            let isNew = entries[kind] != error
            entries[kind] = error
            clear.store(entries.isEmpty, ordering: .releasing)
            return (isNew, entries.isEmpty)
        }
        guard change.isNew else { return }
        health.journal(isWritable: change.isClear)
        if let error {
            logger.critical("the journal cannot be written: sessions are refused", metadata: ["error": "\(error)"])
        } else if change.isClear {
            logger.notice("the journal can be written again")
        }
    }
}
