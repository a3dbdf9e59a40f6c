internal import Glibc
internal import Synchronization

/// Set by SIGINT and SIGTERM.
private let isAskedToEnd = Atomic<Bool>(false)

/// Standard output for a long stream: in large pieces, and over when its reader is gone or somebody asks for the end.
final class ExportWriter {
    private static let piece = 1 << 16
    /// A pipe that polls writable takes so much without waiting for its reader: a signal must find the process awake,
    /// whichever thread gets it.
    private static let step = Int(PIPE_BUF)
    /// How often a journal that is followed is looked at, in milliseconds: a gateway writes every 50 ms.
    private static let pause: Int32 = 100

    private var pending: [UInt8] = []
    private var isBroken = false

    init() {
        // The first use makes the value; inside a handler it must be there.
        isAskedToEnd.store(false, ordering: .relaxed)
        signal(SIGPIPE, SIG_IGN)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in isAskedToEnd.store(true, ordering: .relaxed) }
        sigaction(SIGINT, &action, nil)
        sigaction(SIGTERM, &action, nil)
    }

    var isOver: Bool { isBroken || isAskedToEnd.load(ordering: .relaxed) }

    func append(_ text: String) { append(Array(text.utf8)) }

    func append(_ bytes: [UInt8]) {
        pending += bytes
        if pending.count >= Self.piece { flush() }
    }

    func flush() {
        var rest = pending[...]
        while !rest.isEmpty, !isOver {
            var output = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
            guard poll(&output, 1, Self.pause) > 0 else { continue }
            let count = rest.prefix(Self.step).withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                isBroken = true
                break
            }
            rest = rest.dropFirst(count)
        }
        pending.removeAll(keepingCapacity: true)
    }

    /// Waits until there may be more to write; sooner when the reader is gone.
    func wait() {
        var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        if poll(&output, 1, Self.pause) > 0, output.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 {
            isBroken = true
        }
    }
}
