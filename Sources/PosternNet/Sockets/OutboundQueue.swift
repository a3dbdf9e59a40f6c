/// Bytes that the kernel did not take yet, for one direction of one connection.
///
/// Most connections never need it: it holds no memory until a peer reads slower than the other side writes, and
/// gives it back when it is empty. Its owner stops reading the fast side above `highWater`.
package struct OutboundQueue {
    /// Above this many bytes the other side is no longer read.
    package static let highWater = 256 * 1024
    /// Below this many bytes it is read again.
    package static let lowWater = 64 * 1024

    private var bytes: [UInt8] = []
    private var start = 0

    package init() {}

    package var count: Int { bytes.count - start }
    package var isEmpty: Bool { start == bytes.count }

    package mutating func append(_ more: UnsafeRawBufferPointer) {
        // A peer that is slow but never stops must not make the spent front grow without end.
        if start > Self.lowWater, start > bytes.count / 2 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// Offers what is queued to `send` and forgets what it took.
    ///
    /// - Returns: what the last `send` said.
    package mutating func drain(_ send: (UnsafeRawBufferPointer) -> Socket.Transfer) -> Socket.Transfer {
        while !isEmpty {
            let transfer = bytes.withUnsafeBytes { send(UnsafeRawBufferPointer(rebasing: $0[start...])) }
            guard case .bytes(let count) = transfer else { return transfer }
            start += count
        }
        bytes = []
        start = 0
        return .bytes(0)
    }

    /// Forgets everything.
    package mutating func removeAll() {
        bytes = []
        start = 0
    }
}
