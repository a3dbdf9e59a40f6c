internal import Dispatch
internal import Glibc
internal import Synchronization

/// What must be undone at the end of the demo, however it ends: done, failed, or told to stop by a signal.
///
/// The last thing begun is undone first, everything once.
package final class Cleanup: Sendable {
    private struct State {
        var steps: [@Sendable () -> Void] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    // One at a time: a second caller returns only when the first has undone everything.
    private let queue = DispatchQueue(label: "postern.demo.cleanup")

    package init() {}

    /// Remembers a step. When everything has been undone already it is done at once: the demo is ending.
    package func add(_ step: @escaping @Sendable () -> Void) {
        let added = state.withLock { state in
            if !state.isClosed { state.steps.append(step) }
            return !state.isClosed
        }
        if !added { step() }
    }

    /// Whether the end has begun: errors that come after it are its consequence.
    package var hasBegun: Bool { state.withLock { $0.isClosed } }

    /// Undoes everything; blocks until that is done.
    package func run() {
        queue.sync {
            let steps = state.withLock { state in
                state.isClosed = true
                defer { state.steps = [] }
                return state.steps
            }
            for step in steps.reversed() { step() }
        }
    }

    /// From now on SIGINT, SIGTERM and SIGHUP undo everything and end the process.
    ///
    /// - Parameter exitCode: with this code; nil as a shell reports the signal.
    /// - Returns: keep it: signals have their default action again when it is gone.
    package func onSignals(exitCode: Int32?) -> SignalWatch {
        SignalWatch([SIGINT, SIGTERM, SIGHUP]) { number in
            self.run()
            _exit(exitCode ?? 128 + number)
        }
    }
}

/// Calls a function when one of some signals arrives.
///
/// `@unchecked Sendable`: the sources are made in `init` and cancelled in `deinit`, and nothing else touches them.
package final class SignalWatch: @unchecked Sendable {
    private let sources: [any DispatchSourceSignal]
    private let numbers: [Int32]

    init(_ numbers: [Int32], _ body: @escaping @Sendable (Int32) -> Void) {
        self.numbers = numbers
        let queue = DispatchQueue(label: "postern.demo.signals")
        sources = numbers.map { number in
            // Dispatch sees only signals that the process does not die of.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { body(number) }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
        for number in numbers { signal(number, SIG_DFL) }
    }
}
