package import PosternCore
package import PostgresWire

/// The login to the gateway: TLS, the token as password, and the answers up to the first ReadyForQuery.
///
/// The gateway is believed only behind verified TLS; what comes out of place ends the login.
package struct GatewayLogin {
    /// How TLS begins.
    package enum Negotiation: String, Sendable, CaseIterable {
        /// By an SSLRequest, which every proxy before a gateway understands.
        case postgres
        /// With the first byte, by ALPN `postgresql`: one round trip less.
        case direct
    }

    /// What the connection is for.
    package enum Purpose {
        case session(GatewayRequest, token: Redacted<[UInt8]>)
        /// The gateway answers by closing.
        case cancel(CancelKey)
        /// To see that it is there and is trusted: the greeting is empty.
        case probe
    }

    package enum Action: Equatable {
        case send([UInt8])
        /// Do the handshake, then call `encryptionStarted`.
        case startEncryption
        /// Read more.
        case receive
        /// The session is there.
        case succeed(Greeting)
        /// The gateway's own words, for the driver.
        case refused(ErrorFields)
        /// It is no gateway, or a broken one.
        case fail(String)
    }

    /// What the gateway said with its welcome.
    package struct Greeting: Equatable {
        /// From AuthenticationOk to ReadyForQuery, for the driver.
        package let bytes: [UInt8]
        /// What has been read behind that.
        package let leftover: [UInt8]
        package let cancelKey: CancelKey?
        /// Whether it gives receipts.
        package let givesReceipts: Bool
        /// The server's version, as a parameter status says.
        package let serverVersion: String?

        package init(
            bytes: [UInt8],
            leftover: [UInt8],
            cancelKey: CancelKey?,
            givesReceipts: Bool,
            serverVersion: String?
        ) {
            self.bytes = bytes
            self.leftover = leftover
            self.cancelKey = cancelKey
            self.givesReceipts = givesReceipts
            self.serverVersion = serverVersion
        }
    }

    private enum State {
        /// Can transition to: awaitingReply, startingTLS.
        case idle
        /// Can transition to: startingTLS, ended.
        case awaitingReply
        /// Can transition to: awaitingRequest, awaitingEnd, ended.
        case startingTLS
        /// Can transition to: awaitingOutcome, ended.
        case awaitingRequest
        /// Can transition to: settling, ended.
        case awaitingOutcome
        /// The cancel request is out.
        case awaitingEnd
        /// Can transition to: ended.
        case settling
        case ended
    }

    /// Bytes of a whole login at most; a gateway's are a few hundred.
    package static let byteLimit = 1 << 20

    private let purpose: Purpose
    private let negotiation: Negotiation
    private var state = State.idle
    private var messages = BackendMessageReader()
    private var byteCount = 0
    private var greeting: [UInt8] = []
    private var cancelKey: CancelKey?
    private var givesReceipts = true
    private var serverVersion: String?

    package init(_ purpose: Purpose, negotiation: Negotiation) {
        self.purpose = purpose
        self.negotiation = negotiation
    }

    /// Whether the next byte answers the SSLRequest: what follows it belongs to TLS, so no more than two may be read.
    package var awaitsReply: Bool {
        if case .awaitingReply = state { true } else { false }
    }

    /// What is going on, for the text when time runs out.
    package var stage: String {
        switch state {
        case .idle: "connecting"
        case .awaitingReply: "waiting for the answer to the request for TLS"
        case .startingTLS: "starting TLS"
        case .awaitingRequest: "waiting for the gateway to ask for the token"
        case .awaitingOutcome: "waiting for the gateway's decision"
        case .settling: "waiting for the session"
        case .awaitingEnd: "waiting for the cancel request to be done"
        case .ended: "ending"
        }
    }

    package mutating func connected() -> Action {
        switch negotiation {
        case .postgres:
            state = .awaitingReply
            return .send(FrontendMessage.sslRequest)
        case .direct:
            state = .startingTLS
            return .startEncryption
        }
    }

    /// TLS runs and the certificate is verified.
    package mutating func encryptionStarted() -> Action {
        guard case .startingTLS = state else { return fail("TLS started out of order") }
        switch purpose {
        case .session(let request, _):
            state = .awaitingRequest
            return .send(request.startup)
        case .cancel(let key):
            state = .awaitingEnd
            return .send(FrontendMessage.cancelRequest(key))
        case .probe:
            state = .ended
            return .succeed(
                Greeting(bytes: [], leftover: [], cancelKey: nil, givesReceipts: false, serverVersion: nil)
            )
        }
    }

    /// Bytes of the gateway, from inside of TLS once it runs.
    package mutating func received(_ bytes: [UInt8]) -> Action {
        switch state {
        case .awaitingReply: return takeReply(bytes)
        case .awaitingRequest, .awaitingOutcome, .settling:
            byteCount += bytes.count
            guard byteCount <= Self.byteLimit else { return fail("it sent more than a login takes") }
            guard case .session(let request, let token) = purpose else { return fail("it spoke out of turn") }
            messages.append(bytes)
            return advance(request, token)
        case .idle, .startingTLS, .awaitingEnd, .ended: return fail("it spoke out of turn")
        }
    }

    private mutating func takeReply(_ bytes: [UInt8]) -> Action {
        switch bytes.first {
        case UInt8(ascii: "S"):
            // Bytes behind it would be taken for bytes that came through TLS (CVE-2021-23222).
            guard bytes.count == 1 else {
                return fail("it sent unencrypted bytes behind its answer to the SSL request")
            }
            state = .startingTLS
            return .startEncryption
        case UInt8(ascii: "N"): return fail("it does not speak TLS there")
        default: return fail("what answers there is no PostgreSQL server or gateway")
        }
    }

    private mutating func advance(_ request: GatewayRequest, _ token: Redacted<[UInt8]>) -> Action {
        while true {
            let message: BackendMessage?
            do throws(BackendMessageError) {
                message = try messages.next()
            } catch {
                return fail("it sent what no login has")
            }
            guard let message else { return .receive }
            if let action = take(message, request, token) { return action }
        }
    }

    private mutating func take(
        _ message: BackendMessage,
        _ request: GatewayRequest,
        _ token: Redacted<[UInt8]>
    ) -> Action? {
        switch (state, message) {
        case (_, .errorResponse(let fields)):
            state = .ended
            return .refused(fields)
        case (.awaitingRequest, .negotiateProtocolVersion(let negotiation)):
            // An older gateway. What the driver has been told already must not change.
            guard negotiation.version == request.version else {
                return fail("it speaks protocol \(negotiation.version) only")
            }
            givesReceipts = !negotiation.unrecognizedOptions.contains(GatewayRequest.option)
            return nil
        case (.awaitingRequest, .authentication(.cleartextPassword)):
            guard messages.rest.isEmpty else { return fail("it went on without waiting for the token") }
            state = .awaitingOutcome
            return .send(FrontendMessage.password(token))
        case (.awaitingRequest, .authentication):
            return fail("it does not ask for a token as password; is this a Postern gateway?")
        case (.awaitingOutcome, .authentication(.ok)):
            state = .settling
            greeting += message.encoded
            return nil
        case (.settling, .backendKeyData(let key)):
            cancelKey = key
            greeting += message.encoded
            return nil
        case (.settling, .parameterStatus(let status)):
            if status.name == "server_version" { serverVersion = status.value }
            greeting += message.encoded
            return nil
        case (.settling, .noticeResponse):
            greeting += message.encoded
            return nil
        case (.settling, .readyForQuery):
            greeting += message.encoded
            state = .ended
            return .succeed(
                Greeting(
                    bytes: greeting,
                    leftover: Array(messages.rest),
                    cancelKey: cancelKey,
                    givesReceipts: givesReceipts,
                    serverVersion: serverVersion
                )
            )
        default:
            return fail("it sent a message out of place")
        }
    }

    private mutating func fail(_ text: String) -> Action {
        state = .ended
        return .fail(text)
    }
}
