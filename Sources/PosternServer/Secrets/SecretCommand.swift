internal import CPosternLinux
internal import Glibc

/// Runs a program for what it prints: no shell, PATH and HOME alone in its environment, nothing on its standard
/// input, its standard error thrown away, a process group of its own that does not outlive the call.
struct SecretCommand {
    /// How long the thread sleeps between two looks at a program that is silent.
    private static let pollInterval: Duration = .milliseconds(20)

    private let program: String
    private let process: pid_t
    private let output: Int32
    private let deadline: ContinuousClock.Instant
    private let maximumSize: Int

    /// - Returns: at most one byte more than `maximumSize`: then it printed too much.
    static func run(_ arguments: [String], timeout: Duration, maximumSize: Int) throws(SecretError) -> [UInt8] {
        let program = arguments.first ?? ""
        var ends: [Int32] = [-1, -1]
        guard postern_pipe_cloexec(&ends) == 0 else {
            throw .notStarted(program: program, reason: SecretSource.words(errno))
        }
        defer { close(ends[0]) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        let deadline = ContinuousClock.now + timeout
        let process: pid_t
        do {
            defer { close(ends[1]) }
            process = try spawn(arguments, output: ends[1])
        }
        let command = SecretCommand(
            program: program,
            process: process,
            output: ends[0],
            deadline: deadline,
            maximumSize: maximumSize
        )
        return try command.collect()
    }

    private static func spawn(_ arguments: [String], output: Int32) throws(SecretError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        postern_spawn_close_from(&actions, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)
        )

        let environment = ["PATH", "HOME"].compactMap { (name: String) in
            getenv(name).map { "\(name)=" + String(cString: $0) }
        }
        var argumentPointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        var environmentPointers: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) }
        argumentPointers.append(nil)
        environmentPointers.append(nil)
        defer { for pointer in argumentPointers + environmentPointers { free(pointer) } }
        var process: pid_t = 0
        let program = arguments.first ?? ""
        let status = posix_spawnp(&process, program, &actions, &attributes, &argumentPointers, &environmentPointers)
        guard status == 0 else { throw .notStarted(program: program, reason: SecretSource.words(status)) }
        return process
    }

    private func collect() throws(SecretError) -> [UInt8] {
        var printed: [UInt8] = []
        var isOpen = true
        while ContinuousClock.now < deadline, printed.count <= maximumSize {
            // WNOWAIT keeps the process a zombie, so that its group's number is not given to anybody else before
            // the group is killed.
            let hasEnded = ended()
            isOpen = isOpen && read(into: &printed)
            if hasEnded { return try finish(printed) }
            wait(isOpen: isOpen)
        }
        _ = reap()
        guard printed.count > maximumSize else { throw .timedOut(program: program) }
        return printed
    }

    private func ended() -> Bool {
        var information = siginfo_t()
        return waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) == 0
            && information._sifields._sigchld.si_pid == process
    }

    /// Takes what the pipe has now.
    ///
    /// - Returns: whether more may come.
    private func read(into printed: inout [UInt8]) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while printed.count <= maximumSize {
            let count = Glibc.read(output, &buffer, min(buffer.count, maximumSize + 1 - printed.count))
            if count > 0 {
                printed.append(contentsOf: buffer[..<count])
            } else if count == 0 {
                return false
            } else if errno != EINTR {
                return errno == EAGAIN
            }
        }
        return true
    }

    private func wait(isOpen: Bool) {
        var entry = pollfd(fd: isOpen ? output : -1, events: Int16(POLLIN), revents: 0)
        _ = poll(&entry, 1, Int32(Self.pollInterval / .milliseconds(1)))
    }

    private func finish(_ printed: [UInt8]) throws(SecretError) -> [UInt8] {
        let code = reap()
        guard code == 0 else { throw .failed(program: program, code: code) }
        return printed
    }

    /// Kills what is left of the group and takes the exit code.
    private func reap() -> Int32 {
        kill(-process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 { guard errno == EINTR else { return -1 } }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }
}
