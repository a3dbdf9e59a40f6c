package import PosternCore
internal import PosternCrypto
package import PostgresWire

/// A driver's connection to the local port, from its first byte until it may go on to the gateway.
///
/// The port speaks no TLS: it is a Unix socket that only this user can open, or a port of the loopback interface. There
/// the driver proves by the run's random password that it is a child of this run.
package struct LocalStartup {
    package enum Action: Equatable {
        /// Bytes for the driver; more input is awaited.
        case reply([UInt8])
        /// A cancel request, to be brought to the gateway.
        case cancel(CancelKey)
        /// The driver may be connected; `reply` goes to it first.
        case connect(GatewayRequest, reply: [UInt8])
        /// The last error, and the end.
        case refuse(Refusal)
        /// Close without a word.
        case close
    }

    private enum State {
        /// Can transition to: readingPassword, ended.
        case readingPacket
        /// Can transition to: ended.
        case readingPassword(GatewayRequest, PasswordReader)
        case ended
    }

    /// ContentType handshake(22) of a TLS record: a driver that begins with TLS cannot be told that there is none.
    private static let tlsHandshake: UInt8 = 0x16

    private let password: Redacted<[UInt8]>?
    private var reader = StartupReader(isEncrypted: false)
    private var state = State.readingPacket

    /// - Parameter password: what the driver must say; nil where the socket's file says who may come in.
    package init(password: Redacted<[UInt8]>?) {
        self.password = password
    }

    /// How many bytes to read next at most.
    package var bytesNeeded: Int {
        switch state {
        case .readingPacket: reader.bytesNeeded
        case .readingPassword(_, let password): password.bytesNeeded
        case .ended: 0
        }
    }

    /// Takes bytes from the driver.
    ///
    /// - Returns: what is to be done, in order. Nothing means: read on.
    package mutating func received(_ bytes: ArraySlice<UInt8>) -> [Action] {
        var input = bytes
        var actions: [Action] = []
        do throws(Refusal) {
            while !input.isEmpty, let action = try step(&input) { actions.append(action) }
        } catch {
            state = .ended
            actions.append(.refuse(error))
        }
        return actions
    }

    private mutating func step(_ input: inout ArraySlice<UInt8>) throws(Refusal) -> Action? {
        switch state {
        case .readingPacket:
            if input.first == Self.tlsHandshake, !reader.isInsidePacket {
                state = .ended
                return .close
            }
            return try packet(&input)
        case .readingPassword(let request, var reader):
            guard let given = try reader.take(from: &input) else {
                state = .readingPassword(request, reader)
                return nil
            }
            state = .ended
            guard input.isEmpty else { throw .early }
            guard let password, equalInConstantTime(password.reveal(), given.reveal()) else {
                throw Refusal(
                    .invalidPassword,
                    "this is the local port of `postern exec`, and the password is not this run's",
                    hint: "take the password of PGPASSWORD or DATABASE_URL, which are set anew for each run"
                )
            }
            return .connect(request, reply: [])
        case .ended:
            input = []
            return nil
        }
    }

    private mutating func packet(_ input: inout ArraySlice<UInt8>) throws(Refusal) -> Action? {
        guard let packet = try reader.take(from: &input) else { return nil }
        switch packet {
        case .sslRequest, .gssEncryptionRequest:
            return .reply([UInt8(ascii: "N")])
        case .cancelRequest(let key):
            state = .ended
            return .cancel(key)
        case .startup(let message):
            // Whatever else comes waits for the gateway's answer: no driver sends it before.
            guard input.isEmpty else { throw .early }
            let negotiation = ProtocolNegotiation(message, recognizedOptions: [GatewayRequest.option])
            let request = GatewayRequest(message, version: negotiation.version)
            let reply = negotiation.message.map { BackendMessage.negotiateProtocolVersion($0).encoded } ?? []
            guard password != nil else {
                state = .ended
                return .connect(request, reply: reply)
            }
            state = .readingPassword(request, PasswordReader())
            return .reply(reply + BackendMessage.authentication(.cleartextPassword).encoded)
        }
    }
}

extension Refusal {
    fileprivate static let early = Refusal(.protocolViolation, "unexpected data before the login is done")
}
