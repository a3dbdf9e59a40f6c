internal import Synchronization

/// A number that one event loop writes and the scraper reads.
///
/// INVARIANT: one thread writes. So that an increment is a plain load and store, without the locked instruction that
/// several writers would need; a reader sees some recent value, never a torn one.
package struct LoopCounter: ~Copyable, Sendable {
    private let value = Atomic<UInt64>(0)

    package init() {}

    package func add(_ amount: UInt64 = 1) {
        value.store(value.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    package var current: UInt64 { value.load(ordering: .relaxed) }
}
