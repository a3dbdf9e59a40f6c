internal import Glibc
package import PosternNet
internal import Synchronization

/// Runs the child in the foreground, hands it the signals that come to its parent, and waits for its end.
///
/// Confined to the loop but for `run`.
package final class ChildRun: EventHandler {
    /// What is handed on. The others do to the parent what they do to any program.
    package static let signals = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2]

    private enum Tag {
        static let child: UInt8 = 0
        static let signals: UInt8 = 1
    }

    private let child: ChildProcess
    private let intake: SignalIntake
    private var registrations: [Registration] = []
    private var finished: (@Sendable (Result<ProcessExit, any Error>) -> Void)?

    private init(_ child: ChildProcess, _ intake: SignalIntake) {
        self.child = child
        self.intake = intake
    }

    /// - Throws: `ProcessError` when there is no such program or it cannot be run.
    package static func run(
        _ command: ForegroundCommand,
        intake: SignalIntake,
        on loop: EventLoop
    ) async throws -> ProcessExit {
        let child = try ChildProcess(foreground: command, intake: intake)
        let result = await withCheckedContinuation { continuation in
            Task {
                await loop.perform { loop in
                    let run = ChildRun(child, intake)
                    run.finished = { continuation.resume(returning: $0) }
                    run.start(on: loop)
                }
            }
        }
        return try result.get()
    }

    private func start(on loop: isolated EventLoop) {
        let ended = loop.register(self, tag: Tag.child)
        let signaled = loop.register(self, tag: Tag.signals)
        registrations = [ended, signaled]
        do {
            try loop.watch(child.descriptor, for: .read, as: ended)
            try loop.watch(intake.descriptor, for: .read, as: signaled)
        } catch {
            child.signal(SIGTERM)
            finish(.failure(error), on: loop)
        }
    }

    package func ready(_ readiness: Readiness, tag: UInt8, on loop: isolated EventLoop) {
        if tag == Tag.child { return reap(on: loop) }
        while let signal = intake.next() {
            // The terminal has told the child itself.
            if signal.isFromProcess { child.signal(signal.number) }
        }
    }

    package func timerFired(tag: UInt8, on loop: isolated EventLoop) {}

    private func reap(on loop: isolated EventLoop) {
        do throws(ProcessError) {
            if let exit = try child.wait(atMost: .zero) { finish(.success(exit), on: loop) }
        } catch {
            finish(.failure(error), on: loop)
        }
    }

    private func finish(_ result: Result<ProcessExit, any Error>, on loop: isolated EventLoop) {
        for registration in registrations { loop.unregister(registration) }
        finished?(result)
        finished = nil
    }
}
