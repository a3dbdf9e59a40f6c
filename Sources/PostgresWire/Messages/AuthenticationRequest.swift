/// The kinds of the message `R`.
package enum AuthenticationRequest: Hashable, Sendable {
    case ok
    case cleartextPassword
    case md5Password(salt: [UInt8])
    case sasl(mechanisms: [String])
    case saslContinue([UInt8])
    case saslFinal([UInt8])
    /// Kerberos, GSSAPI, SSPI and whatever comes: Postern does not do it.
    case unsupported(code: UInt32)

    init(body: ArraySlice<UInt8>) throws(WireError) {
        var reader = WireReader(body)
        let code = try reader.uint32()
        switch code {
        case 0: self = .ok
        case 3: self = .cleartextPassword
        case 5: self = .md5Password(salt: Array(try reader.bytes(4)))
        case 10:
            var mechanisms: [String] = []
            while true {
                let name = try reader.text()
                if name.isEmpty { break }
                mechanisms.append(name)
            }
            self = .sasl(mechanisms: mechanisms)
        case 11: self = .saslContinue(Array(reader.remainder()))
        case 12: self = .saslFinal(Array(reader.remainder()))
        default:
            self = .unsupported(code: code)
            return
        }
        try reader.expectEnd()
    }

    func append(to writer: inout WireWriter) {
        switch self {
        case .ok: writer.append(UInt32(0))
        case .cleartextPassword: writer.append(UInt32(3))
        case .md5Password(let salt):
            writer.append(UInt32(5))
            writer.append(salt)
        case .sasl(let mechanisms):
            writer.append(UInt32(10))
            for mechanism in mechanisms { writer.appendCString(mechanism) }
            writer.append(0 as UInt8)
        case .saslContinue(let data):
            writer.append(UInt32(11))
            writer.append(data)
        case .saslFinal(let data):
            writer.append(UInt32(12))
            writer.append(data)
        case .unsupported(let code): writer.append(code)
        }
    }
}
