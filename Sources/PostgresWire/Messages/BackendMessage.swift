/// The messages of a server up to its first ReadyForQuery: sent to the job, read from upstream.
package enum BackendMessage: Hashable, Sendable {
    case authentication(AuthenticationRequest)
    case backendKeyData(CancelKey)
    case errorResponse(ErrorFields)
    case negotiateProtocolVersion(NegotiateProtocolVersion)
    case noticeResponse(ErrorFields)
    case parameterStatus(ParameterStatus)
    case readyForQuery(TransactionStatus)

    package var type: UInt8 {
        switch self {
        case .authentication: UInt8(ascii: "R")
        case .backendKeyData: UInt8(ascii: "K")
        case .errorResponse: UInt8(ascii: "E")
        case .negotiateProtocolVersion: UInt8(ascii: "v")
        case .noticeResponse: UInt8(ascii: "N")
        case .parameterStatus: UInt8(ascii: "S")
        case .readyForQuery: UInt8(ascii: "Z")
        }
    }

    /// Decodes a message; nil for a type that no server sends before ReadyForQuery.
    package init?(type: UInt8, body: ArraySlice<UInt8>) throws(WireError) {
        var reader = WireReader(body)
        switch type {
        case UInt8(ascii: "R"): self = .authentication(try AuthenticationRequest(body: body))
        case UInt8(ascii: "E"): self = .errorResponse(try ErrorFields(body: body))
        case UInt8(ascii: "N"): self = .noticeResponse(try ErrorFields(body: body))
        case UInt8(ascii: "v"): self = .negotiateProtocolVersion(try NegotiateProtocolVersion(body: body))
        case UInt8(ascii: "K"):
            let processID = try reader.int32()
            guard let key = CancelKey(processID: processID, secret: Array(reader.remainder())) else {
                throw .invalidLength
            }
            self = .backendKeyData(key)
        case UInt8(ascii: "S"):
            let name = try reader.text()
            self = .parameterStatus(ParameterStatus(name: name, valueBytes: Array(try reader.cString())))
            try reader.expectEnd()
        case UInt8(ascii: "Z"):
            guard let status = TransactionStatus(rawValue: try reader.byte()) else { throw .invalidValue }
            self = .readyForQuery(status)
            try reader.expectEnd()
        default: return nil
        }
    }

    /// Appends the whole message, type byte first.
    package func append(to writer: inout WireWriter) {
        writer.appendMessage(type: type) { writer in
            switch self {
            case .authentication(let request): request.append(to: &writer)
            case .backendKeyData(let key):
                writer.append(key.processID)
                writer.append(key.reveal())
            case .errorResponse(let fields), .noticeResponse(let fields): fields.append(to: &writer)
            case .negotiateProtocolVersion(let negotiation): negotiation.append(to: &writer)
            case .parameterStatus(let status):
                writer.appendCString(status.name)
                writer.appendCString(status.valueBytes)
            case .readyForQuery(let status): writer.append(status.rawValue)
            }
        }
    }

    /// The message's bytes.
    package var encoded: [UInt8] {
        var writer = WireWriter()
        append(to: &writer)
        return writer.bytes
    }
}
