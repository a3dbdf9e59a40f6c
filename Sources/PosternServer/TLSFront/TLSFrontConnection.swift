internal import PosternCore
internal import PosternNet
internal import PosternTLS

/// One client of a `TLSFront` and its connection to the plaintext side.
final class TLSFrontConnection: EventHandler {
    private enum Side: UInt8 {
        case client
        case upstream
    }

    /// From the accepted connection to its end. A fetch of a key set takes a fraction of a second.
    private static let lifetime = Duration.seconds(30)
    /// From the accepted connection to a whole request head.
    private static let headLimit = Duration.seconds(10)

    private let client: Int32
    private let upstream: Int32
    /// nil where there is no TLS.
    private let engine: TLSEngine?
    /// What the client may still send; nil for no limit.
    private var room: Int?
    private let buffers: TLSFrontBuffers
    private var clientRegistration: Registration?
    private var upstreamRegistration: Registration?
    private var toClient = OutboundQueue()
    private var toUpstream = OutboundQueue()
    /// The plaintext side has said everything; the connection ends when the client has got it.
    private var isFinishing = false
    private var request = FrontRequest()
    private var spoke: (() -> Void)?
    private var ended: (() -> Void)?

    /// - Parameters:
    ///   - client: a connected descriptor, owned by this object from now on.
    ///   - upstream: another.
    init(_ client: Int32, _ engine: TLSEngine?, upstream: Int32, byteLimit: Int?, _ buffers: TLSFrontBuffers) {
        self.client = client
        self.upstream = upstream
        self.engine = engine
        self.buffers = buffers
        room = byteLimit
    }

    deinit {
        Socket.close(client)
        Socket.close(upstream)
    }

    /// - Parameters:
    ///   - spoke: called when the client has delivered a whole request head.
    ///   - ended: called when the connection is over.
    func start(on loop: isolated EventLoop, spoke: @escaping () -> Void, ended: @escaping () -> Void) {
        self.spoke = spoke
        self.ended = ended
        let clientRegistration = loop.register(self, tag: Side.client.rawValue)
        let upstreamRegistration = loop.register(self, tag: Side.upstream.rawValue)
        self.clientRegistration = clientRegistration
        self.upstreamRegistration = upstreamRegistration
        do {
            try loop.watch(client, for: .read, as: clientRegistration)
            try loop.watch(upstream, for: .read, as: upstreamRegistration)
            loop.setTimer(at: .now.advanced(by: Self.headLimit), for: clientRegistration)
        } catch {
            end(on: loop)
        }
    }

    func timerFired(tag: UInt8, on loop: isolated EventLoop) { end(on: loop) }

    func ready(_ readiness: Readiness, tag: UInt8, on loop: isolated EventLoop) {
        let isAlive =
            switch Side(rawValue: tag) {
            case .client: clientReady(readiness)
            case .upstream: upstreamReady(readiness)
            case nil: false
            }
        guard isAlive, !(isFinishing && toClient.isEmpty) else { return end(on: loop) }
        if request.hasHead, let spoke, let clientRegistration {
            self.spoke = nil
            spoke()
            loop.setTimer(at: .now.advanced(by: Self.lifetime - Self.headLimit), for: clientRegistration)
        }
        updateInterest(on: loop)
    }

    /// Makes room for another.
    func close(on loop: isolated EventLoop) { end(on: loop) }

    // MARK: - The two sides: each returns whether the connection goes on

    private func clientReady(_ readiness: Readiness) -> Bool {
        if readiness.intersects(.write), !flush(&toClient, client) { return false }
        guard readiness.intersects(.input), toUpstream.count < OutboundQueue.highWater, !isFinishing
        else {
            return true
        }
        switch Socket.receive(client, into: buffers.input) {
        case .bytes(let count):
            guard let engine else { return take(count) && forward(buffers.input, count) }
            let progress = engine.receive(
                UnsafeRawBufferPointer(rebasing: buffers.input[..<count]),
                plaintext: buffers.plaintext,
                ciphertext: buffers.ciphertext
            )
            guard take(progress.plaintext) else { return false }
            let answered = deliver(buffers.ciphertext, progress.ciphertext, &toClient, client)
            let forwarded = forward(buffers.plaintext, progress.plaintext)
            switch engine.phase {
            case .handshaking, .established: return answered && forwarded
            case .closed, .failed: return false
            }
        case .wouldBlock: return true
        case .ended, .failed: return false
        }
    }

