internal import CPosternLinux
internal import Glibc
internal import Synchronization

/// Runs an event loop's jobs on the loop's own thread: a mailbox that the loop empties between two turns.
///
/// The thread that claims the executor is the actor's for good, so `assumeIsolated` works inside the loop and traps
/// anywhere else.
package final class LoopExecutor: SerialExecutor {
    private let mailbox = Mutex<[UnownedJob]>([])
    private let owner = Atomic<UInt>(0)
    private let wakeup: OwnedFD

    init() throws {
        let descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw SystemError.last("eventfd") }
        wakeup = OwnedFD(descriptor)
    }

    /// Readable while the mailbox holds jobs.
    var wakeupDescriptor: Int32 { wakeup.number }

    /// Makes the calling thread the one that the loop's state belongs to.
    func claim() {
        owner.store(UInt(pthread_self()), ordering: .releasing)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let wasEmpty = mailbox.withLock { jobs in
            jobs.append(job)
            return jobs.count == 1
        }
        if wasEmpty {
            var one: UInt64 = 1
            _ = write(wakeup.number, &one, 8)
        }
    }

    /// Runs what was in the mailbox at the time of the call; what these jobs add waits for the next turn.
    func runPending() {
        var count: UInt64 = 0
        _ = read(wakeup.number, &count, 8)
        let jobs = mailbox.withLock { jobs in
            let taken = jobs
            jobs = []
            return taken
        }
        for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
    }

    package func isIsolatingCurrentContext() -> Bool? {
        owner.load(ordering: .acquiring) == UInt(pthread_self())
    }

    package func checkIsolated() {
        precondition(isIsolatingCurrentContext() == true, "an event loop's state was touched off its thread")
    }
}
