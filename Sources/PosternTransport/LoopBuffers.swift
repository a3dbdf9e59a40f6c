/// The buffers that all connections of one loop share: what one call reads or encrypts is used up before the next.
///
/// A connection holds memory of its own only while a message is incomplete or its peer is slow.
package final class LoopBuffers {
    /// Bytes read from a socket at once.
    package static let readSize = 64 * 1024
    /// The longest beginning of a message that is put in front of newly read bytes. More is assembled elsewhere.
    package static let headroom = 64 * 1024

    /// Ciphertext from a socket.
    package let ciphertext = UnsafeMutableRawBufferPointer.allocate(byteCount: readSize, alignment: 64)
    /// Plaintext: held bytes, then what one read gave, then room for the record that was incomplete before it.
    package let plaintext = UnsafeMutableRawBufferPointer.allocate(
        byteCount: headroom + readSize + 32 * 1024,
        alignment: 64
    )
    /// Ciphertext for a socket.
    package let outgoing = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 * 1024, alignment: 64)

    package init() {}

    // Unsafe: raw memory, freed here, lent for the length of a call only.
    deinit {
        ciphertext.deallocate()
        plaintext.deallocate()
        outgoing.deallocate()
    }
}
