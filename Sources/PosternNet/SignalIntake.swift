internal import CPosternLinux
internal import Glibc

/// Takes signals from a descriptor, in place of handlers that interrupt whatever runs.
///
/// The signals are blocked for the calling thread and every thread that it makes: begin before there are others.
package final class SignalIntake: Sendable {
    package struct Signal: Hashable, Sendable {
        package let number: Int32
        /// Some process sent it. What the terminal sends goes to the whole foreground group, children included.
        package let isFromProcess: Bool
    }

    /// Readable while a signal waits.
    package let descriptor: Int32
    /// What was blocked before, for children.
    let originalMask: sigset_t

    /// Signals that this process ignores are left so: whoever started it, as `nohup` does, wants that.
    ///
    /// - Parameters:
    ///   - numbers: the signals to take.
    ///   - silenced: blocked as well, and taken by nobody; children get them as they were.
    /// - Throws: `SystemError` when the system has no room.
    package init(_ numbers: [Int32], silencing silenced: [Int32] = []) throws(SystemError) {
        let taken = numbers.filter { postern_signal_is_ignored($0) == 0 }
        var blocked = Self.set(of: taken + silenced)
        var before = sigset_t()
        let code = pthread_sigmask(SIG_BLOCK, &blocked, &before)
        guard code == 0 else { throw SystemError("pthread_sigmask", code) }
        originalMask = before
        var set = Self.set(of: taken)
        descriptor = signalfd(-1, &set, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
        guard descriptor >= 0 else { throw .last("signalfd") }
    }

    deinit { close(descriptor) }

    private static func set(of numbers: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return set
    }

    /// The next signal that waits, nil when there is none.
    package func next() -> Signal? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard read(descriptor, &information, size) == size else { return nil }
        // SI_USER, SI_QUEUE and SI_TKILL are not positive, and the kernel's own codes are.
        return Signal(number: Int32(information.ssi_signo), isFromProcess: information.ssi_code <= 0)
    }
}
