internal import Glibc
internal import PosternCore

/// Reads a file of somebody else's as a whole: key sets, authorities, tokens. It blocks as long as the disk does.
package enum SmallFile {
    /// The system's own words.
    package struct Failure: Error {
        package let reason: String

        fileprivate static func last() -> Failure { Failure(reason: String(cString: strerror(errno))) }
    }

    /// - Parameters:
    ///   - limit: what is longer comes back cut, one byte longer than this.
    package static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        let file = try open(path)
        return try read(file, limit: limit) { () throws(Failure) in throw Failure(reason: "nothing is in it yet") }
    }

    /// Whether the path leads to a pipe, a socket or a device: what is read there is gone.
    package static func isStream(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        return ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
    }

    /// As `read`, of a stream to its end.
    ///
    /// - Parameter duration: how long whoever writes has for all of it.
    package static func readStream(_ path: String, limit: Int, _ duration: Duration) throws(Failure) -> [UInt8] {
        let deadline = ContinuousClock.now + duration
        let file = try open(path)
        let descriptor = file.number
        // For a read, a FIFO that nobody has opened to write yet is at its end; for poll it is not.
        try wait(descriptor, until: deadline)
        return try read(file, limit: limit) { () throws(Failure) in try wait(descriptor, until: deadline) }
    }

    private static func open(_ path: String) throws(Failure) -> OwnedFD {
        // Without waiting: an open of a FIFO could hold the thread for ever.
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .last() }
        return OwnedFD(descriptor)
    }

    /// - Parameter wait: called when there is nothing to read now.
    private static func read(
        _ file: borrowing OwnedFD,
        limit: Int,
        wait: () throws(Failure) -> Void
    ) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let count = Glibc.read(file.number, &chunk, min(chunk.count, limit + 1 - bytes.count))
            if count == 0 { break }
            if count > 0 {
                bytes += chunk[..<count]
            } else if errno == EAGAIN {
                try wait()
            } else if errno != EINTR {
                throw .last()
            }
        }
        return bytes
    }

    private static func wait(_ descriptor: Int32, until deadline: ContinuousClock.Instant) throws(Failure) {
        while true {
            let remaining = (deadline - .now).inMicroseconds
            guard remaining > 0 else { throw Failure(reason: "nothing came out of it in time") }
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let count = poll(&entry, 1, Int32(clamping: (remaining + 999) / 1000))
            if count > 0 { return }
            guard count == 0 || errno == EINTR else { throw .last() }
        }
    }

    /// The whole file; nil when it cannot be read or is larger.
    package static func contents(of path: String, limit: Int) -> [UInt8]? {
        guard let bytes = try? read(path, limit: limit), bytes.count <= limit else { return nil }
        return bytes
    }
}
