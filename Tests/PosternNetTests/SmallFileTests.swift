import Glibc
import PosternNet
import Testing

struct SmallFileTests {
    private let path = "/tmp/postern-\(getpid())-\(UInt64.random(in: .min ... .max))"

    @Test func `a pipe is read once, to its end, when somebody writes`() throws {
        #expect(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        #expect(SmallFile.isStream(path) && SmallFile.isStream("/dev/null") && !SmallFile.isStream("/etc/passwd"))
        #expect(!SmallFile.isStream("/nowhere/at/all"))
        let writer = try ChildProcess(
            ProcessCommand("/bin/sh", ["-c", "exec >\(path); printf one; sleep 0.1; printf two"])
        )
        #expect(try SmallFile.readStream(path, limit: 100, .seconds(10)) == Array("onetwo".utf8))
        #expect(try writer.wait(atMost: .seconds(5)) == .code(0))
    }

    @Test func `a pipe that nobody writes into holds no thread`() throws {
        #expect(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        #expect(throws: SmallFile.Failure.self) { try SmallFile.readStream(path, limit: 100, .milliseconds(50)) }
        // As a file it is at its end: whoever wanted one is told that there is nothing in it.
        #expect(try SmallFile.read(path, limit: 100) == [])
    }

    @Test func `what is longer than the limit comes back one byte longer`() throws {
        #expect(try SmallFile.readStream("/dev/zero", limit: 70_000, .seconds(10)).count == 70_001)
        #expect(try SmallFile.readStream("/dev/null", limit: 10, .seconds(10)) == [])
    }
}
