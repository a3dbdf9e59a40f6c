internal import Dispatch
internal import Synchronization

/// A fixed number of threads for work that may block: DNS, fsync, libcurl, PBKDF2, commands.
///
/// The threads are there when they are asked for, whatever others of the process do. A concurrent queue would not do:
/// Dispatch gives all of those together one thread for each core, and another one a second later when they block.
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
        /// Queues without work.
        var idle: [Int]
    }

    /// Serial and without a target: Dispatch makes a thread for each that has work, at once.
    private let queues: [DispatchQueue]
    private let state: Mutex<State>
    private let capacity: Int

    /// - Parameters:
    ///   - threads: how many pieces of work run at once. Dispatch has some 250 for the whole process.
    ///   - capacity: how many more may wait.
    package init(label: String, threads: Int, capacity: Int = 4096) {
        queues = (0..<threads).map { DispatchQueue(label: "\(label).\($0)") }
        state = Mutex(State(idle: Array(0..<threads)))
        self.capacity = capacity
    }

    /// Runs `work` on one of the pool's threads, without anybody waiting for it.
    ///
    /// - Returns: false when the pool is overloaded; `work` is dropped then.
    package func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        let (accepted, worker) = state.withLock { state -> (Bool, Int?) in
            guard state.waiting.count - state.head < capacity else { return (false, nil) }
            state.waiting.append(work)
            return (true, state.idle.popLast())
        }
        if let worker { queues[worker].async { self.drain(worker) } }
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

    private func drain(_ worker: Int) {
        while let work = next(worker) { work() }
    }

    private func next(_ worker: Int) -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard state.head < state.waiting.count else {
                state.waiting.removeAll(keepingCapacity: true)
                state.head = 0
                state.idle.append(worker)
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
