internal import PosternCore
internal import PostgresWire

extension UpstreamLogin {
    /// Answers an authentication request, or ends the login when it is not allowed or out of place.
    ///
    /// A server must not choose a weaker way than the plan allows: a rogue one would ask for the password in clear text.
    mutating func takeAuthentication(_ request: AuthenticationRequest) -> Action? {
        switch (request, state) {
        case (.ok, .awaitingRequest):
            guard plan.methods.contains(.none) else { return notAllowed("no proof at all", .none) }
            transition(to: .settling(.none, nil))
            return nil
        case (.ok, .awaitingOutcome(let method, let keys)):
            transition(to: .settling(method, keys))
            return nil
        case (.cleartextPassword, .awaitingRequest): return sendPassword()
        case (.md5Password(let salt), .awaitingRequest): return sendMD5(salt: salt)
        case (.sasl(let mechanisms), .awaitingRequest): return startSCRAM(mechanisms)
        case (.saslContinue(let data), .awaitingChallenge(let client)): return takeChallenge(data, client)
        case (.saslFinal(let data), .awaitingServerFinal(let client)): return takeServerFinal(data, client)
        case (.unsupported(let code), .awaitingRequest):
            return fail(
                UpstreamFailure(
                    .methodNotAllowed,
                    "server asks for authentication method \(code), which is not supported"
                )
            )
        case (.ok, _), (.cleartextPassword, _), (.md5Password, _), (.sasl, _), (.saslContinue, _), (.saslFinal, _),
            (.unsupported, _):
            return violation("server sent an authentication request out of order while \(stage)")
        }
    }

    private mutating func sendPassword() -> Action {
        guard plan.methods.contains(.password) else { return notAllowed("the password in clear text", .password) }
        guard case .encrypted = channel else {
            return fail(UpstreamFailure(.methodNotAllowed, "server asks for the password in clear text without TLS"))
        }
        guard let password = usablePassword else { return noPassword() }
        return reply(FrontendMessage.password(password), state: .awaitingOutcome(.password, nil))
    }

    private mutating func sendMD5(salt: [UInt8]) -> Action {
        guard plan.methods.contains(.md5) else { return notAllowed("an MD5 digest of the password", .md5) }
        guard let password = usablePassword else { return noPassword() }
        let digest = MD5Password.response(login: plan.login, password: password.reveal(), salt: salt)
        return reply(FrontendMessage.password(Redacted(digest)), state: .awaitingOutcome(.md5, nil))
    }

    private mutating func startSCRAM(_ mechanisms: [String]) -> Action {
        let binding: SCRAMClient.ChannelBinding
        do throws(UpstreamFailure) {
            binding = try chooseBinding(mechanisms)
        } catch {
            return fail(error)
        }
        guard let password = usablePassword else { return noPassword() }
        let client = SCRAMClient(
            login: plan.login,
            password: password,
            binding: binding,
            nonce: nonce,
            maximumIterations: plan.maximumIterations,
            cachedKeys: plan.cachedKeys
        )
        let response = FrontendMessage.saslInitialResponse(mechanism: client.mechanism, data: client.clientFirst)
        return reply(response, state: .awaitingChallenge(client))
    }

    /// Binds to the channel where both sides can. Required binding is never given up (CVE-2026-54291).
    private func chooseBinding(_ mechanisms: [String]) throws(UpstreamFailure) -> SCRAMClient.ChannelBinding {
        let (isPlainAllowed, isPlusAllowed) = (
            plan.methods.contains(.scramSHA256), plan.methods.contains(.scramSHA256Plus)
        )
        guard isPlainAllowed || isPlusAllowed else {
            throw UpstreamFailure(.methodNotAllowed, "server asks for SCRAM, which is not among the methods")
        }
        let (isPlainOffered, isPlusOffered) = (
            mechanisms.contains("SCRAM-SHA-256"), mechanisms.contains("SCRAM-SHA-256-PLUS")
        )
        switch channel {
        case .plain where isPlusOffered:
            throw UpstreamFailure(.violation, "server offers SCRAM-SHA-256-PLUS without TLS")
        case .encrypted(endPointDigest: let digest?) where isPlusOffered:
            return .serverEndPoint(digest)
        case .plain, .encrypted:
            break
        }
        guard isPlainAllowed else {
            let why = isPlusOffered ? "the server's certificate has no digest for it" : "the server does not offer it"
            throw UpstreamFailure(.methodNotAllowed, "channel binding is required and \(why)")
        }
        guard isPlainOffered else {
            throw UpstreamFailure(.methodNotAllowed, "server offers no SASL mechanism that is supported")
        }
        guard case .encrypted(.some) = channel else { return .none }
        return .notOffered
    }

    private mutating func takeChallenge(_ data: [UInt8], _ client: SCRAMClient) -> Action {
        var client = client
        do throws(SCRAMError) {
            switch try client.receiveServerFirst(data) {
            case .respond(let response):
                return reply(FrontendMessage.saslResponse(response), state: .awaitingServerFinal(client))
            case .derive(let derivation):
                guard messages.rest.isEmpty else { return violation("server went on without waiting for an answer") }
                transition(to: .deriving(client))
                return .derive(derivation)
            }
        } catch {
            return violation(error.log)
        }
    }

    private mutating func takeServerFinal(_ data: [UInt8], _ client: SCRAMClient) -> Action? {
        var client = client
        do throws(SCRAMError) {
            try client.receiveServerFinal(data)
        } catch {
            return violation(error.log)
        }
        let method: AuthenticationMethod = client.isBound ? .scramSHA256Plus : .scramSHA256
        transition(to: .awaitingOutcome(method, client.keys))
        return nil
    }

    /// A password that can be sent: not empty, no NUL inside.
    private var usablePassword: Redacted<[UInt8]>? {
        plan.password.flatMap { $0.reveal().isEmpty || $0.reveal().contains(0) ? nil : $0 }
    }

    private mutating func noPassword() -> Action {
        fail(UpstreamFailure(.methodNotAllowed, "server asks for a password, and none is configured or it holds a NUL"))
    }

    private mutating func notAllowed(_ what: String, _ method: AuthenticationMethod) -> Action {
        fail(
            UpstreamFailure(
                .methodNotAllowed,
                "server asks for \(what), and `\(method.rawValue)` is not among the methods"
            )
        )
    }
}
