internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import Glibc
internal import PosternIssuer
package import PosternNet
internal import PosternServer
package import PosternTLS

/// The issuer's HTTP: a server on a Unix socket that nobody else can reach, behind a front that ends TLS and bounds
/// connections, bytes and time.
package final class IssuerHTTPServer: Sendable {
    /// A request's head and its body, and some room for chunks.
    private static let connectionByteLimit = IssuerLimits.bodyBytes + (64 << 10)
    private static let silenceLimit = Duration.seconds(10)
    private static let answerLimit: TimeInterval = 20
    private static let drainLimit = Duration.seconds(10)

    private let server: HTTPServer
    private let task: Task<Void, any Error>
    private let front: TLSFront
    private let folder: String

    /// Listens and serves until `stop`.
    ///
    /// - Parameters:
    ///   - address: port 0 lets the system choose.
    ///   - context: nil for no TLS.
    /// - Throws: when the address cannot be bound.
    package init(address: PosternNet.SocketAddress, context: TLSContext?, service: IssuerService) async throws {
        folder = try Self.makeFolder()
        let path = folder + "/http"
        let pool = SilenceLimitedPool(base: HTTPServer.defaultPool(), limit: Self.silenceLimit)
        let configuration = HTTPServer.Configuration(
            address: sockaddr_un.unix(path: path),
            timeout: Self.answerLimit,
            pool: pool,
            logger: .disabled
        )
        let server = HTTPServer(config: configuration, handler: IssuerPages(service: service))
        self.server = server
        task = Task { try await server.run() }
        do {
            try await server.waitUntilListening(timeout: 30)
            guard let upstream = PosternNet.SocketAddress(unixPath: path) else {
                throw POSIXError(.ENAMETOOLONG)
            }
            front = try await TLSFront(
                address: address,
                context: context,
                upstream: upstream,
                options: .init(byteLimit: Self.connectionByteLimit, peerFolder: folder)
            )
        } catch {
            task.cancel()
            Self.remove(folder)
            throw error
        }
    }

    /// The address with the port in use.
    package var address: PosternNet.SocketAddress { front.address }

    /// Uses another certificate for the connections that come from now on.
    package func use(_ context: TLSContext?) { front.use(context) }

    /// Takes no connection any more, lets those that there are end, and closes everything.
    package func stop() async {
        front.stopAccepting()
        let deadline = ContinuousClock.now + Self.drainLimit
        while front.connectionCount > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(10))
        }
        await front.stop()
        task.cancel()
        Self.remove(folder)
    }

    private static func makeFolder() throws -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var template = Array("\(parent)/postern-issuer-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func remove(_ folder: String) {
        unlink(folder + "/http")
        rmdir(folder)
    }
}
