internal import PostgresWire

/// A message's type for the log: the letter, or the number where it is none.
func name(of type: UInt8) -> String {
    UInt8(ascii: "!")...UInt8(ascii: "~") ~= type ? "`\(Character(Unicode.Scalar(type)))`" : "\(type)"
}

extension BackendMessageError {
    var log: String {
        switch self {
        case .invalidLength(let type, let length): "server sent message \(name(of: type)) of length \(length)"
        case .unexpectedType(let type): "server sent message \(name(of: type)) during login"
        case .malformed(let type, let error): "server sent a malformed message \(name(of: type)): \(error)"
        }
    }
}

extension SCRAMError {
    var log: String {
        switch self {
        case .malformed: "server sent a malformed SCRAM message"
        case .nonce: "server's SCRAM nonce does not continue ours"
        case .salt: "server sent an invalid SCRAM salt"
        case .iterations(let count): "server asks for \(count) SCRAM iterations"
        case .serverSignature: "server could not prove that it knows the password: wrong SCRAM signature"
        case .server(let text): "server ended SCRAM: \(UpstreamFailure.printable(text))"
        case .order: "SCRAM message out of order"
        }
    }
}
