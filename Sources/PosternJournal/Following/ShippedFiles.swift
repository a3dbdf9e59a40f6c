internal import Synchronization

/// Which files of the journal the auditors' store still needs.
///
/// Whoever removes files asks here first, and leaves those that it may not remove. The shipper says how far it is.
package final class ShippedFiles: Sendable {
    /// By chain, the file that the next record to ship is in; nil while there is no store.
    private let needed = Mutex<[String: Int]?>(nil)

    package init() {}

    /// There is a store, one that was not there before, or there is none. Until the shipper has told where a chain stands
    /// in it, all of the chain's files are needed.
    package func require(_ isRequired: Bool) {
        needed.withLock { $0 = isRequired ? [:] : nil }
    }

    /// The store holds every record of the chain's files before this one.
    package func note(chain name: String, needsFile number: Int) {
        needed.withLock { $0?[name] = number }
    }

    /// Whether a file can be removed without a loss to the store.
    package func mayRemove(chain name: String, file number: Int) -> Bool {
        needed.withLock { needed in
            guard let needed else { return true }
            return needed[name].map { number < $0 } ?? false
        }
    }
}
