internal import Glibc
internal import PosternConfiguration
internal import PosternNet

/// One bound address of the gateway, open for as long as the process serves.
final class ListeningSocket: Sendable {
    let descriptor: Int32
    let address: SocketAddress
    let settings: ListenerSettings

    /// Binds the address; a Unix socket's stale file is replaced.
    ///
    /// - Throws: `Gateway.StartFailure` or `StaleSocket.Obstacle`, with the address in its text.
    init(_ configuration: ListenerConfiguration) throws {
        let wanted = try Self.address(of: configuration.address)
        if case .unix(let path) = configuration.address { try StaleSocket.remove(path) }
        let socket: OwnedFD
        do {
            socket = try Socket.listen(on: wanted)
        } catch {
            throw Gateway.StartFailure("cannot listen on `\(configuration.address)`: \(error)")
        }
        descriptor = socket.release()
        address = Socket.localAddress(descriptor) ?? wanted
        settings = ListenerSettings(endpoint: configuration.address, isSecure: configuration.tls != nil)
    }

    deinit { Socket.close(descriptor) }

    /// Takes no more connections: the kernel refuses them from now on, where it would keep them waiting for nobody.
    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        if case .unix(let path) = settings.endpoint { unlink(path) }
    }

    private static func address(of endpoint: Endpoint) throws -> SocketAddress {
        switch endpoint {
        case .unix(let path):
            guard let address = SocketAddress(unixPath: path) else {
                throw Gateway.StartFailure("the path of `\(endpoint)` is too long")
            }
            return address
        case .network(let host, let port):
            guard let address = try NameResolver.resolve(host: host, port: port).first else {
                throw Gateway.StartFailure("`\(host)` has no address")
            }
            return address
        }
    }
}
