internal import Glibc
internal import PosternCore
internal import PosternNet
internal import PosternTLS

/// A connection for one request, which blocks its thread up to a deadline: for the pool.
final class DeadlineConnection {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let bufferSize = 32 * 1024
    /// For one address, as long as there are others.
    private static let connectTimeout = Duration.seconds(5)

    private let descriptor: OwnedFD
    private let deadline: MonotonicTime
    private var engine: TLSEngine?
    private var buffer = [UInt8](repeating: 0, count: bufferSize)

    /// Connects to the first of the addresses that answers.
    init(to addresses: [SocketAddress], deadline: MonotonicTime) throws(Failure) {
        self.deadline = deadline
        var last = Failure(description: "it has no address")
        for (index, address) in addresses.enumerated() {
            let share = MonotonicTime.now.advanced(by: Self.connectTimeout)
            do {
                descriptor = try Self.connect(
                    to: address,
                    deadline: index == addresses.count - 1 ? deadline : min(deadline, share)
                )
                return
            } catch {
                last = Failure(description: "\(error)")
            }
        }
        throw last
    }

    private static func connect(to address: SocketAddress, deadline: MonotonicTime) throws -> OwnedFD {
        let descriptor = try Socket.connect(to: address)
        try wait(descriptor.number, POLLOUT, deadline)
        if let error = Socket.connectionError(descriptor.number) { throw error }
        return descriptor
    }

    private static func wait(_ descriptor: Int32, _ events: Int32, _ deadline: MonotonicTime) throws(Failure) {
        while true {
            let now = MonotonicTime.now
            guard now < deadline else { throw Failure(description: "it did not answer in time") }
            var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            // Rounded up, so that the last step is no spin of empty polls.
            let milliseconds = (deadline.since(now).inMicroseconds + 999) / 1000
            let count = poll(&entry, 1, Int32(clamping: milliseconds))
            if count > 0 { return }
            guard count == 0 || errno == EINTR else { throw Failure(description: "\(SystemError.last("poll"))") }
        }
    }

    /// From now on the connection carries TLS, with the certificate verified for `host`.
    func secure(_ context: TLSContext, host: String) throws(Failure) {
        do {
            engine = try TLSEngine(client: context, host: host, verifiesHost: true, offersALPN: false)
        } catch {
            throw Failure(description: "\(error)")
        }
        _ = try decrypt([])
        while case .handshaking? = engine?.phase {
            guard let bytes = try read() else {
                throw Failure(description: "it ended the connection within the handshake")
            }
            _ = try decrypt(bytes)
        }
    }

    func send(_ bytes: [UInt8]) throws(Failure) {
        guard let engine else { return try write(bytes) }
        var rest = bytes[...]
        var ciphertext = [UInt8](repeating: 0, count: Self.bufferSize)
        while !rest.isEmpty {
            let step = rest.withUnsafeBytes { rest in
                ciphertext.withUnsafeMutableBytes { engine.send(rest, ciphertext: $0) }
            }
            guard step.consumed > 0 else { throw Failure(description: "TLS takes no more") }
            rest = rest.dropFirst(step.consumed)
            try write(Array(ciphertext.prefix(step.ciphertext)))
        }
    }

    /// What comes next; nil when the peer ended its side in good order.
    func receive() throws(Failure) -> [UInt8]? {
        while true {
            guard let engine else { return try read() }
            switch engine.phase {
            case .closed: return nil
            case .handshaking, .established, .failed: break
            }
            // Under TLS an end without close_notify may be anybody's.
            guard let bytes = try read() else { throw Failure(description: "it broke the connection off") }
            let plaintext = try decrypt(bytes)
            if !plaintext.isEmpty { return plaintext }
        }
    }

    private func decrypt(_ input: [UInt8]) throws(Failure) -> [UInt8] {
        guard let engine else { return input }
        var plaintext = [UInt8](repeating: 0, count: Self.bufferSize * 2)
        var ciphertext = [UInt8](repeating: 0, count: Self.bufferSize)
        let progress = input.withUnsafeBytes { input in
            plaintext.withUnsafeMutableBytes { plaintext in
                ciphertext.withUnsafeMutableBytes { engine.receive(input, plaintext: plaintext, ciphertext: $0) }
            }
        }
        if progress.ciphertext > 0 { try write(Array(ciphertext.prefix(progress.ciphertext))) }
        if case .failed(let error) = engine.phase { throw Failure(description: "\(error)") }
        return Array(plaintext.prefix(progress.plaintext))
    }

    private func read() throws(Failure) -> [UInt8]? {
        while true {
            switch buffer.withUnsafeMutableBytes({ Socket.receive(descriptor.number, into: $0) }) {
            case .bytes(let count): return Array(buffer.prefix(count))
            case .ended: return nil
            case .wouldBlock: try Self.wait(descriptor.number, POLLIN, deadline)
            case .failed(let error): throw Failure(description: "\(error)")
            }
        }
    }

    private func write(_ bytes: [UInt8]) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            switch rest.withUnsafeBytes({ Socket.send(descriptor.number, $0) }) {
            case .bytes(let count): rest = rest.dropFirst(count)
            case .wouldBlock, .ended: try Self.wait(descriptor.number, POLLOUT, deadline)
            case .failed(let error): throw Failure(description: "\(error)")
            }
        }
    }
}
