internal import PosternCrypto
internal import PosternNet
internal import PostgresWire
internal import Synchronization

/// Where a cancel request must go: the keys that the gateway gave to its jobs.
///
/// The keys are the gateway's own, so they name a session and nothing upstream. One table for all loops: it is
/// touched when a session begins or ends and when somebody cancels, never for a message.
final class CancelRegistry: Sendable {
    struct Target: Sendable {
        let loop: EventLoop
        let registration: Registration

        /// Has the session's server cancel what it does, and returns when the request is over.
        func cancel(source: String) async {
            await withCheckedContinuation { continuation in
                Task {
                    await loop.perform { loop in
                        guard let session = loop.handler(of: registration) as? Session else {
                            return continuation.resume()
                        }
                        session.cancelRequested(source: source, completion: { continuation.resume() }, on: loop)
                    }
                }
            }
        }
    }

    private struct Entry {
        let secret: [UInt8]
        let target: Target
    }

    // Servers give out their process ids on their own: two sessions may bear the same one.
    private let entries = Mutex<[Int32: [Entry]]>([:])

    /// Makes a key for a session: the server's process id, which drivers compare with notifications' senders and with
    /// `pg_backend_pid()`, and a secret of the gateway's own.
    ///
    /// - Parameters:
    ///   - processID: the server's; nil when it gave none.
    ///   - length: bytes of the secret: 4 for protocol 3.0, 32 for 3.2.
    func register(_ target: Target, processID: Int32?, length: Int) -> CancelKey? {
        let processID = processID ?? Int32.random(in: 1...Int32.max)
        return entries.withLock { entries in
            var secret: [UInt8]
            repeat {
                secret = SecureRandom.bytes(length)
            } while entries[processID]?.contains { $0.secret == secret } ?? false
            entries[processID, default: []].append(Entry(secret: secret, target: target))
            return CancelKey(processID: processID, secret: secret)
        }
    }

    /// Forgets a session's key.
    func remove(_ key: CancelKey) {
        let secret = key.reveal()
        entries.withLock { entries in
            entries[key.processID]?.removeAll { $0.secret == secret }
            if entries[key.processID]?.isEmpty ?? false { entries[key.processID] = nil }
        }
    }

    /// The session that a key belongs to, nil when there is none.
    func target(of key: CancelKey) -> Target? {
        let secret = key.reveal()
        let candidates = entries.withLock { $0[key.processID] } ?? []
        // Every candidate is compared in full, and an unknown id costs a comparison too.
        var found: Target?
        for candidate in candidates where equalInConstantTime(candidate.secret, secret) { found = candidate.target }
        if candidates.isEmpty { _ = equalInConstantTime([UInt8](repeating: 0, count: secret.count), secret) }
        return found
    }
}
