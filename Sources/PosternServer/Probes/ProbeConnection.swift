internal import Glibc
internal import PosternCore
internal import PosternNet
internal import PosternTLS
internal import PosternTransport
internal import PosternUpstream

/// One connection of a probe to a server: a socket, its TLS, and a moment at which it is given up.
///
/// Every call may block until that moment: for the blocking pool only. Confined to one thread.
final class ProbeConnection {
    enum Failure: Error {
        case timedOut
        case broken(String)
        /// The login's own answer.
        case refused(UpstreamFailure)
    }

    private let descriptor: OwnedFD
    private let deadline: MonotonicTime
    private let buffers = LoopBuffers()
    private var engine: TLSEngine?

    /// Connects.
    init(to address: SocketAddress, deadline: MonotonicTime) throws(Failure) {
        self.deadline = deadline
        do {
            descriptor = try Socket.connect(to: address)
        } catch {
            throw .broken("\(error)")
        }
        try wait(for: POLLOUT)
        if let error = Socket.connectionError(descriptor.number) { throw .broken("\(address): \(error)") }
    }

    /// `TLSv1.3`, and so on; nil without TLS.
    var tlsVersion: String? { engine?.version }

    /// Does the handshake as a client.
    ///
    /// - Returns: the digest for channel binding, where the certificate has one.
    func startTLS(_ engine: TLSEngine) throws(Failure) -> [UInt8]? {
        self.engine = engine
        var received = try decrypt(UnsafeRawBufferPointer(start: nil, count: 0))
        while case .handshaking = engine.phase {
            guard let next = try receiveOnce(limit: LoopBuffers.readSize) else {
                throw .broken("server closed the connection during the TLS handshake")
            }
            received = next
        }
        // A server speaks only when it has been spoken to.
        guard received.isEmpty else { throw .broken("server sent bytes before the startup packet") }
        return engine.serverEndPointHash
    }

    /// Sends all of `bytes`.
    func send(_ bytes: [UInt8]) throws(Failure) {
        guard let engine else { return try put(bytes[...]) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let step = rest.withUnsafeBytes { engine.send($0, ciphertext: buffers.outgoing) }
            guard step.consumed > 0 else { throw .broken("cannot write TLS") }
            rest = rest.dropFirst(step.consumed)
            try putOutgoing(step.ciphertext)
        }
    }

    /// Waits for bytes.
    ///
    /// - Parameter limit: the most bytes to take off the socket.
    /// - Returns: at least one byte, or none when the server has closed its side.
    func receive(limit: Int = LoopBuffers.readSize) throws(Failure) -> [UInt8] {
        while true {
            guard let bytes = try receiveOnce(limit: limit) else { return [] }
            if !bytes.isEmpty { return bytes }
        }
    }

    /// Says goodbye. Whether it arrives no longer matters.
    func finish(_ message: [UInt8]) {
        try? send(message)
        if let engine { try? putOutgoing(engine.close(ciphertext: buffers.outgoing)) }
    }

    // MARK: The socket

    /// Reads once, as soon as there is something.
    ///
    /// - Returns: nil at the end; no bytes when what came was TLS's own.
    private func receiveOnce(limit: Int) throws(Failure) -> [UInt8]? {
        while true {
            try wait(for: POLLIN)
            let room = UnsafeMutableRawBufferPointer(rebasing: buffers.ciphertext[..<limit])
            switch Socket.receive(descriptor.number, into: room) {
            case .bytes(let count):
                let bytes = UnsafeRawBufferPointer(rebasing: room[..<count])
                guard engine != nil else { return Array(bytes) }
                let plaintext = try decrypt(bytes)
                if plaintext.isEmpty, engine?.phase == .closed { return nil }
                return plaintext
            case .wouldBlock: continue
            case .ended: return nil
            case .failed(let error): throw .broken("\(error)")
            }
        }
    }

    private func decrypt(_ input: UnsafeRawBufferPointer) throws(Failure) -> [UInt8] {
        guard let engine else { return [] }
        let progress = engine.receive(input, plaintext: buffers.plaintext, ciphertext: buffers.outgoing)
        // An alert too: it tells the server why this side leaves.
        try putOutgoing(progress.ciphertext)
        if progress.plaintext == 0, case .failed(let error) = engine.phase { throw .broken("\(error)") }
        return Array(buffers.plaintext[..<progress.plaintext])
    }

    private func putOutgoing(_ count: Int) throws(Failure) {
        try put(Array(buffers.outgoing[..<count])[...])
    }

    private func put(_ bytes: ArraySlice<UInt8>) throws(Failure) {
        var rest = bytes
        while !rest.isEmpty {
            switch rest.withUnsafeBytes({ Socket.send(descriptor.number, $0) }) {
            case .bytes(let count): rest = rest.dropFirst(count)
            case .wouldBlock: try wait(for: POLLOUT)
            case .ended: throw .broken("server closed the connection")
            case .failed(let error): throw .broken("\(error)")
            }
        }
    }

    private func wait(for event: Int32) throws(Failure) {
        var entry = pollfd(fd: descriptor.number, events: Int16(event), revents: 0)
        while true {
            let remaining = deadline.since(.now).inMicroseconds
            guard remaining > 0 else { throw .timedOut }
            // Rounded up, so that the last step is not a spin of empty polls.
            let status = poll(&entry, 1, Int32(clamping: (remaining + 999) / 1000))
            if status > 0 { return }
            if status < 0, errno != EINTR { throw .broken("\(SystemError.last("poll"))") }
        }
    }
}
