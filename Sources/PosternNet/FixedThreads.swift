internal import Dispatch
internal import Synchronization

/// Threads that live as long as the process, for a library that keeps something for each thread that ever called it.
///
/// Work that is waiting is bounded: past the bound it is refused at once.
package final class FixedThreads: Sendable {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var head = 0
    }

    private let state = Mutex(State())
    private let available = DispatchSemaphore(value: 0)
    private let capacity: Int

    /// - Parameters:
    ///   - count: how many pieces of work run at once.
    ///   - capacity: how many more may wait.
    package init(label: String, count: Int, capacity: Int) {
        self.capacity = capacity
        for index in 0..<count {
            // A serial queue whose one block never returns is a thread.
            DispatchQueue(label: "\(label).\(index)").async { [self] in
                while true {
                    available.wait()
                    take()?()
                }
            }
        }
    }

    /// Runs `work` on one of the threads, without anybody waiting for it.
    ///
    /// - Returns: false when too much is waiting; `work` is dropped then.
    package func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        let accepted = state.withLock { state in
            guard state.waiting.count - state.head < capacity else { return false }
            state.waiting.append(work)
            return true
        }
        if accepted { available.signal() }
        return accepted
    }

    /// Runs `work` on one of the threads and suspends until it is done; nil when too much is waiting.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value? {
        await withCheckedContinuation { continuation in
            if !submit({ continuation.resume(returning: work()) }) { continuation.resume(returning: nil) }
        }
    }

    private func take() -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard state.head < state.waiting.count else { return nil }
            let work = state.waiting[state.head]
            state.head += 1
            if state.head == state.waiting.count {
                state.waiting.removeAll(keepingCapacity: true)
                state.head = 0
            }
            return work
        }
    }
}
