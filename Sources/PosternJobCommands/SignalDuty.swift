internal import Glibc
internal import PosternJobRunner
internal import PosternNet
internal import Synchronization

/// Who takes the signals: the main thread, for which they are the end, until the child or the port is there.
final class SignalDuty: Sendable {
    private struct State {
        var isTaken = false
        var isFinished = false
    }

    private let intake: SignalIntake
    private let state = Mutex(State())
    /// Its end to read from wakes the main thread.
    private let wakeup: (read: Int32, write: Int32)

    init(_ intake: SignalIntake) throws(SystemError) {
        self.intake = intake
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .last("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        wakeup = (ends[0], ends[1])
    }

    deinit {
        close(wakeup.read)
        close(wakeup.write)
    }

    /// From now on the signals are the caller's.
    func take() -> SignalIntake {
        state.withLock { $0.isTaken = true }
        wake()
        return intake
    }

    /// The run is over.
    func finish() {
        state.withLock { $0.isFinished = true }
        wake()
    }

    private func wake() {
        var byte: UInt8 = 0
        _ = write(wakeup.write, &byte, 1)
    }

    /// Waits for the run's end on the main thread.
    ///
    /// - Returns: the signal that ended it before anybody had taken the signals; nil when it came to its own end.
    func wait() -> Int32? {
        while true {
            let (isTaken, isFinished) = state.withLock { ($0.isTaken, $0.isFinished) }
            if isFinished { return nil }
            // Descriptors below zero are skipped by poll.
            var entries = [
                pollfd(fd: wakeup.read, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isTaken ? -1 : intake.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&entries, 2, -1) > 0 else { continue }
            if entries[0].revents != 0 {
                var byte: UInt8 = 0
                _ = read(wakeup.read, &byte, 1)
            }
            guard entries[1].revents != 0 else { continue }
            let signal = state.withLock { $0.isTaken ? nil : intake.next() }
            if let signal, SignalWait.endings.contains(signal.number) { return signal.number }
        }
    }
}
