internal import Dispatch
internal import Synchronization

/// A fixed number of threads for work that may block: DNS, fsync, libcurl, PBKDF2, commands.
///
/// Loops never wait for it. Work that is waiting is bounded too: past the bound `run` fails at once, so that a
/// flood of logins cannot fill the memory.
package final class BlockingPool: Sendable {
    /// The pool has as much work waiting as it takes.
    package struct Overloaded: Error {
        package init() {}
    }

    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var head = 0
        var running = 0
    }

    private let queue: DispatchQueue
    private let state = Mutex(State())
    private let threads: Int
    private let capacity: Int

    /// - Parameters:
    ///   - threads: how many pieces of work run at once.
    ///   - capacity: how many more may wait.
    package init(label: String, threads: Int, capacity: Int = 4096) {
        // A target that is a global queue keeps Dispatch from making a thread for each blocked item.
        queue = DispatchQueue(label: label, attributes: .concurrent)
        self.threads = threads
        self.capacity = capacity
    }

    /// Runs `work` on one of the pool's threads, without anybody waiting for it.
    ///
    /// - Returns: false when the pool is overloaded; `work` is dropped then.
    package func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        let (accepted, startsWorker) = state.withLock { state -> (Bool, Bool) in
            guard state.waiting.count - state.head < capacity else { return (false, false) }
            state.waiting.append(work)
            guard state.running < threads else { return (true, false) }
            state.running += 1
            return (true, true)
        }
        if startsWorker { queue.async { self.drain() } }
        return accepted
    }

    /// Runs `work` on one of the pool's threads and suspends until it is done.
    ///
    /// - Throws: what `work` throws, or `Overloaded`.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let accepted = submit { continuation.resume(with: Result { try work() }) }
            if !accepted { continuation.resume(throwing: Overloaded()) }
        }
    }

    private func drain() {
        while let work = next() { work() }
    }

    private func next() -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard state.head < state.waiting.count else {
                state.waiting.removeAll(keepingCapacity: true)
                state.head = 0
                state.running -= 1
                return nil
            }
            let work = state.waiting[state.head]
            state.waiting[state.head] = {}
            state.head += 1
            if state.head > 1024 {
                state.waiting.removeFirst(state.head)
                state.head = 0
            }
            return work
        }
    }
}
