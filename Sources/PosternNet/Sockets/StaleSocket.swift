internal import Glibc

/// A Unix socket's file that nobody listens on any more: it would be in the way of a new one.
package enum StaleSocket {
    /// Why the file stays.
    package enum Obstacle: Error, Hashable, Sendable, CustomStringConvertible {
        case isNoSocket(path: String)
        case isInUse(path: String)

        package var description: String {
            switch self {
            case .isNoSocket(let path): "`\(path)` is there and is not a socket"
            case .isInUse(let path): "somebody listens on `\(path)` already"
            }
        }
    }

    /// Removes a file that a process left behind; one that somebody listens on stays.
    package static func remove(_ path: String) throws(Obstacle) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .isNoSocket(path: path) }
        guard let address = SocketAddress(unixPath: path), let probe = try? Socket.connect(to: address) else {
            unlink(path)
            return
        }
        _ = consume probe
        throw .isInUse(path: path)
    }
}
