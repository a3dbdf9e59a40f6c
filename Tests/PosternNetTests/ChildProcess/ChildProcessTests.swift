import Glibc
import PosternNet
import Testing

struct ChildProcessTests {
    private func shell(_ script: String, environment: [String: String] = [:]) -> ProcessCommand {
        ProcessCommand("/bin/sh", ["-c", script], environment: environment)
    }

    /// The letter of /proc/PID/stat, nil when there is no such process.
    private func stateLetter(of process: pid_t) -> Character? {
        let file = open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = read(file, &buffer, buffer.count)
        // The name before it is in parentheses and may hold anything.
        let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        return text.split(separator: ")").last?.first { $0 != " " }
    }

    @Test func `output, error and exit code come back apart`() throws {
        let result = try ChildProcess.run(shell("echo out; echo err >&2; exit 3"), atMost: .seconds(10))
        #expect(result.outputText == "out\n")
        #expect(result.errorText == "err\n")
        #expect(result.exit == .code(3))
        #expect(!result.truncated)
    }

    @Test func `the environment is exactly what was given`() throws {
        let command = ProcessCommand("/usr/bin/env", environment: ["B": "2", "A": "1"])
        #expect(try ChildProcess.run(command, atMost: .seconds(10)).outputText == "A=1\nB=2\n")
    }

    @Test func `arguments with spaces and quotes arrive whole`() throws {
        let command = ProcessCommand("/usr/bin/printf", ["%s|", "a b", "'\"$HOME", ""])
        #expect(try ChildProcess.run(command, atMost: .seconds(10)).outputText == "a b|'\"$HOME||")
    }

    @Test func `a program of no such name is an error`() {
        #expect(throws: ProcessError.self) {
            try ChildProcess.run(ProcessCommand("/no/such/program"), atMost: .seconds(10))
        }
    }

    @Test func `the working directory is the one that was named`() throws {
        let command = ProcessCommand("/bin/pwd", directory: "/usr")
        #expect(try ChildProcess.run(command, atMost: .seconds(10)).outputText == "/usr\n")
    }

    @Test func `a program finds its input and then the end, read or not`() throws {
        var command = ProcessCommand("/bin/cat", input: Array("a\0b\n".utf8))
        #expect(try ChildProcess.run(command, atMost: .seconds(10)).outputText == "a\0b\n")
        command.input = [UInt8](repeating: 120, count: ProcessCommand.maximumInput)
        #expect(try ChildProcess.run(command, atMost: .seconds(10)).output == command.input)
        command.program = "/bin/true"
        #expect(try ChildProcess.run(command, atMost: .seconds(10)).exit.succeeded)
        command.input.append(120)
        #expect(throws: ProcessError.self) { try ChildProcess.run(command, atMost: .seconds(10)) }
        #expect(try ChildProcess.run(ProcessCommand("/bin/cat"), atMost: .seconds(10)).output == [])
    }

    @Test func `output beyond the limit is dropped and the program still ends`() throws {
        let result = try ChildProcess.run(
            shell("head -c 1000000 /dev/zero"),
            atMost: .seconds(10),
            outputLimit: 1000
        )
        #expect(result.output.count == 1000)
        #expect(result.truncated)
        #expect(result.exit.succeeded)
    }

    @Test func `a program that does not end is killed with its children at the deadline`() throws {
        let path = "/tmp/postern-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        #expect(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let error = #expect(throws: ChildProcess.DeadlineExceeded.self) {
            try ChildProcess.run(shell("sleep 1000 > \(path) & sleep 1000"), atMost: .milliseconds(300))
        }
        #expect(error?.description.contains("/bin/sh") == true)
        // The pipe hangs up when the last one who holds it is gone.
        var entry = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
        #expect(poll(&entry, 1, 10_000) == 1)
        #expect(entry.revents & Int16(POLLHUP) != 0)
    }

    @Test func `a child's child that keeps the pipe open is not waited for`() throws {
        let clock = ContinuousClock()
        let began = clock.now
        let result = try ChildProcess.run(shell("sleep 30 & echo $!"), atMost: .seconds(20))
        #expect(clock.now - began < .seconds(10))
        let orphan = try #require(pid_t(result.outputText.dropLast()))
        #expect(kill(orphan, SIGKILL) == 0)
    }

    @Test func `a child's child is killed with the group where that is wanted`() throws {
        let command = shell("sleep 1000 & echo $!")
        let result = try ChildProcess.run(command, atMost: .seconds(20), options: .endsGroup)
        #expect(result.exit.succeeded)
        let orphan = try #require(pid_t(result.outputText.dropLast()))
        // Gone, or a zombie until whoever adopted it looks.
        let deadline = ContinuousClock.now + .seconds(10)
        var state = stateLetter(of: orphan)
        while state != nil, state != "Z", ContinuousClock.now < deadline { state = stateLetter(of: orphan) }
        #expect(state == nil || state == "Z")
    }

    @Test func `a program that closed its outputs and goes on is still held to the deadline`() {
        #expect(throws: ChildProcess.DeadlineExceeded.self) {
            try ChildProcess.run(shell("exec >&- 2>&-; sleep 1000"), atMost: .milliseconds(300))
        }
    }

    @Test func `a program that prints without end is stopped at the limit or at the deadline`() throws {
        let command = ProcessCommand("yes", environment: [:])
        let result = try ChildProcess.run(
            command,
            atMost: .seconds(20),
            outputLimit: 1000,
            options: .stopsAtLimit
        )
        #expect(result.output.count == 1000)
        #expect(result.truncated)
        #expect(result.exit == .signal(SIGKILL))
        #expect(throws: ChildProcess.DeadlineExceeded.self) {
            try ChildProcess.run(command, atMost: .milliseconds(300), outputLimit: 1000)
        }
    }

    @Test func `standard error is thrown away where that is wanted`() throws {
        let command = shell("echo out; echo err >&2")
        let result = try ChildProcess.run(command, atMost: .seconds(10), options: .discardsError)
        #expect(result.outputText == "out\n")
        #expect(result.errorText.isEmpty)
    }

    @Test func `no descriptor of ours is inherited`() throws {
        let leaked = open("/dev/null", O_RDONLY)
        defer { close(leaked) }
        let result = try ChildProcess.run(shell("ls /proc/$$/fd"), atMost: .seconds(10))
        #expect(Set(result.outputText.split(separator: "\n")).isSubset(of: ["0", "1", "2", "10"]))
    }

    @Test func `a signal's end is told apart, and stop is patient before it is not`() throws {
        let polite = try ChildProcess(shell("exec sleep 1000"))
        #expect(try polite.wait(atMost: .zero) == nil)
        #expect(try polite.stop(grace: .seconds(10)) == .signal(SIGTERM))
        polite.signalGroup(SIGKILL)
        #expect(try polite.wait(atMost: .zero) == .signal(SIGTERM))

        let stubborn = try ChildProcess(shell("trap '' TERM; echo; while :; do sleep 1; done"), output: .discarded)
        #expect(try stubborn.stop(grace: .milliseconds(300)) != .code(0))
    }
}
