internal import CPosternLinux
internal import Glibc

/// The socket calls that the gateway makes, non-blocking and close-on-exec throughout.
package enum Socket {
    /// What came of a read or a write.
    package enum Transfer: Hashable, Sendable {
        case bytes(Int)
        case wouldBlock
        /// The peer closed its side (reads only).
        case ended
        case failed(SystemError)
    }

    private static let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)

    private static func make(_ family: SocketAddress.Family) throws -> OwnedFD {
        let domain =
            switch family {
            case .ipv4: AF_INET
            case .ipv6: AF_INET6
            case .unix: AF_UNIX
            }
        let descriptor = socket(domain, Int32(SOCK_STREAM.rawValue) | flags, 0)
        guard descriptor >= 0 else { throw SystemError.last("socket") }
        return OwnedFD(descriptor)
    }

    /// A listening socket.
    ///
    /// - Parameters:
    ///   - backlog: connections that the kernel keeps until they are accepted.
    ///   - mode: of a Unix socket's file; what umask leaves of 0777 when nil.
    package static func listen(
        on address: SocketAddress,
        backlog: Int32 = 1024,
        mode: UInt32? = nil
    ) throws -> OwnedFD {
        let descriptor = try make(address.family)
        if address.family != .unix { try set(descriptor.number, SOL_SOCKET, SO_REUSEADDR, 1) }
        if address.family == .ipv6 { try set(descriptor.number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        // The file that bind makes has the socket's own mode, less what umask takes: at no moment can others come in.
        if let mode, address.family == .unix {
            guard fchmod(descriptor.number, mode) == 0 else { throw SystemError.last("fchmod") }
        }
        let bound = address.withSockaddr { bind(descriptor.number, $0, $1) }
        guard bound == 0 else { throw SystemError.last("bind \(address)") }
        guard Glibc.listen(descriptor.number, backlog) == 0 else { throw SystemError.last("listen \(address)") }
        return descriptor
    }

    /// Starts a connection; it is made when the descriptor becomes writable and `error` says zero.
    ///
    /// - Parameter source: what the socket is bound to before, which its peer sees as our address.
    package static func connect(to address: SocketAddress, from source: SocketAddress? = nil) throws -> OwnedFD {
        let descriptor = try make(address.family)
        if let source {
            let bound = source.withSockaddr { bind(descriptor.number, $0, $1) }
            guard bound == 0 else { throw SystemError.last("bind \(source)") }
        }
        configure(descriptor.number, family: address.family)
        let status = address.withSockaddr { Glibc.connect(descriptor.number, $0, $1) }
        guard status == 0 || errno == EINPROGRESS else { throw SystemError.last("connect \(address)") }
        return descriptor
    }

    /// Takes one connection off a listener.
    ///
    /// - Returns: nil when there is none left.
    /// - Throws: `SystemError`; EMFILE and ENFILE are the ones to survive.
    package static func accept(from listener: Int32) throws -> (descriptor: Int32, peer: SocketAddress?)? {
        while true {
            let (descriptor, peer) = SocketAddress.read { postern_accept4(listener, $0, $1, flags) }
            if descriptor >= 0 {
                if let peer { configure(descriptor, family: peer.family) }
                return (descriptor, peer)
            }
            switch errno {
            case EAGAIN: return nil
            case EINTR, ECONNABORTED: continue
            default: throw SystemError.last("accept")
            }
        }
    }

    /// Small messages leave at once; a peer that vanished without a word is noticed within two minutes.
    private static func configure(_ descriptor: Int32, family: SocketAddress.Family) {
        guard family != .unix else { return }
        // Each of these only tunes a working connection: one that the kernel refuses changes nothing.
        try? set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        try? set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        try? set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60)
        try? set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 15)
        try? set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT, 4)
        try? set(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, 120_000)
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) throws {
        var value = value
        let status = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        guard status == 0 else { throw SystemError.last("setsockopt") }
    }

    @inline(__always)
    package static func receive(_ descriptor: Int32, into room: UnsafeMutableRawBufferPointer) -> Transfer {
        while true {
            let count = recv(descriptor, room.baseAddress, room.count, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .ended }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .failed(.last("recv"))
            }
        }
    }

    @inline(__always)
    package static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Transfer {
        while true {
            let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return .bytes(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .failed(.last("send"))
            }
        }
    }

    /// The error of a connection attempt that has ended, nil when it was made.
    package static func connectionError(_ descriptor: Int32) -> SystemError? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else { return .last("getsockopt") }
        return code == 0 ? nil : SystemError("connect", code)
    }

    /// The address that the socket itself has: the real port after a bind to port 0.
    package static func localAddress(_ descriptor: Int32) -> SocketAddress? {
        SocketAddress.read { getsockname(descriptor, $0, $1) }.address
    }

    /// Says that nothing more will be sent.
    package static func shutdownWrites(_ descriptor: Int32) {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    package static func close(_ descriptor: Int32) {
        Glibc.close(descriptor)
    }
}
