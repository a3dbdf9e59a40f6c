/// What a client may send before it is authenticated: one packet without a type byte.
package enum StartupPacket: Hashable, Sendable {
    case sslRequest
    case gssEncryptionRequest
    case cancelRequest(CancelKey)
    case startup(StartupMessage)

    /// PostgreSQL's `MAX_STARTUP_PACKET_LENGTH` and four, the length field itself; at least the length and a code.
    package static let lengths = 8...10004

    /// - Parameter packet: one whole packet with its length field.
    package init(packet: ArraySlice<UInt8>) throws(Refusal) {
        var reader = WireReader(packet)
        guard let length = try? reader.uint32(), let code = try? reader.uint32(),
            Int(length) == packet.count, Self.lengths.contains(packet.count)
        else { throw .violation("invalid length of startup packet") }
        switch code {
        case FrontendMessage.sslRequestCode:
            guard reader.isAtEnd else { throw .violation("invalid length of SSL request") }
            self = .sslRequest
        case FrontendMessage.gssEncryptionRequestCode:
            guard reader.isAtEnd else { throw .violation("invalid length of GSS encryption request") }
            self = .gssEncryptionRequest
        case FrontendMessage.cancelRequestCode:
            guard let processID = try? reader.int32(),
                let key = CancelKey(processID: processID, secret: Array(reader.remainder()))
            else { throw .violation("invalid length of cancel request") }
            self = .cancelRequest(key)
        default:
            let version = ProtocolVersion(code: code)
            guard version.major == 3 else {
                throw Refusal(
                    .featureNotSupported,
                    "unsupported frontend protocol \(version): server supports 3.0 to \(ProtocolVersion.newest)"
                )
            }
            self = .startup(try StartupMessage(version: version, body: reader.rest))
        }
    }
}
