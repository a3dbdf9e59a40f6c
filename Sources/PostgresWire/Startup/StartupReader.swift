/// Takes startup packets from a new connection, never a byte beyond the packet.
///
/// Bytes behind an SSLRequest must not be read before TLS has started, or they would be taken for bytes that came
/// through TLS (CVE-2021-23214). So the reader says how many bytes it needs: first the length and the code, then
/// the rest of the packet.
package struct StartupReader: Sendable {
    private enum Encryption: Sendable {
        /// Which requests have come. Can transition to: none, started.
        case none(sslRequested: Bool, gssRequested: Bool)
        /// TLS runs: neither request makes sense any more (CVE-2026-14681). Final.
        case started
    }

    private static let headerLength = 8

    private var encryption: Encryption
    private var packet: [UInt8] = []

    /// - Parameter isEncrypted: whether TLS runs already, as with direct TLS.
    package init(isEncrypted: Bool) {
        encryption = isEncrypted ? .started : .none(sslRequested: false, gssRequested: false)
    }

    /// How many bytes to read next at most: positive until a refusal, and bounded by the largest packet.
    package var bytesNeeded: Int {
        guard packet.count >= Self.headerLength else { return Self.headerLength - packet.count }
        return max(0, declaredLength - packet.count)
    }

    /// Whether a packet has begun and is not whole.
    package var isInsidePacket: Bool { !packet.isEmpty }

    /// Tells that TLS runs after an SSLRequest.
    /// - Precondition: no packet has begun.
    package mutating func encryptionStarted() {
        precondition(packet.isEmpty, "no packet may be under way when encryption starts")
        encryption = .started
    }

    /// Takes what it needs from the front of `input`; the rest stays there.
    ///
    /// - Returns: a packet when it is whole, else nil: all of `input` has been taken.
    /// - Throws: the refusal; the connection ends with it.
    package mutating func take(from input: inout ArraySlice<UInt8>) throws(Refusal) -> StartupPacket? {
        while !input.isEmpty {
            let taken = input.prefix(bytesNeeded)
            packet.append(contentsOf: taken)
            input = input.dropFirst(taken.count)
            if packet.count >= 4, !StartupPacket.lengths.contains(declaredLength) {
                throw .violation("invalid length of startup packet")
            }
            if packet.count >= Self.headerLength, packet.count == declaredLength {
                let whole = try StartupPacket(packet: packet[...])
                packet = []
                try note(whole)
                return whole
            }
        }
        return nil
    }

    private var declaredLength: Int {
        packet.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    /// Counts the requests for encryption: one of each, so that alternating them goes on for no longer than that
    /// (CVE-2026-6479).
    private mutating func note(_ packet: StartupPacket) throws(Refusal) {
        switch (packet, encryption) {
        case (.cancelRequest, _), (.startup, _): break
        case (.sslRequest, .none(sslRequested: false, let gssRequested)):
            encryption = .none(sslRequested: true, gssRequested: gssRequested)
        case (.gssEncryptionRequest, .none(let sslRequested, gssRequested: false)):
            encryption = .none(sslRequested: sslRequested, gssRequested: true)
        case (.sslRequest, .none), (.sslRequest, .started):
            throw .violation("unexpected SSL request")
        case (.gssEncryptionRequest, .none), (.gssEncryptionRequest, .started):
            throw .violation("unexpected GSS encryption request")
        }
    }
}
