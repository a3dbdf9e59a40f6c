internal import Glibc
internal import PosternNet
internal import PosternSQL
internal import Synchronization

/// Runs work that calls the parser on a thread of its own, whose stack holds it: the main thread's has 8 MiB.
enum PolicyThread {
    private final class Job<Value: Sendable>: Sendable {
        let result = Mutex<Value?>(nil)
    }

    private final class Work: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Waits for `work`.
    ///
    /// - Throws: `SystemError`, when there is no such thread to be had.
    static func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) throws(SystemError) -> Value {
        try ThreadStack.setDefault(bytes: SQLAnalyzer.stackSize)
        let job = Job<Value>()
        let box = Unmanaged.passRetained(
            Work {
                let value = work()
                job.result.withLock { $0 = value }
            }
        )
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { argument in
                // The thread owns what `passRetained` kept.
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            },
            box.toOpaque()
        )
        guard code == 0 else {
            box.release()
            throw SystemError("pthread_create", code)
        }
        pthread_join(thread, nil)
        guard let value = job.result.withLock({ $0 }) else { throw SystemError("pthread_join", ECANCELED) }
        return value
    }
}
