internal import PosternCore
package import PosternNet
package import PosternTLS

/// Terminates TLS and pipes what is inside to a Unix socket, byte by byte.
///
/// It stands before the HTTP servers that speak no TLS themselves. It has an event loop of its own and no part in the
/// gateway's sessions.
package final class TLSFront: Sendable {
    /// The address with the port in use.
    package let address: SocketAddress
    private let loop: EventLoop

    /// Listens, and serves until `stop`.
    ///
    /// - Parameters:
    ///   - address: port 0 lets the system choose.
    ///   - context: from `TLSContext(plainServer:)`.
    ///   - upstream: where the plaintext goes; a connection for each client.
    /// - Throws: `SystemError` when the address cannot be bound.
    package init(address: SocketAddress, context: TLSContext, upstream: SocketAddress) async throws {
        let loop = try EventLoop(name: "postern.tls-front")
        loop.start()
        self.loop = loop
        do {
            self.address = try await loop.perform { loop in
                let listener = try TLSFrontListener(address, context, upstream)
                try listener.start(on: loop)
                return listener.address
            }
        } catch {
            await loop.stop()
            throw error
        }
    }

    /// Closes the listener and every connection.
    package func stop() async {
        await loop.stop()
    }
}

/// Accepts connections, up to a limit.
final class TLSFrontListener: EventHandler {
    /// A client of an issuer makes one connection for each refresh.
    private static let connectionLimit = 128
    /// From a failed accept to the next.
    private static let retryAfter = Duration.milliseconds(100)

    private let descriptor: Int32
    private let context: TLSContext
    private let upstream: SocketAddress
    private let buffers = TLSFrontBuffers()
    private var registration: Registration?
    private var connections = 0

    let address: SocketAddress

    init(_ address: SocketAddress, _ context: TLSContext, _ upstream: SocketAddress) throws {
        descriptor = try Socket.listen(on: address, backlog: 64).release()
        self.address = Socket.localAddress(descriptor) ?? address
        self.context = context
        self.upstream = upstream
    }

    deinit { Socket.close(descriptor) }

    func start(on loop: isolated EventLoop) throws {
        let registration = loop.register(self)
        self.registration = registration
        try loop.watch(descriptor, for: .read, as: registration)
    }

    func ready(_ readiness: Readiness, tag: UInt8, on loop: isolated EventLoop) {
        // One a turn: the connections that exist go first, and the level-triggered set asks again.
        let next: (descriptor: Int32, peer: SocketAddress?)?
        do {
            next = try Socket.accept(from: descriptor)
        } catch {
            // No descriptor left: the level-triggered set would ask without end.
            pause(on: loop)
            return
        }
        guard let accepted = next else { return }
        guard connections < Self.connectionLimit, let engine = try? TLSEngine(server: context),
            let connection = try? TLSFrontConnection(accepted.descriptor, engine, upstream, buffers)
        else {
            Socket.close(accepted.descriptor)
            return
        }
        connections += 1
        connection.start(on: loop) { [weak self] in self?.connections -= 1 }
    }

    func timerFired(tag: UInt8, on loop: isolated EventLoop) {
        if let registration { loop.setInterest(.read, for: registration) }
    }

    private func pause(on loop: isolated EventLoop) {
        guard let registration else { return }
        loop.setInterest([], for: registration)
        loop.setTimer(at: .now.advanced(by: Self.retryAfter), for: registration)
    }
}

/// The room that all connections of a front use in turn.
final class TLSFrontBuffers {
    static let inputSize = 16 * 1024
    // A record more than the input, as the engine asks.
    private static let plaintextSize = 48 * 1024
    private static let ciphertextSize = 64 * 1024

    // Raw memory because the engine and the socket calls take it; freed in deinit, lent only within one call.
    let input = UnsafeMutableRawBufferPointer.allocate(byteCount: inputSize, alignment: 16)
    let plaintext = UnsafeMutableRawBufferPointer.allocate(byteCount: plaintextSize, alignment: 16)
    let ciphertext = UnsafeMutableRawBufferPointer.allocate(byteCount: ciphertextSize, alignment: 16)

    deinit {
        input.deallocate()
        plaintext.deallocate()
        ciphertext.deallocate()
    }
}
