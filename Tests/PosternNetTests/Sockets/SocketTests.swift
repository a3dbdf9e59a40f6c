import Glibc
import PosternNet
import Testing

struct SocketTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1:5432", [UInt8](arrayLiteral: 127, 0, 0, 1)),
        ("::1", "[::1]:5432", [0, 0, 0, 0, 0, 0, 0, 0]),
        ("2001:db8::7", "[2001:db8::7]:5432", [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0]),
        ("::ffff:192.0.2.9", "192.0.2.9:5432", [192, 0, 2, 9]),
    ])
    func `an address prints itself and says by what it is limited`(ip: String, text: String, source: [UInt8]) throws {
        let address = try #require(SocketAddress(ip: ip, port: 5432))
        #expect(address.description == text)
        #expect(address.source == source)
        #expect(address.port == 5432)
    }

    @Test func `names and long paths are no addresses`() {
        #expect(SocketAddress(ip: "localhost", port: 1) == nil)
        #expect(SocketAddress(ip: "127.0.0", port: 1) == nil)
        #expect(SocketAddress(unixPath: String(repeating: "x", count: 108)) == nil)
        #expect(SocketAddress(unixPath: "/run/x")?.description == "unix:/run/x")
        #expect(SocketAddress(unixPath: "/run/x")?.source == [])
    }

    @Test func `a Unix socket is private from its first moment`() throws {
        let path = "/tmp/postern-\(getpid())-private"
        defer { unlink(path) }
        _ = try Socket.listen(on: try #require(SocketAddress(unixPath: path)), mode: 0o600)
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test func `a queue keeps what the kernel does not take and gives back its memory`() {
        var queue = OutboundQueue()
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        bytes.withUnsafeBytes { queue.append($0) }
        var taken: [UInt8] = []
        var calls = 0
        while !queue.isEmpty {
            let last = queue.drain { piece in
                calls += 1
                guard calls % 3 != 0 else { return .wouldBlock }
                let count = min(piece.count, 777)
                taken += piece.prefix(count)
                return .bytes(count)
            }
            guard last == .wouldBlock || last == .bytes(0) else { break }
        }
        #expect(taken == bytes)
        #expect(queue.count == 0)
    }

    @Test func `a failed write is told and the rest stays`() {
        var queue = OutboundQueue()
        [UInt8](repeating: 1, count: 10).withUnsafeBytes { queue.append($0) }
        #expect(queue.drain { _ in .failed(SystemError("send", EPIPE)) } == .failed(SystemError("send", EPIPE)))
        #expect(queue.count == 10)
    }
}
