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
    /// - Throws: `Gateway.StartFailure` with the address in its text.
    init(_ configuration: ListenerConfiguration) throws {
        let wanted = try Self.address(of: configuration.address)
        if case .unix(let path) = configuration.address { try Self.removeStale(path) }
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

    /// A file that a gateway left behind is removed; one that somebody listens on is not.
    private static func removeStale(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw Gateway.StartFailure("`\(path)` is there and is not a socket")
        }
        guard let address = SocketAddress(unixPath: path), let probe = try? Socket.connect(to: address) else {
            unlink(path)
            return
        }
        _ = consume probe
        throw Gateway.StartFailure("somebody listens on `\(path)` already")
    }
}
