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
    }

    private struct Entry {
        let secret: [UInt8]
        let target: Target
    }

    private let entries = Mutex<[UInt32: Entry]>([:])

    /// Makes a key for a session.
    ///
    /// - Parameter length: bytes of the secret: 4 for protocol 3.0, 32 for 3.2.
    func register(_ target: Target, length: Int) -> (processID: UInt32, secret: [UInt8]) {
        let secret = SecureRandom.bytes(length)
        return entries.withLock { entries in
            var processID: UInt32
            repeat {
                // Positive as a signed number too: some drivers print it as one.
                processID = UInt32.random(in: 1...0x7FFF_FFFF)
            } while entries[processID] != nil
            entries[processID] = Entry(secret: secret, target: target)
            return (processID, secret)
        }
    }

    /// Forgets a session's key.
    func remove(_ processID: UInt32) {
        entries.withLock { entries in _ = entries.removeValue(forKey: processID) }
    }

    /// The session that a key belongs to, nil when there is none.
    func target(processID: UInt32, secret: [UInt8]) -> Target? {
        let entry = entries.withLock { $0[processID] }
        // An unknown id costs the same comparison as a known one.
        let expected = entry?.secret ?? [UInt8](repeating: 0, count: secret.count)
        return equalInConstantTime(expected, secret) ? entry?.target : nil
    }
}
