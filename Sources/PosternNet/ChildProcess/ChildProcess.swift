internal import CPosternLinux
internal import Glibc
internal import PosternCore
internal import Synchronization

/// A process that this one started, at the head of a process group of its own.
///
/// It gets no descriptor but its three, no blocked signals and the default action for all of them. Every call may
/// block up to its deadline: none belongs on an event loop. The process is reaped by whoever waits first.
package final class ChildProcess: Sendable {
    /// Where one of the outputs goes.
    package enum Output: Sendable {
        case inherited
        case discarded
        /// Appended to the file, which is made with mode 0600.
        case file(String)
        /// To this descriptor, which stays the caller's.
        case descriptor(Int32)
    }

    private struct State {
        var exit: ProcessExit?
    }

    /// The process id, which is also its group's unless it was started in the foreground.
    package let identifier: Int32
    private let program: String
    private let isGroup: Bool
    // Polls readable when the process ends.
    private let watch: Int32
    private let state = Mutex(State())

    /// Starts a process. Its standard input is the command's input, or /dev/null.
    ///
    /// - Throws: `ProcessError` when there is no such program or the system has no room.
    package convenience init(
        _ command: ProcessCommand,
        output: Output = .inherited,
        error: Output = .inherited
    ) throws(ProcessError) {
        try self.init(
            started: Self.spawn(command, output: output, error: error),
            program: command.program,
            isGroup: true
        )
    }

    /// Takes over a process that was just started.
    ///
    /// - Parameter isGroup: it is at the head of a group of its own.
    init(started identifier: Int32, program: String, isGroup: Bool) throws(ProcessError) {
        self.program = program
        self.identifier = identifier
        self.isGroup = isGroup
        watch = postern_pidfd_open(identifier)
        guard watch >= 0 else {
            let code = errno
            kill(isGroup ? -identifier : identifier, SIGKILL)
            var status: Int32 = 0
            while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
            throw ProcessError("watching `\(program)`", code)
        }
    }

    deinit { close(watch) }

    /// Waits until the process has ended, at most until `deadline`.
    ///
    /// - Returns: nil when it is still running then.
    package func wait(atMost duration: Duration) throws(ProcessError) -> ProcessExit? {
        let clock = ContinuousClock()
        let deadline = clock.now + duration
        while true {
            if let exit = try reap() { return exit }
            let remaining = (deadline - clock.now).inMicroseconds
            guard remaining > 0 else { return nil }
            var entry = pollfd(fd: watch, events: Int16(POLLIN), revents: 0)
            // Rounded up, so that the last step is not a spin of empty polls.
            if poll(&entry, 1, Int32(clamping: (remaining + 999) / 1000)) < 0, errno != EINTR {
                throw ProcessError("waiting for `\(program)`", errno)
            }
        }
    }

    /// Sends a signal to the process alone. Nothing happens when it has ended.
    package func signal(_ number: Int32) {
        state.withLock { state in
            // Not reaped, so the number is still this process's.
            if state.exit == nil { _ = kill(identifier, number) }
        }
    }

    /// Sends a signal to the process and its group, if it has one of its own. Nothing happens when the process has been
    /// reaped.
    package func signalGroup(_ number: Int32) {
        state.withLock { state in
            if state.exit == nil { _ = kill(isGroup ? -identifier : identifier, number) }
        }
    }

    /// Ends the process: `number` first, SIGKILL to its group after `grace`.
    @discardableResult
    package func stop(with number: Int32 = SIGTERM, grace: Duration) throws(ProcessError) -> ProcessExit {
        signal(number)
        if let exit = try wait(atMost: grace) { return exit }
        while true {
            signalGroup(SIGKILL)
            if let exit = try wait(atMost: .seconds(1)) { return exit }
        }
    }

    /// Readable when the process has ended; it stays this object's.
    package var descriptor: Int32 { watch }

    /// For `poll`: readable when the process has ended.
    var entry: pollfd { pollfd(fd: watch, events: Int16(POLLIN), revents: 0) }

    private func reap() throws(ProcessError) -> ProcessExit? {
        let result: Result<ProcessExit?, ProcessError> = state.withLock { state in
            if let exit = state.exit { return .success(exit) }
            var status: Int32 = 0
            switch waitpid(identifier, &status, WNOHANG) {
            case 0: return .success(nil)
            case identifier:
                state.exit = Self.exit(of: status)
                return .success(state.exit)
            default:
                if errno == EINTR { return .success(nil) }
                return .failure(ProcessError("waiting for `\(program)`", errno))
            }
        }
        return try result.get()
    }

    /// The macros of <sys/wait.h>.
    private static func exit(of status: Int32) -> ProcessExit {
        let signal = status & 0x7F
        return signal == 0 ? .code(status >> 8 & 0xFF) : .signal(signal)
    }
}

// MARK: - Starting

extension ChildProcess {
    private static func spawn(
        _ command: ProcessCommand,
        output: Output,
        error: Output
    ) throws(ProcessError) -> Int32 {
        let doing = "starting `\(command.program)`"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }

        let input = try inputPipe(command)
        defer { if input >= 0 { close(input) } }
        var codes: [Int32] = [
            input < 0
                ? posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
                : posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        ]
        codes.append(direct(STDOUT_FILENO, to: output, &actions))
        codes.append(direct(STDERR_FILENO, to: error, &actions))
        codes.append(postern_spawn_close_from(&actions, STDERR_FILENO + 1))
        if let directory = command.directory {
            codes.append(postern_spawn_change_directory(&actions, directory))
        }
        codes.append(isolate(&attributes))
        if let code = codes.first(where: { $0 != 0 }) { throw ProcessError(doing, code) }

        let environment = command.environment.map { "\($0.key)=\($0.value)" }.sorted()
        var identifier: pid_t = 0
        let code = withCStrings([command.program] + command.arguments) { arguments in
            withCStrings(environment) { environment in
                DescriptorLimit.asBefore {
                    posix_spawnp(&identifier, command.program, &actions, &attributes, arguments, environment)
                }
            }
        }
        guard code == 0 else { throw ProcessError(doing, code) }
        return identifier
    }

    /// The end to read from of a pipe that holds the command's input and nothing else; -1 when there is no input.
    private static func inputPipe(_ command: ProcessCommand) throws(ProcessError) -> Int32 {
        guard !command.input.isEmpty else { return -1 }
        let doing = "handing its input to `\(command.program)`"
        guard command.input.count <= ProcessCommand.maximumInput else { throw ProcessError(doing, E2BIG) }
        var ends: [Int32] = [-1, -1]
        guard postern_pipe_cloexec(&ends) == 0 else { throw ProcessError(doing, errno) }
        defer { close(ends[1]) }
        guard write(ends[1], command.input, command.input.count) == command.input.count else {
            let code = errno
            close(ends[0])
            throw ProcessError(doing, code)
        }
        return ends[0]
    }

    private static func direct(
        _ descriptor: Int32,
        to output: Output,
        _ actions: inout posix_spawn_file_actions_t
    ) -> Int32 {
        switch output {
        case .inherited: 0
        case .discarded: posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
        case .file(let path):
            posix_spawn_file_actions_addopen(&actions, descriptor, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        case .descriptor(let target): posix_spawn_file_actions_adddup2(&actions, target, descriptor)
        }
    }

    private static func isolate(_ attributes: inout posix_spawnattr_t) -> Int32 {
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP
        return posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    /// Calls `body` with a NULL-terminated array of C strings.
    private static func withCStrings<Result>(
        _ strings: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers)
    }
}
