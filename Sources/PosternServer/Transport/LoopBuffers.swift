/// The buffers that all connections of one loop share: what one call reads or encrypts is used up before the next.
///
/// A connection holds memory of its own only while a message is incomplete or its peer is slow.
final class LoopBuffers {
    /// Bytes read from a socket at once.
    static let readSize = 64 * 1024
    /// The longest beginning of a message that is put in front of newly read bytes. More is assembled elsewhere.
    static let headroom = 64 * 1024

    /// Ciphertext from a socket.
    let ciphertext = UnsafeMutableRawBufferPointer.allocate(byteCount: readSize, alignment: 64)
    /// Plaintext: held bytes, then what one read gave, then room for the record that was incomplete before it.
    let plaintext = UnsafeMutableRawBufferPointer.allocate(
        byteCount: headroom + readSize + 32 * 1024,
        alignment: 64
    )
    /// Ciphertext for a socket.
    let outgoing = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 * 1024, alignment: 64)

    // Unsafe: raw memory, freed here, lent for the length of a call only.
    deinit {
        ciphertext.deallocate()
        plaintext.deallocate()
        outgoing.deallocate()
    }
}
