internal import CPosternLinux
internal import Glibc
internal import PosternCore

extension ChildProcess {
    /// A process that ran to its end.
    package struct Finished: Sendable {
        package let exit: ProcessExit
        package let output: [UInt8]
        package let error: [UInt8]
        /// Whether there was more output than the limit, which was thrown away. With `stopsAtLimit` the process was
        /// ended for it, unless it was quicker.
        package let truncated: Bool

        package var outputText: String { String(decoding: output, as: UTF8.self) }
        package var errorText: String { String(decoding: error, as: UTF8.self) }
    }

    /// How strict `run` is.
    package struct RunOptions: OptionSet, Sendable {
        /// What comes on standard error is thrown away.
        package static let discardsError = RunOptions(rawValue: 1)
        /// More output than the limit ends the process and its group at once.
        package static let stopsAtLimit = RunOptions(rawValue: 2)
        /// What the process leaves behind in its group is killed when it ends.
        package static let endsGroup = RunOptions(rawValue: 4)

        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }
    }

    /// The time was over; the process and its group have been killed.
    package struct DeadlineExceeded: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs a program to its end and takes what it prints.
    ///
    /// What its own children still print after its end is not waited for. When this process ends before it, by
    /// `ProcessEnd`, its group is killed.
    ///
    /// - Parameters:
    ///   - duration: then the process group is killed.
    ///   - outputLimit: bytes kept of each output.
    ///   - started: is handed the process, so that others can end it earlier. With `endsGroup` they must not wait for
    ///     it: a process that has been reaped no longer shows its group.
    /// - Throws: `ProcessError`, `DeadlineExceeded`.
    package static func run(
        _ command: ProcessCommand,
        atMost duration: Duration,
        outputLimit: Int = 1 << 20,
        options: RunOptions = [],
        started: (ChildProcess) -> Void = { _ in }
    ) throws -> Finished {
        var output = try CapturePipe(limit: outputLimit)
        defer { output.close() }
        var error = options.contains(.discardsError) ? CapturePipe() : try CapturePipe(limit: outputLimit)
        defer { error.close() }
        let errorOutput: Output = options.contains(.discardsError) ? .discarded : .descriptor(error.writeEnd)
        let outputs = (output.writeEnd, errorOutput)
        let process = try ProcessEnd.start { () throws(ProcessError) in
            try ChildProcess(command, output: .descriptor(outputs.0), error: outputs.1)
        }
        defer { ProcessEnd.letGo(of: process) }
        started(process)
        output.closeWriteEnd()
        error.closeWriteEnd()

        let clock = ContinuousClock()
        let deadline = clock.now + duration
        var hasEnded = false
        var isTooMuch = false
        while !hasEnded, !isTooMuch {
            let remaining = (deadline - clock.now).inMicroseconds
            guard remaining > 0 else { break }
            // Descriptors below zero are skipped by poll. The process's own end is what counts: a grandchild may keep
            // the pipes open for ever, and the process may close them long before.
            var entries = [output.entry, error.entry, process.entry]
            if poll(&entries, 3, Int32(clamping: (remaining + 999) / 1000)) < 0, errno != EINTR {
                let code = errno
                try process.stop(with: SIGKILL, grace: .zero)
                throw ProcessError("reading from `\(command.program)`", code)
            }
            hasEnded = entries[2].revents != 0
            output.drain()
            error.drain()
            isTooMuch = options.contains(.stopsAtLimit) && (output.truncated || error.truncated)
        }
        // Before the process is reaped: until then nobody else can get its group's number.
        if !hasEnded || options.contains(.endsGroup) { process.signalGroup(SIGKILL) }
        let exit = try process.stop(with: SIGKILL, grace: .seconds(1))
        guard hasEnded || isTooMuch else {
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

    /// Reads at a time. As much as a pipe holds by default fits into a quarter of them.
    private static let readsPerTurn = 16

    init(limit: Int) throws(ProcessError) {
        var ends: [Int32] = [-1, -1]
        guard postern_pipe_cloexec(&ends) == 0 else { throw ProcessError("making a pipe", errno) }
        readEnd = ends[0]
        writeEnd = ends[1]
        self.limit = limit
        _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
    }

    /// No pipe: nothing comes.
    init() {
        readEnd = -1
        writeEnd = -1
        limit = 0
        ended = true
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

    /// Reads what is there, but not for ever: who writes may be as quick as who reads.
    mutating func drain() {
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        for _ in 0..<Self.readsPerTurn where !ended {
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
