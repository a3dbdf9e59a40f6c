package import PosternCore
package import PostgresWire

/// What a job asks for, once its startup packet has been understood.
package struct JobRequest: Hashable, Sendable {
    /// The PostgreSQL `user`: the role that the job wants to be.
    package let role: String
    package let database: String
    /// The settings for the upstream session, checked.
    package let settings: StartupSettings
    package let version: ProtocolVersion
    /// It sent `_pq_.postern=1`: the gateway may answer statements itself.
    package let speaksPostern: Bool

    /// `application_name` as the job sent it, for the journal.
    package var applicationName: String? { settings["application_name"] }
}

/// A connection from its first byte to its token (PostgreSQL documentation, 55.2.1, 55.2.10 and 55.3).
///
/// It reads exactly one packet at a time until TLS runs, accepts nothing but the answer to what it asked before the
/// login is done, and fixes the identity of the connection once.
package struct JobStartup {
    /// How a listener treats encryption.
    package enum Encryption: Hashable, Sendable {
        /// TLS is there and nothing is said without it.
        case required
        /// Loopback or a Unix socket: encryption is declined.
        case none
    }

    /// How a listener asks for the token. The startup packet does not say what a client can do.
    package enum Authentication: Hashable, Sendable {
        /// As the password.
        case password
        /// By SASL's OAUTHBEARER (RFC 7628), and what a client without a good token is told.
        case oauthBearer(OAuthChallenge)
    }

    package enum Action: Equatable {
        /// Bytes for the job; more input is awaited.
        case reply([UInt8])
        /// Send the bytes and begin TLS; say so by `encryptionStarted`.
        case startTLS(reply: [UInt8])
        /// These bytes are the beginning of a ClientHello: begin TLS with them.
        case startDirectTLS(received: [UInt8])
        /// A cancel request: it is answered by closing, whatever came of it.
        case cancel(CancelKey)
        /// Ask for the token; the request is known from here on.
        case askToken([UInt8], JobRequest)
        case authenticate(JobRequest, token: Redacted<[UInt8]>)
        /// The job asked where to get a token: send it the bytes. It is nobody who was refused.
        case discover([UInt8])
        /// The job's token was refused: send it the bytes; once it has answered the refusal follows.
        case challenge([UInt8])
        /// The last word to a job that has answered the challenge.
        case dismiss(Refusal)
        case refuse(Refusal)
        /// Close without a word.
        case close
    }

    private enum State {
        /// Can transition to: readingPacket, awaitingTLS, ended.
        case readingFirstByte
        /// Can transition to: awaitingTLS, readingPassword, exchanging, ended.
        case readingPacket
        /// Can transition to: readingPacket, ended.
        case awaitingTLS(direct: Bool)
        /// Can transition to: ended.
        case readingPassword(JobRequest, PasswordReader)
        /// Can transition to: ended.
        case exchanging(JobRequest, OAuthExchange)
        case ended
    }

    /// ContentType handshake(22) of a TLS record: no startup packet is long enough to begin with it.
    private static let tlsHandshake: UInt8 = 0x16

    private let encryption: Encryption
    private let authentication: Authentication
    private var isEncrypted = false
    private var reader = StartupReader(isEncrypted: false)
    private var state = State.readingFirstByte

    package init(encryption: Encryption, authentication: Authentication = .password) {
        self.encryption = encryption
        self.authentication = authentication
    }

    /// How many bytes to read next at most: nothing beyond one packet may be taken before TLS runs.
    package var bytesNeeded: Int {
        switch state {
        case .readingFirstByte, .readingPacket: reader.bytesNeeded
        case .readingPassword(_, let password): password.bytesNeeded
        case .exchanging(_, let exchange): exchange.bytesNeeded
        case .awaitingTLS, .ended: 0
        }
    }

    /// Whether the peer has said anything that makes it a PostgreSQL client.
    package var hasBegun: Bool {
        if case .readingFirstByte = state { false } else { true }
    }

    /// Takes bytes from the connection, plaintext once TLS runs.
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

    /// TLS is established.
    ///
    /// - Parameter negotiatedALPN: whether `postgresql` was agreed on, which direct TLS must do.
    package mutating func encryptionStarted(negotiatedALPN: Bool) -> [Action] {
        guard case .awaitingTLS(let direct) = state else {
            state = .ended
            return [.close]
        }
        guard negotiatedALPN || !direct else {
            state = .ended
            return [
                .refuse(Refusal(.protocolViolation, "direct TLS needs the ALPN protocol `postgresql`"))
            ]
        }
        isEncrypted = true
        reader.encryptionStarted()
        state = .readingPacket
        return []
    }

    /// The token of the job is not good, or does not get what the job asked for.
    ///
    /// - Returns: what the job is told, which is the same in each case.
    package mutating func tokenRefused() -> Action {
        guard case .exchanging(let request, var exchange) = state else { return .dismiss(.notGranted) }
        let challenge = exchange.tokenRefused()
        state = .exchanging(request, exchange)
        return .challenge(challenge)
    }

    private mutating func step(_ input: inout ArraySlice<UInt8>) throws(Refusal) -> Action? {
        switch state {
        case .readingFirstByte:
            guard input.first == Self.tlsHandshake else {
                state = .readingPacket
                return try packet(&input)
            }
            guard encryption == .required else {
                state = .ended
                return .close
            }
            state = .awaitingTLS(direct: true)
            defer { input = [] }
            return .startDirectTLS(received: Array(input))
        case .readingPacket:
            return try packet(&input)
        case .readingPassword(let request, var password):
            // Held once, a message grows in its place however small the pieces are that it comes in.
            state = .ended
            let token = try password.take(from: &input)
            guard let token else {
                state = .readingPassword(request, password)
                return nil
            }
            // Nothing may follow the password before it is answered.
            guard input.isEmpty else {
                throw Refusal(.protocolViolation, "unexpected data after the password message")
            }
            state = .ended
            return .authenticate(request, token: token)
        case .exchanging(let request, var exchange):
            state = .ended
            let event = try exchange.take(from: &input)
            state = .exchanging(request, exchange)
            switch event {
            case .reply(let bytes): return .reply(bytes)
            case .discovery(let challenge): return .discover(challenge)
            case .token(let token): return .authenticate(request, token: token)
            case .acknowledged:
                state = .ended
                return .dismiss(.notGranted)
            case nil: return nil
            }
        case .awaitingTLS, .ended:
            input = []
            return nil
        }
    }

    private mutating func packet(_ input: inout ArraySlice<UInt8>) throws(Refusal) -> Action? {
        guard let packet = try reader.take(from: &input) else { return nil }
        switch packet {
        case .sslRequest:
            guard encryption == .required else { return .reply([UInt8(ascii: "N")]) }
            guard input.isEmpty else {
                throw Refusal(.protocolViolation, "received unencrypted data after SSL request")
            }
            state = .awaitingTLS(direct: false)
            return .startTLS(reply: [UInt8(ascii: "S")])
        case .gssEncryptionRequest:
            return .reply([UInt8(ascii: "N")])
        case .cancelRequest(let key):
            state = .ended
            return .cancel(key)
        case .startup(let message):
            return try startup(message, input)
        }
    }

    private mutating func startup(
        _ message: StartupMessage,
        _ rest: ArraySlice<UInt8>
    ) throws(Refusal) -> Action {
        guard isEncrypted || encryption == .none else {
            throw Refusal(
                .invalidAuthorization,
                "no encryption",
                hint: "connect with sslmode=verify-full: a token is accepted over TLS only"
            )
        }
        guard rest.isEmpty else {
            throw Refusal(.protocolViolation, "unexpected data after the startup packet")
        }
        let negotiation = ProtocolNegotiation(message, recognizedOptions: [PosternOption.name])
        let request = JobRequest(
            role: message.user,
            database: message.database,
            settings: try StartupSettings(message),
            version: negotiation.version,
            speaksPostern: try PosternOption.isAsked(message)
        )
        var reply: [UInt8] = []
        if let negotiated = negotiation.message {
            reply += BackendMessage.negotiateProtocolVersion(negotiated).encoded
        }
        switch authentication {
        case .password:
            reply += BackendMessage.authentication(.cleartextPassword).encoded
            state = .readingPassword(request, PasswordReader())
        case .oauthBearer(let challenge):
            reply += OAuthExchange.offer
            state = .exchanging(request, OAuthExchange(challenge: challenge))
        }
        return .askToken(reply, request)
    }
}
