internal import PosternCore
internal import PostgresWire

/// The conversation of the mechanism OAUTHBEARER (RFC 7628 section 3), from the offer to its end.
///
///     job                                gateway
///         ◀── offer of OAUTHBEARER
///     token, or none ──▶
///         ◀── AuthenticationOk, or the challenge: where tokens come from
///     one separator ──▶                  (the challenge only)
///         ◀── the refusal
///
/// Success has no message of its own: whoever drives this goes on with AuthenticationOk.
struct OAuthExchange {
    enum Event {
        /// Bytes for the job; more input is awaited.
        case reply([UInt8])
        /// It sent no token and wants to know where to get one: the challenge.
        case discovery([UInt8])
        /// Empty when it was no token at all.
        case token(Redacted<[UInt8]>)
        /// The job has read the challenge.
        case acknowledged
    }

    private enum State {
        /// Can transition to: readingData, checking, readingAcknowledgement.
        case readingMechanism(ResponseReader)
        /// The job had nothing to say with the mechanism's name. Can transition to: checking, readingAcknowledgement.
        case readingData(ResponseReader)
        /// The token is checked elsewhere. Can transition to: readingAcknowledgement.
        case checking
        /// Can transition to: ended.
        case readingAcknowledgement(ResponseReader)
        case ended
    }

    private static let mechanism = "OAUTHBEARER"
    // A mechanism's name and a token, or the token alone: the bound of passwords.
    private static let dataReader = ResponseReader(lengths: 4...ResponseReader.lengthLimit, expected: "SASL")
    // One byte of data.
    private static let acknowledgementReader = ResponseReader(lengths: 5...5, expected: "SASL")

    /// The message that begins it.
    static let offer = BackendMessage.authentication(.sasl(mechanisms: [mechanism])).encoded

    private let challenge: OAuthChallenge
    private var state = State.readingMechanism(dataReader)

    init(challenge: OAuthChallenge) {
        self.challenge = challenge
    }

    /// How many bytes to read next at most.
    var bytesNeeded: Int {
        switch state {
        case .readingMechanism(let reader), .readingData(let reader), .readingAcknowledgement(let reader):
            reader.bytesNeeded
        case .checking, .ended: 0
        }
    }

    /// Takes bytes of the job's next message.
    ///
    /// - Returns: nil when more are needed.
    /// - Throws: a protocol violation, which ends it.
    mutating func take(from input: inout ArraySlice<UInt8>) throws(Refusal) -> Event? {
        switch state {
        case .readingMechanism(var reader):
            state = .ended
            guard let body = try Self.message(&reader, &input) else {
                state = .readingMechanism(reader)
                return nil
            }
            let initial = try SASLInitialResponse(body: body)
            guard initial.mechanism == Self.mechanism else {
                throw Refusal(.protocolViolation, "only the SASL mechanism \(Self.mechanism) is offered")
            }
            if let data = initial.data { return try read(data) }
            state = .readingData(Self.dataReader)
            return .reply(BackendMessage.authentication(.saslContinue([])).encoded)
        case .readingData(var reader):
            state = .ended
            guard let data = try Self.message(&reader, &input) else {
                state = .readingData(reader)
                return nil
            }
            return try read(data)
        case .readingAcknowledgement(var reader):
            state = .ended
            guard let body = try Self.message(&reader, &input) else {
                state = .readingAcknowledgement(reader)
                return nil
            }
            guard body.reveal() == BearerMessage.acknowledgement else {
                throw Refusal(.protocolViolation, "the challenge must be answered by one separator")
            }
            state = .ended
            return .acknowledged
        case .checking, .ended:
            input = []
            return nil
        }
    }

    /// The token is not good, or does not get what the job asked for.
    ///
    /// - Returns: the challenge.
    mutating func tokenRefused() -> [UInt8] {
        state = .readingAcknowledgement(Self.acknowledgementReader)
        return challenge.message
    }

    /// One message, behind which nothing may stand before it is answered.
    private static func message(
        _ reader: inout ResponseReader,
        _ input: inout ArraySlice<UInt8>
    ) throws(Refusal) -> Redacted<[UInt8]>? {
        guard let body = try reader.take(from: &input) else { return nil }
        guard input.isEmpty else { throw Refusal(.protocolViolation, "unexpected data after the SASL message") }
        return body
    }

    private mutating func read(_ data: Redacted<[UInt8]>) throws(Refusal) -> Event {
        switch try BearerMessage(data) {
        case .discovery: return .discovery(tokenRefused())
        case .token(let token):
            state = .checking
            return .token(token)
        }
    }
}
