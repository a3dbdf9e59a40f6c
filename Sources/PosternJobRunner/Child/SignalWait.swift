internal import Glibc
package import PosternNet

/// Waits until somebody asks this process to end.
package final class SignalWait: EventHandler {
    /// The signals that ask a process to end.
    package static let endings = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]

    private let intake: SignalIntake
    private var registration: Registration?
    private var finished: (@Sendable () -> Void)?

    private init(_ intake: SignalIntake, _ finished: @escaping @Sendable () -> Void) {
        self.intake = intake
        self.finished = finished
    }

    /// Returns with the first signal of those that end a process.
    package static func run(_ intake: SignalIntake, on loop: EventLoop) async {
        await withCheckedContinuation { continuation in
            Task {
                await loop.perform { loop in
                    let wait = SignalWait(intake) { continuation.resume() }
                    let registration = loop.register(wait)
                    wait.registration = registration
                    do {
                        try loop.watch(intake.descriptor, for: .read, as: registration)
                    } catch {
                        wait.finish(on: loop)
                    }
                }
            }
        }
    }

    package func ready(_ readiness: Readiness, tag: UInt8, on loop: isolated EventLoop) {
        while let signal = intake.next() {
            if Self.endings.contains(signal.number) { return finish(on: loop) }
        }
    }

    package func timerFired(tag: UInt8, on loop: isolated EventLoop) {}

    private func finish(on loop: isolated EventLoop) {
        if let registration { loop.unregister(registration) }
        finished?()
        finished = nil
    }
}
