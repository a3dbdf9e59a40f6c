package import PosternNet
package import PosternTLS

/// One connection: of the gateway to a job or to a database, of a job to its driver or to the gateway: a socket, its TLS, and what the peer has yet to take.
///
/// Plaintext on this side, whatever there is on the wire. Confined to its loop.
package final class Transport {
    package enum Received {
        /// Plaintext that follows the held bytes in the loop's buffer.
        case bytes(count: Int)
        case nothing
        /// The peer closed its side in good order.
        case ended
        case failed(String)
    }

    package let descriptor: Int32
    package let registration: Registration
    package private(set) var engine: TLSEngine?
    private var outbound = OutboundQueue()
    private var wantsRead = true
    private var pendingEnd: Received?
    package private(set) var isClosed = false

    /// Why the last write failed, nil while writes work.
    package private(set) var writeFailure: SystemError?
    /// Plaintext bytes that came and went.
    package private(set) var bytesIn: UInt64 = 0
    package private(set) var bytesOut: UInt64 = 0

    /// Takes over a connected or connecting socket.
    ///
    /// - Throws: `SystemError` when the loop's epoll set takes no more; the socket is closed then.
    package init(
        _ descriptor: consuming OwnedFD,
        handler: any EventHandler,
        tag: UInt8,
        interest: Readiness,
        on loop: isolated EventLoop
    ) throws {
        let registration = loop.register(handler, tag: tag)
        do {
            try loop.watch(descriptor.number, for: interest, as: registration)
        } catch {
            loop.unregister(registration)
            throw error
        }
        self.registration = registration
        self.descriptor = descriptor.release()
    }

    deinit {
        if !isClosed { Socket.close(descriptor) }
    }

    package var isSecure: Bool { engine != nil }
    package var hasOutbound: Bool { !outbound.isEmpty }
    /// The peer is slower than the other side: reading that side must stop.
    package var isCongested: Bool { outbound.count > OutboundQueue.highWater }
    /// The peer has caught up.
    package var hasDrained: Bool { outbound.count <= OutboundQueue.lowWater }

    // MARK: TLS

    /// From now on the wire carries TLS.
    ///
    /// - Parameter received: ciphertext that was read already: the beginning of a direct ClientHello.
    package func secure(_ engine: TLSEngine, received: [UInt8] = [], _ buffers: LoopBuffers) -> Received {
        self.engine = engine
        return received.withUnsafeBytes { decrypt($0, held: 0, buffers) }
    }

    // MARK: Reading

    /// Reads once.
    ///
    /// - Parameters:
    ///   - held: bytes at the front of the loop's plaintext buffer that the caller put there.
    ///   - limit: the most bytes to take off the socket; before TLS nothing beyond one packet may be read.
    @inline(__always)
    package func receive(held: Int = 0, limit: Int = LoopBuffers.readSize, _ buffers: LoopBuffers) -> Received {
        guard !isClosed else { return .failed("closed") }
        let room: UnsafeMutableRawBufferPointer
        if engine == nil {
            room = UnsafeMutableRawBufferPointer(rebasing: buffers.plaintext[held..<(held + limit)])
        } else {
            room = UnsafeMutableRawBufferPointer(rebasing: buffers.ciphertext[..<limit])
        }
        switch Socket.receive(descriptor, into: room) {
        case .bytes(let count):
            guard engine == nil else {
                return decrypt(
                    UnsafeRawBufferPointer(rebasing: buffers.ciphertext[..<count]),
                    held: held,
                    buffers
                )
            }
            bytesIn &+= UInt64(count)
            return .bytes(count: count)
        case .wouldBlock: return .nothing
        case .ended: return .ended
        case .failed(let error): return .failed(error.description)
        }
    }

    private func decrypt(_ input: UnsafeRawBufferPointer, held: Int, _ buffers: LoopBuffers) -> Received {
        guard let engine else { return .nothing }
        let progress = engine.receive(
            input,
            plaintext: UnsafeMutableRawBufferPointer(rebasing: buffers.plaintext[held...]),
            ciphertext: buffers.outgoing
        )
        if progress.ciphertext > 0 {
            put(UnsafeRawBufferPointer(rebasing: buffers.outgoing[..<progress.ciphertext]))
        }
        let end: Received?
        switch engine.phase {
        case .handshaking, .established: end = nil
        case .closed: end = .ended
        case .failed(let error): end = .failed(error.description)
        }
        guard progress.plaintext > 0 else {
            // TLS answers some records by itself; a peer that makes it and does not read must not fill the memory.
            guard !isCongested else { return .failed("the peer does not read TLS's answers") }
            return end ?? .nothing
        }
        bytesIn &+= UInt64(progress.plaintext)
        pendingEnd = end
        return .bytes(count: progress.plaintext)
    }

    /// The end that TLS told of behind the bytes of the last read: no event will tell of it again.
    package func takePendingEnd() -> Received? {
        defer { pendingEnd = nil }
        return pendingEnd
    }

    // MARK: Writing

    /// Sends bytes, or queues what the kernel does not take now.
    @inline(__always)
    package func send(_ bytes: UnsafeRawBufferPointer, _ buffers: LoopBuffers) {
        bytesOut &+= UInt64(bytes.count)
        guard let engine else { return put(bytes) }
        var sent = 0
        while sent < bytes.count {
            let step = engine.send(
                UnsafeRawBufferPointer(rebasing: bytes[sent...]),
                ciphertext: buffers.outgoing
            )
            guard step.consumed > 0 else {
                if writeFailure == nil { writeFailure = SystemError("TLS", 0) }
                return
            }
            sent += step.consumed
            put(UnsafeRawBufferPointer(rebasing: buffers.outgoing[..<step.ciphertext]))
        }
    }

    package func send(_ bytes: [UInt8], _ buffers: LoopBuffers) {
        bytes.withUnsafeBytes { send($0, buffers) }
    }

    @inline(__always)
    private func put(_ bytes: UnsafeRawBufferPointer) {
        guard writeFailure == nil, !isClosed else { return }
        var rest = bytes
        if outbound.isEmpty {
            switch Socket.send(descriptor, bytes) {
            case .bytes(let count) where count == bytes.count: return
            case .bytes(let count): rest = UnsafeRawBufferPointer(rebasing: bytes[count...])
            case .wouldBlock, .ended: break
            case .failed(let error):
                writeFailure = error
                return
            }
        }
        outbound.append(rest)
    }

    /// Offers the queue to the kernel again.
    package func flush() {
        guard writeFailure == nil, !isClosed else { return }
        if case .failed(let error) = outbound.drain({ Socket.send(descriptor, $0) }) {
            writeFailure = error
            outbound.removeAll()
        }
    }

    // MARK: Interest and end

    /// Whether new bytes are wanted; a pause also silences the peer's half-close until it is over.
    package func setReading(_ wanted: Bool) {
        wantsRead = wanted
    }

    /// Tells the loop what this connection waits for.
    @inline(__always)
    package func updateInterest(on loop: isolated EventLoop) {
        var interest: Readiness = wantsRead ? .reading : Readiness(rawValue: 0)
        if !outbound.isEmpty { interest = Readiness(rawValue: interest.rawValue | Readiness.write.rawValue) }
        loop.setInterest(interest, for: registration)
    }

    /// Ends this side of the connection, after close_notify where there is TLS.
    package func shutdownWrites(_ buffers: LoopBuffers) {
        if let engine {
            let count = engine.close(ciphertext: buffers.outgoing)
            if count > 0 { put(UnsafeRawBufferPointer(rebasing: buffers.outgoing[..<count])) }
        }
        if outbound.isEmpty { Socket.shutdownWrites(descriptor) }
    }

    /// Ends this side without a word of TLS's, while answers are still to come: a server that closes over an unread
    /// close_notify resets the connection, and the kernel throws away what it had yet to send.
    package func shutdownWritesSilently() {
        if outbound.isEmpty { Socket.shutdownWrites(descriptor) }
    }

    /// Closes the socket and gives its place in the loop back.
    package func close(on loop: isolated EventLoop) {
        guard !isClosed else { return }
        isClosed = true
        loop.unregister(registration)
        Socket.close(descriptor)
        outbound.removeAll()
        engine = nil
    }
}
