internal import PosternCore
internal import PostgresWire

/// Logs in to a server: bytes and events in, actions out.
///
/// The order is the protocol's (manual, "Start-up"), and stricter than a server needs: whatever comes out of place ends the login,
/// because what stands between could be anyone until TLS, and SCRAM's ServerSignature, have said otherwise.
package struct UpstreamLogin: Sendable {
    package enum Action: Hashable, Sendable {
        /// Send these bytes, then go on reading.
        case send([UInt8])
        /// Do the TLS handshake, then call `encryptionStarted`. Nothing of it may have been read yet.
        case startEncryption
        /// Run this away from the loop, then call `keysDerived`.
        case derive(SCRAMDerivation)
        /// Read more.
        case receive
        /// The session is there. `leftover` holds what has been read beyond the login.
        case succeed(LoginResult)
        /// Close the connection.
        case fail(UpstreamFailure)
    }

    enum State: Sendable {
        /// No connection yet. Can transition to: awaitingEncryptionReply, startingEncryption, awaitingRequest.
        case idle
        /// SSLRequest is out. Can transition to: startingEncryption.
        case awaitingEncryptionReply
        /// Can transition to: awaitingRequest.
        case startingEncryption
        /// The startup packet is out; the server says how to log in.
        /// Can transition to: awaitingChallenge, awaitingOutcome, settling.
        case awaitingRequest(isVersionSettled: Bool)
        /// The SASL mechanism is chosen. Can transition to: deriving, awaitingServerFinal.
        case awaitingChallenge(SCRAMClient)
        /// PBKDF2 runs. Can transition to: awaitingServerFinal.
        case deriving(SCRAMClient)
        /// The proof is out. Can transition to: awaitingOutcome.
        case awaitingServerFinal(SCRAMClient)
        /// A password is out, or the server has proved itself. Can transition to: settling.
        case awaitingOutcome(AuthenticationMethod, SCRAMKeys?)
        /// AuthenticationOk has come. Can transition to: finished.
        case settling(AuthenticationMethod, SCRAMKeys?)
        /// Succeeded or failed; every state can transition to it. Final.
        case finished
    }

    /// Whether TLS runs, and the digest of the server's certificate for channel binding.
    enum Channel: Sendable {
        case plain
        case encrypted(endPointDigest: [UInt8]?)
    }

    /// All bytes of a login at most. A server with long notices for every login stays far below.
    package static let byteLimit = 1 << 20
    /// ParameterStatus and notices at most, of each.
    package static let itemLimit = 256

    let plan: LoginPlan
    let nonce: String
    var channel = Channel.plain
    var messages = BackendMessageReader()
    private(set) var state = State.idle

    private var byteCount = 0
    private var version: ProtocolVersion
    private var parameters: [ParameterStatus] = []
    private var notices: [ErrorFields] = []
    private var cancelKey: CancelKey?

    /// - Parameter generator: makes SCRAM's nonce; must be fit for cryptography.
    package init(_ plan: LoginPlan, using generator: inout some RandomNumberGenerator) {
        self.plan = plan
        nonce = SCRAMClient.makeNonce(using: &generator)
        version = plan.offeredVersion
    }

    package init(_ plan: LoginPlan) {
        var generator = SystemRandomNumberGenerator()
        self.init(plan, using: &generator)
    }

    /// Whether the next byte answers the SSLRequest. What follows it belongs to TLS, so no more than two may be read.
    package var awaitsEncryptionReply: Bool {
        if case .awaitingEncryptionReply = state { true } else { false }
    }

    /// What is going on, for the log when time runs out.
    package var stage: String {
        switch state {
        case .idle: "connecting"
        case .awaitingEncryptionReply: "waiting for the answer to the SSL request"
        case .startingEncryption: "starting TLS"
        case .awaitingRequest: "waiting for the authentication request"
        case .awaitingChallenge, .deriving, .awaitingServerFinal: "authenticating with SCRAM"
        case .awaitingOutcome: "waiting for the server's decision"
        case .settling: "waiting for the server to be ready"
        case .finished: "finished"
        }
    }

    // MARK: Events

    /// The connection is there.
    package mutating func connected() -> Action {
        guard case .idle = state else { return outOfOrder("connected twice") }
        switch (plan.encryption.mode, plan.encryption.negotiation) {
        case (.disable, _): return sendStartup()
        case (.verifyCA, .postgres), (.verifyFull, .postgres):
            state = .awaitingEncryptionReply
            return .send(FrontendMessage.sslRequest)
        case (.verifyCA, .direct), (.verifyFull, .direct):
            state = .startingEncryption
            return .startEncryption
        }
    }

    /// TLS runs and the certificate has been verified as the plan asks.
    /// - Parameter endPointDigest: `tls-server-end-point` (RFC 5929 section 4.1); nil when the certificate's
    ///   signature has no digest for it, as with Ed25519.
    package mutating func encryptionStarted(endPointDigest: [UInt8]?) -> Action {
        guard case .startingEncryption = state else { return outOfOrder("TLS started out of order") }
        channel = .encrypted(endPointDigest: endPointDigest)
        return sendStartup()
    }

    /// Bytes from the server; after `startEncryption` from inside of TLS.
    package mutating func received(_ bytes: some Collection<UInt8>) -> Action {
        guard !bytes.isEmpty else { return .receive }
        switch state {
        case .idle, .startingEncryption, .finished: return outOfOrder("server sent bytes while \(stage)")
        case .awaitingEncryptionReply: return takeEncryptionReply(Array(bytes.prefix(2)))
        case .awaitingRequest, .awaitingChallenge, .deriving, .awaitingServerFinal, .awaitingOutcome, .settling:
            byteCount += bytes.count
            guard byteCount <= Self.byteLimit else { return violation("server sent more than a login takes") }
            messages.append(bytes)
            return advance()
        }
    }

    /// What `derive` asked for is done.
    package mutating func keysDerived(_ keys: SCRAMKeys) -> Action {
        guard case .deriving(var client) = state else { return outOfOrder("keys came out of order") }
        do throws(SCRAMError) {
            let response = try client.install(keys)
            return reply(FrontendMessage.saslResponse(response), state: .awaitingServerFinal(client))
        } catch {
            return violation(error.log)
        }
    }

    /// The connection ended.
    package mutating func closed() -> Action {
        fail(UpstreamFailure(.unreachable, "server closed the connection while \(stage)"))
    }

    // MARK: Steps

    private mutating func sendStartup() -> Action {
        guard let startup = plan.startup else {
            return fail(UpstreamFailure(.plan, "startup parameters hold a NUL or are too long"))
        }
        state = .awaitingRequest(isVersionSettled: false)
        return .send(startup)
    }

    /// - Parameter bytes: the first two at most.
    private mutating func takeEncryptionReply(_ bytes: [UInt8]) -> Action {
        switch bytes.first {
        case UInt8(ascii: "S"):
            // Bytes behind it would be read as if they had come through TLS (CVE-2021-23222).
            guard bytes.count == 1 else {
                return violation("server sent unencrypted bytes behind its answer to the SSL request")
            }
            state = .startingEncryption
            return .startEncryption
        case UInt8(ascii: "N"):
            return fail(UpstreamFailure(.encryption, "server does not support TLS"))
        case UInt8(ascii: "E"):
            // Anyone on the way may have written it: not shown (CVE-2024-10977).
            return fail(UpstreamFailure(.encryption, "server sent an error in place of TLS"))
        case nil, .some:
            return violation("server sent an invalid answer to the SSL request")
        }
    }

    /// Handles whole messages until one calls for an action.
    private mutating func advance() -> Action {
        while true {
            let message: BackendMessage?
            do throws(BackendMessageError) {
                message = try messages.next()
            } catch {
                return violation(error.log)
            }
            guard let message else { return .receive }
            if let action = take(message) { return action }
        }
    }

    /// - Returns: nil when there is nothing to do but to go on.
    private mutating func take(_ message: BackendMessage) -> Action? {
        switch message {
        case .errorResponse(let fields): fail(UpstreamFailure(refusedWith: fields))
        case .authentication(let request): takeAuthentication(request)
        case .negotiateProtocolVersion(let negotiation): take(negotiation)
        case .noticeResponse, .parameterStatus, .backendKeyData, .readyForQuery: settle(message)
        }
    }

    /// A server that does not speak 3.2 says so once, before it asks for anything. 3.1 does not exist, and we ask for no options.
    private mutating func take(_ negotiation: NegotiateProtocolVersion) -> Action? {
        guard case .awaitingRequest(isVersionSettled: false) = state, version == .version32,
            negotiation.version == .version30, negotiation.unrecognizedOptions.isEmpty
        else { return violation("server negotiates protocol \(negotiation.version), which was not asked for") }
        version = negotiation.version
        state = .awaitingRequest(isVersionSettled: true)
        return nil
    }

    private mutating func settle(_ message: BackendMessage) -> Action? {
        guard case .settling(let method, let keys) = state else {
            return violation("server sent message \(name(of: message.type)) while \(stage)")
        }
        switch message {
        case .noticeResponse(let fields):
            guard notices.count < Self.itemLimit else { return violation("server sent too many notices") }
            notices.append(fields)
        case .parameterStatus(let status):
            if let index = parameters.firstIndex(where: { $0.name == status.name }) {
                parameters[index] = status
            } else {
                guard parameters.count < Self.itemLimit else { return violation("server sent too many parameters") }
                parameters.append(status)
            }
        case .backendKeyData(let key):
            guard cancelKey == nil else { return violation("server sent two cancel keys") }
            guard version.hasLongCancelKeys || key.reveal().count == CancelKey.shortLength else {
                return violation("server sent a long cancel key in protocol \(version)")
            }
            cancelKey = key
        case .readyForQuery(let status):
            return finish(status, method: method, keys: keys)
        case .errorResponse, .authentication, .negotiateProtocolVersion:
            return violation("server sent message \(name(of: message.type)) while \(stage)")
        }
        return nil
    }

    private mutating func finish(_ status: TransactionStatus, method: AuthenticationMethod, keys: SCRAMKeys?) -> Action
    {
        let result = LoginResult(
            parameters: parameters,
            cancelKey: cancelKey,
            notices: notices,
            leftover: Array(messages.rest),
            version: version,
            keys: keys,
            method: method
        )
        guard status == .idle else { return violation("server began the session inside a transaction") }
        guard result[parameter: "client_encoding"] == "UTF8" else {
            return violation("server did not set the client encoding to UTF8")
        }
        guard plan.allowsSuperuser || !result.isSuperuser else {
            return fail(
                UpstreamFailure(.superuser, "login is a superuser and its database does not say `superuser: true`")
            )
        }
        state = .finished
        return .succeed(result)
    }

    // MARK: Ends and replies, also for the extension that authenticates

    /// The server waits for this reply, so it cannot have sent anything more.
    mutating func reply(_ bytes: [UInt8], state next: State) -> Action {
        guard messages.rest.isEmpty else { return violation("server went on without waiting for an answer") }
        state = next
        return .send(bytes)
    }

    mutating func transition(to next: State) {
        state = next
    }

    mutating func violation(_ text: String) -> Action {
        fail(UpstreamFailure(.violation, text))
    }

    mutating func fail(_ failure: UpstreamFailure) -> Action {
        state = .finished
        return .fail(failure)
    }

    /// An event that the state does not know: a mistake of the caller, or bytes after the end. Closing is always right.
    private mutating func outOfOrder(_ text: String) -> Action {
        violation(text)
    }
}
