import Glibc
import PosternConfiguration
import PosternCore
import PosternNet
import PosternServer
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SecretResolverTests {
    private let folder = TemporaryFolder()
    private let resolver = SecretResolver(
        pool: BlockingPool(label: "secrets", threads: 4),
        timeout: .seconds(20)
    )

    private func text(_ reference: SecretReference, fresh: Bool = false) async throws -> String {
        String(decoding: try await resolver.secret(reference, fresh: fresh).reveal(), as: UTF8.self)
    }

    private func shell(_ script: String, ttl: Duration = .zero) -> SecretReference {
        .command(arguments: ["sh", "-c", script], timeToLive: ttl)
    }

    @Test(arguments: [("pw\n", "pw"), ("pw", "pw"), ("pw\n\n", "pw\n"), (" p w ", " p w ")])
    func `a file's secret loses one final newline and nothing else`(contents: String, secret: String) async throws {
        let path = folder.write("secret", contents)
        #expect(try await text(.file(path: path)) == secret)
    }

    @Test func `a file is read anew each time`() async throws {
        let path = folder.write("secret", "one")
        #expect(try await text(.file(path: path)) == "one")
        _ = folder.write("secret", "two")
        #expect(try await text(.file(path: path)) == "two")
    }

    @Test func `a file of 64 KiB is taken and one more byte is refused`() async throws {
        let path = folder.write("secret", String(repeating: "x", count: 65_536))
        #expect(try await text(.file(path: path)).utf8.count == 65_536)
        _ = folder.write("secret", String(repeating: "x", count: 65_537))
        await #expect(throws: SecretError.tooLarge(source: path)) { try await text(.file(path: path)) }
    }

    @Test func `what is no secret is refused`() async {
        let missing = folder.path + "/missing"
        await #expect(throws: SecretError.unreadableFile(path: missing, reason: "no such file or directory")) {
            try await text(.file(path: missing))
        }
        await #expect(throws: SecretError.unreadableFile(path: folder.path, reason: "not a file")) {
            try await text(.file(path: folder.path))
        }
        let empty = folder.write("empty", "\n")
        await #expect(throws: SecretError.empty(source: empty)) { try await text(.file(path: empty)) }
        let binary = folder.write("binary", "a\0b")
        await #expect(throws: SecretError.unusable(source: binary)) { try await text(.file(path: binary)) }
    }

    @Test func `a FIFO in the place of a file does not hold the thread`() async {
        let path = folder.path + "/fifo"
        #expect(mkfifo(path, 0o600) == 0)
        await #expect(throws: SecretError.unreadableFile(path: path, reason: "not a file")) {
            try await text(.file(path: path))
        }
    }

    @Test func `a variable is read, and a missing one is an error`() async throws {
        #expect(try await text(.environment(name: "PATH")).contains("/"))
        await #expect(throws: SecretError.missingVariable(name: "POSTERN_NO_SUCH_VARIABLE")) {
            try await text(.environment(name: "POSTERN_NO_SUCH_VARIABLE"))
        }
    }

    @Test func `a command gets its arguments without a shell in between`() async throws {
        let secret = try await text(.command(arguments: ["printf", "%s-%s\n", "$HOME", "a b"], timeToLive: .zero))
        #expect(secret == "$HOME-a b")
    }

    @Test func `a command sees PATH and HOME alone, and no descriptor but the three`() async throws {
        let names = try await text(.command(arguments: ["env"], timeToLive: .zero)).split(separator: "\n")
            .map { $0.prefix { $0 != "=" } }
        #expect(Set(names).isSubset(of: ["PATH", "HOME"]))
        // ls itself opens the directory that it lists: one more than the three.
        let descriptors = try await text(.command(arguments: ["ls", "/proc/self/fd"], timeToLive: .zero))
        #expect(descriptors.split(separator: "\n") == ["0", "1", "2", "3"])
    }

    @Test func `a command's errors say how it ended and nothing that it printed`() async {
        let failed = await #expect(throws: SecretError.self) {
            try await text(shell("echo hunter2; echo hunter2 >&2; exit 7"))
        }
        #expect(failed == .failed(program: "sh", code: 7))
        #expect(failed?.description.contains("hunter2") == false)
        await #expect(throws: SecretError.failed(program: "sh", code: 128 + SIGTERM)) {
            try await text(shell("kill -TERM $$"))
        }
        await #expect(throws: SecretError.notStarted(program: "/no/such", reason: "no such file or directory")) {
            try await text(.command(arguments: ["/no/such"], timeToLive: .zero))
        }
    }

    @Test func `a command that prints without end is stopped`() async {
        await #expect(throws: SecretError.tooLarge(source: "yes")) {
            try await text(.command(arguments: ["yes"], timeToLive: .zero))
        }
    }

    @Test func `a command that hangs is killed with its children`() async throws {
        let quick = SecretResolver(pool: BlockingPool(label: "quick", threads: 1), timeout: .milliseconds(500))
        let marker = folder.path + "/child"
        await #expect(throws: SecretError.timedOut(program: "sh")) {
            try await quick.secret(shell("sleep 600 & echo $! > \(marker); wait"))
        }
        try await expectGone(folder.read("child"))
    }

    @Test func `a child left behind with the pipe open is killed and does not hold the answer`() async throws {
        let marker = folder.path + "/child"
        #expect(try await text(shell("sleep 600 & echo $! > \(marker); echo pw")) == "pw")
        try await expectGone(folder.read("child"))
    }

    /// A killed process may stay a zombie until whoever adopted it looks.
    private func expectGone(_ text: String) async throws {
        let process = try #require(pid_t(text.trimmingPrefix(" ").prefix { $0.isNumber }))
        let deadline = ContinuousClock.now + .seconds(10)
        var isGone = false
        while !isGone, ContinuousClock.now < deadline {
            let state = folder.readAbsolute("/proc/\(process)/stat").split(separator: ")").last?.split(separator: " ")
                .first
            isGone = kill(process, 0) != 0 || state == "Z"
            await Task.yield()
        }
        #expect(isGone)
    }

    @Test func `twenty askers at once run a command once`() async throws {
        let log = folder.path + "/runs"
        let reference = shell("echo run >> \(log); sleep 0.3; echo pw")
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 { group.addTask { try await text(reference) } }
            for try await secret in group { #expect(secret == "pw") }
        }
        #expect(folder.read("runs") == "run\n")
    }

    @Test func `ttl remembers, fresh passes over it, and failures are not remembered`() async throws {
        let log = folder.path + "/runs"
        let reference = shell("echo run >> \(log); wc -l < \(log)", ttl: .seconds(3600))
        #expect(try await text(reference).contains("1"))
        #expect(try await text(reference).contains("1"))
        #expect(try await text(reference, fresh: true).contains("2"))
        #expect(try await text(reference).contains("2"))
        await resolver.removeAll()
        #expect(try await text(reference).contains("3"))

        let flag = folder.path + "/flag"
        let failing = shell("test -e \(flag) && echo pw", ttl: .seconds(3600))
        await #expect(throws: SecretError.failed(program: "sh", code: 1)) { try await text(failing) }
        _ = folder.write("flag", "")
        #expect(try await text(failing) == "pw")
    }

    @Test func `without ttl a command runs each time`() async throws {
        let log = folder.path + "/runs"
        let reference = shell("echo run >> \(log); wc -l < \(log)")
        #expect(try await text(reference).contains("1"))
        #expect(try await text(reference).contains("2"))
    }
}

/// A folder that goes with the test.
private final class TemporaryFolder: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/postern-secrets-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/nonexistent"
        }
    }

    deinit {
        for name in ["secret", "empty", "binary", "fifo", "child", "runs", "flag"] { unlink(path + "/" + name) }
        rmdir(path)
    }

    func write(_ name: String, _ contents: String) -> String {
        let file = path + "/" + name
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let bytes = Array(contents.utf8)
        #expect(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
        return file
    }

    func read(_ name: String) -> String { readAbsolute(path + "/" + name) }

    func readAbsolute(_ file: String) -> String {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}