    private func upstreamReady(_ readiness: Readiness) -> Bool {
        if readiness.intersects(.write), !flush(&toUpstream, upstream) { return false }
        guard readiness.intersects(.input), toClient.count < OutboundQueue.highWater else {
            return true
        }
        switch Socket.receive(upstream, into: buffers.input) {
        case .bytes(let count):
            guard let engine else { return deliver(buffers.input, count, &toClient, client) }
            return encrypt(UnsafeRawBufferPointer(rebasing: buffers.input[..<count]), with: engine)
        case .wouldBlock: return true
        case .ended:
            isFinishing = true
            guard let engine else { return true }
            return deliver(buffers.ciphertext, engine.close(ciphertext: buffers.ciphertext), &toClient, client)
        case .failed: return false
        }
    }

    /// Whether the client may send these bytes too.
    private func take(_ count: Int) -> Bool {
        guard let left = room else { return true }
        room = left - count
        return count <= left
    }

    /// Passes on what belongs to the connection's one request.
    private func forward(_ bytes: UnsafeMutableRawBufferPointer, _ count: Int) -> Bool {
        guard count > 0 else { return true }
        switch request.take(bytes[..<count]) {
        case .wait: return true
        case .pass(let piece):
            piece.withUnsafeBytes { toUpstream.append($0) }
            return flush(&toUpstream, upstream)
        case .refuse(let refusal):
            isFinishing = true
            return refusal.reply.withUnsafeBytes { reply in
                guard let engine else {
                    toClient.append(reply)
                    return flush(&toClient, client)
                }
                return encrypt(reply, with: engine)
                    && deliver(buffers.ciphertext, engine.close(ciphertext: buffers.ciphertext), &toClient, client)
            }
        }
    }

    private func encrypt(_ plaintext: UnsafeRawBufferPointer, with engine: TLSEngine) -> Bool {
        var rest = plaintext
        while !rest.isEmpty {
            let (consumed, count) = engine.send(rest, ciphertext: buffers.ciphertext)
            guard consumed > 0, deliver(buffers.ciphertext, count, &toClient, client) else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[consumed...])
        }
        return true
    }

    // MARK: - Sending

    /// Sends the first `count` bytes now, or as soon as the peer takes them.
    private func deliver(
        _ bytes: UnsafeMutableRawBufferPointer,
        _ count: Int,
        _ queue: inout OutboundQueue,
        _ descriptor: Int32
    ) -> Bool {
        guard count > 0 else { return true }
        queue.append(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        return flush(&queue, descriptor)
    }

    private func flush(_ queue: inout OutboundQueue, _ descriptor: Int32) -> Bool {
        switch queue.drain({ Socket.send(descriptor, $0) }) {
        case .bytes, .wouldBlock: true
        case .ended, .failed: false
        }
    }

    private func updateInterest(on loop: isolated EventLoop) {
        guard let clientRegistration, let upstreamRegistration else { return }
        var interest: Readiness = toUpstream.count < OutboundQueue.highWater && !isFinishing ? .read : []
        if !toClient.isEmpty { interest.insert(.write) }
        loop.setInterest(interest, for: clientRegistration)
        interest = toClient.count < OutboundQueue.highWater && !isFinishing ? .read : []
        if !toUpstream.isEmpty { interest.insert(.write) }
        loop.setInterest(interest, for: upstreamRegistration)
    }

    private func end(on loop: isolated EventLoop) {
        if let clientRegistration { loop.unregister(clientRegistration) }
        if let upstreamRegistration { loop.unregister(upstreamRegistration) }
        clientRegistration = nil
        upstreamRegistration = nil
        ended?()
        ended = nil
        spoke = nil
    }
}
