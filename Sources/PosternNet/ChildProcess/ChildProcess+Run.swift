internal import Glibc
internal import PosternCore

extension ChildProcess {
    /// A process that ran to its end.
    package struct Finished: Sendable {
        package let exit: ProcessExit
        package let output: [UInt8]
        package let error: [UInt8]
        /// Whether there was more output than the limit, which was thrown away.
        package let truncated: Bool

        package var outputText: String { String(decoding: output, as: UTF8.self) }
        package var errorText: String { String(decoding: error, as: UTF8.self) }
    }

    /// The time was over; the process and its group have been killed.
    package struct DeadlineExceeded: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs a program to its end and takes what it prints.
    ///
    /// What its own children still print after its end is not waited for.
    ///
    /// - Parameters:
    ///   - duration: then the process group is killed.
    ///   - outputLimit: bytes kept of each output.
    ///   - started: is handed the process, so that others can end it earlier.
    /// - Throws: `ProcessError`, `DeadlineExceeded`.
    package static func run(
        _ command: ProcessCommand,
        atMost duration: Duration,
        outputLimit: Int = 1 << 20,
        started: (ChildProcess) -> Void = { _ in }
    ) throws -> Finished {
        var output = try CapturePipe(limit: outputLimit)
        defer { output.close() }
        var error = try CapturePipe(limit: outputLimit)
        defer { error.close() }
        let process = try ChildProcess(
            command,
            output: .descriptor(output.writeEnd),
            error: .descriptor(error.writeEnd)
        )
        started(process)
        output.closeWriteEnd()
        error.closeWriteEnd()

        let clock = ContinuousClock()
        let deadline = clock.now + duration
        while !(output.ended && error.ended) {
            let remaining = (deadline - clock.now).inMicroseconds
            guard remaining > 0 else { break }
            // Descriptors below zero are skipped by poll. The process's own end counts too: a grandchild may keep the
            // pipes open for ever.
            var entries = [output.entry, error.entry, process.entry]
            if poll(&entries, 3, Int32(clamping: (remaining + 999) / 1000)) < 0, errno != EINTR {
                throw ProcessError("reading from `\(command.program)`", errno)
            }
            let exited = entries[2].revents != 0
            output.drain()
            error.drain()
            if exited { break }
        }
        let remaining = Swift.max(.zero, deadline - clock.now)
        guard let exit = try process.wait(atMost: remaining) else {
            process.signalGroup(SIGKILL)
            try process.stop(with: SIGKILL, grace: .seconds(1))
            throw DeadlineExceeded(description: "`\(command.program)` did not end within \(duration)")
        }
        output.drain()
        error.drain()
        return Finished(
            exit: exit,
            output: output.bytes,
            error: error.bytes,
            truncated: output.truncated || error.truncated
        )
    }
}

/// A pipe whose read end never blocks and whose content is kept up to a limit.
private struct CapturePipe: ~Copyable {
    private(set) var readEnd: Int32
    private(set) var writeEnd: Int32
    private(set) var bytes: [UInt8] = []
    private(set) var truncated = false
    private(set) var ended = false
    private let limit: Int

    init(limit: Int) throws(ProcessError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ProcessError("making a pipe", errno) }
        readEnd = ends[0]
        writeEnd = ends[1]
        self.limit = limit
        // Another thread may start a process between pipe and fcntl; ours close everything that is not theirs.
        _ = fcntl(readEnd, F_SETFD, FD_CLOEXEC)
        _ = fcntl(writeEnd, F_SETFD, FD_CLOEXEC)
        _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
    }

    var entry: pollfd { pollfd(fd: ended ? -1 : readEnd, events: Int16(POLLIN), revents: 0) }

    mutating func closeWriteEnd() {
        if writeEnd >= 0 { Glibc.close(writeEnd) }
        writeEnd = -1
    }

    mutating func close() {
        closeWriteEnd()
        if readEnd >= 0 { Glibc.close(readEnd) }
        readEnd = -1
    }

    /// Reads all that is there.
    mutating func drain() {
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while !ended {
            let count = read(readEnd, &buffer, buffer.count)
            if count > 0 {
                let room = limit - bytes.count
                bytes.append(contentsOf: buffer.prefix(min(room, count)))
                if count > room { truncated = true }
            } else if count == 0 {
                ended = true
            } else if errno != EINTR {
                ended = errno != EAGAIN
                return
            }
        }
    }
}
