internal import Glibc
internal import PosternCore
package import PosternNet
package import PosternTLS
internal import Synchronization

/// Terminates TLS and pipes what is inside to a Unix socket.
///
/// It stands before the HTTP servers that speak no TLS themselves, and bounds what a client can make them hold: how many
/// connections there are of one address and in all, how long a request takes to come, and that it is one
/// (`FrontRequest`). It has an event loop of its own and no part in the gateway's sessions.
package final class TLSFront: Sendable {
    /// The address with the port in use.
    package let address: SocketAddress
    private let loop: EventLoop
    private let state: TLSFrontState

    /// How the plaintext side sees a client.
    package struct Options: Sendable {
        /// The most that one connection may send; nil for no limit.
        package var byteLimit: Int?
        /// A folder of this process. A connection to the plaintext side comes from a path in it whose last part is a
        /// number, `@` and the client's address: the one thing that a Unix socket can tell of it.
        package var peerFolder: String?

        package init(byteLimit: Int? = nil, peerFolder: String? = nil) {
            self.byteLimit = byteLimit
            self.peerFolder = peerFolder
        }
    }

    /// Listens, and serves until `stop`.
    ///
    /// - Parameters:
    ///   - address: port 0 lets the system choose.
    ///   - context: from `TLSContext(plainServer:)`; nil to pass bytes on as they come.
    ///   - upstream: where the plaintext goes; a connection for each client.
    /// - Throws: `SystemError` when the address cannot be bound.
    package init(
        address: SocketAddress,
        context: TLSContext?,
        upstream: SocketAddress,
        options: Options = Options()
    ) async throws {
        let loop = try EventLoop(name: "postern.tls-front")
        let state = TLSFrontState(context)
        loop.start()
        self.loop = loop
        self.state = state
        do {
            self.address = try await loop.perform { loop in
                let listener = try TLSFrontListener(address, state, upstream, options)
                try listener.start(on: loop)
                return listener.address
            }
        } catch {
            await loop.stop()
            throw error
        }
    }

    /// Uses another certificate for the connections that come from now on.
    package func use(_ context: TLSContext?) { state.use(context) }

    /// Takes no connection any more.
    package func stopAccepting() { state.stopAccepting() }

    /// The connections that there are.
    package var connectionCount: Int { state.connections.load(ordering: .relaxed) }

    /// Closes the listener and every connection.
    package func stop() async {
        await loop.stop()
    }
}

/// What a front's owner and its loop share.
final class TLSFrontState: Sendable {
    private let context: Mutex<(current: TLSContext?, isAccepting: Bool)>
    let connections = Atomic<Int>(0)

    init(_ context: TLSContext?) {
        self.context = Mutex((context, true))
    }

    func use(_ context: TLSContext?) { self.context.withLock { $0.current = context } }

    func stopAccepting() { context.withLock { $0.isAccepting = false } }

    /// - Returns: nil when the connection is refused; otherwise the end of TLS, or none where there is no TLS.
    func engine() -> TLSEngine?? {
        let (current, isAccepting) = context.withLock { $0 }
        guard isAccepting else { return nil }
        guard let current else { return .some(nil) }
        return (try? TLSEngine(server: current)).map { .some($0) }
    }
}

/// Accepts connections, as long as there is room.
final class TLSFrontListener: EventHandler {
    /// From a failed accept to the next.
    private static let retryAfter = Duration.milliseconds(100)

    private let descriptor: Int32
    private let state: TLSFrontState
    private let upstream: SocketAddress
    private let options: TLSFront.Options
    private let buffers = TLSFrontBuffers()
    private var registration: Registration?
    private var accepted: UInt64 = 0
    private var room: FrontRoom
    private var connections: [UInt64: TLSFrontConnection] = [:]

    let address: SocketAddress

    init(
        _ address: SocketAddress,
        _ state: TLSFrontState,
        _ upstream: SocketAddress,
        _ options: TLSFront.Options
    ) throws {
        descriptor = try Socket.listen(on: address, backlog: 64).release()
        self.address = Socket.localAddress(descriptor) ?? address
        self.state = state
        self.upstream = upstream
        self.options = options
        // On the machine's own addresses everybody may come through one proxy.
        room = FrontRoom(limits: .init(perSource: address.isOfThisMachine ? nil : 32))
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
        self.accepted += 1
        guard let engine = state.engine(), let upstream = try? connect(for: accepted.peer) else {
            Socket.close(accepted.descriptor)
            return
        }
        let id = self.accepted
        switch room.admit(id, source: accepted.peer?.source ?? []) {
        case .admitted: break
        case .admittedInPlaceOf(let other): connections[other]?.close(on: loop)
        case .refused:
            Socket.close(accepted.descriptor)
            Socket.close(upstream)
            return
        }
        let connection = TLSFrontConnection(
            accepted.descriptor,
            engine,
            upstream: upstream,
            byteLimit: options.byteLimit,
            buffers
        )
        state.connections.add(1, ordering: .relaxed)
        connections[id] = connection
        connection.start(on: loop) { [weak self] in
            self?.room.spoke(id)
        } ended: { [weak self, state] in
            state.connections.subtract(1, ordering: .relaxed)
            self?.room.leave(id)
            self?.connections[id] = nil
        }
    }

    /// The plaintext side's connection for a client.
    private func connect(for peer: SocketAddress?) throws -> Int32 {
        guard let folder = options.peerFolder, let peer else { return try Socket.connect(to: upstream).release() }
        let path = "\(folder)/\(accepted)@\(peer.host)"
        // The name stays known to the other end when the file is gone.
        defer { unlink(path) }
        return try Socket.connect(to: upstream, from: SocketAddress(unixPath: path)).release()
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
