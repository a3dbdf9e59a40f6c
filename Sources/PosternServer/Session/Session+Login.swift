internal import Logging
internal import PosternConfiguration
internal import PosternCore
internal import PosternIdentity
internal import PosternJournal
internal import PosternNet
internal import PosternPolicy
internal import PosternSession
internal import PosternTransport
internal import PosternUpstream
internal import PostgresWire

/// From the token to the first ReadyForQuery.
extension Session {
    // MARK: The token

    func authenticate(_ request: JobRequest, _ token: Redacted<[UInt8]>, on loop: isolated EventLoop) {
        phase = .verifying
        self.request = request
        let began = loop.now
        let authenticator = context.services.authenticator
        if let known = authenticator.remembered(token, now: .now) {
            context.metrics.tokenCacheHits.add()
            return tokenChecked(known, since: began, on: loop)
        }
        context.metrics.tokenCacheMisses.add()
        later(on: loop) {
            await authenticator.authenticate(token, now: .now)
        } then: { session, result, loop in
            session.tokenChecked(result, since: began, on: loop)
        }
    }

    private func tokenChecked(
        _ result: Result<VerifiedToken, TokenRefusal>,
        since began: MonotonicTime,
        on loop: isolated EventLoop
    ) {
        guard phase == .verifying, let request else { return }
        context.metrics.tokenCheck.record(MonotonicTime.now.since(began))
        switch result {
        case .failure(let refusal):
            turnAway(
                since: began,
                stage: "token",
                reason: refusal.reason.rawValue,
                claim: refusal.claim,
                detail: .token(refusal),
                on: loop
            )
        case .success(let token):
            do throws(SessionGrant.Refusal) {
                let grant = try SessionGrant.decide(
                    token: token,
                    request: request,
                    connection: connection(with: token, now: .now),
                    snapshot: context.snapshot
                )
                generation = context.snapshot.generation
                granted(grant, since: began, on: loop)
            } catch {
                refuseGrant(error, token, since: began, on: loop)
            }
        }
    }

    private func refuseGrant(
        _ refusal: GrantRefusal,
        _ token: VerifiedToken,
        since began: MonotonicTime,
        on loop: isolated EventLoop
    ) {
        turnAway(
            since: began,
            stage: "grant",
            reason: refusal.reason,
            claim: refusal.claim,
            detail: .identity(token),
            on: loop
        )
    }

    /// Turns the job away for its token, or for what its token may not be: recorded now, told in time (`RefusalPace`).
    private func turnAway(
        since began: MonotonicTime,
        stage: String,
        reason: String,
        claim: String?,
        detail: RefusalDetail,
        on loop: isolated EventLoop
    ) {
        noteRefusal(stage: stage, reason: reason, claim: claim, detail: detail)
        isTurnedAway = true
        let wait = RefusalPace.wait(since: began, now: .now)
        later(on: loop) {
            try? await Task.sleep(for: wait)
        } then: { session, _, loop in
            session.refuse(.notGranted, stage: stage, reason: reason, on: loop)
        }
    }

    /// What is known of the job beside its token.
    private func connection(with token: VerifiedToken, now: Timestamp) -> GrantConnection {
        let skew = context.snapshot.configuration.issuer(named: token.issuer)?.clockSkew ?? .zero
        let age = Duration.microseconds(now.microseconds - token.issuedAt.microseconds) - skew
        let address: ClientAddress? =
            if case .unix = listener.endpoint { .unix } else { ClientAddress(bytes: Array(peer?.ipBytes ?? [])) }
        // An address that cannot be told is in no network.
        return GrantConnection(certificate: certificate, address: address ?? .network([]), tokenAge: max(.zero, age))
    }

    private func granted(_ grant: SessionGrant, since began: MonotonicTime, on loop: isolated EventLoop) {
        self.grant = grant
        if let (refusal, stage, reason) = obstacle(to: grant) {
            return refuse(refusal, stage: stage, reason: reason, detail: .identity(grant.token), on: loop)
        }
        isCountedAsSession = true
        if let refusal = useToken(of: grant, now: .now) {
            // The refusal is told later; others of the role must not wait for it.
            leaveSession()
            return refuseGrant(refusal, grant.token, since: began, on: loop)
        }
        series = context.metrics.series(role: grant.role.name, database: grant.database.name)
        phase = .connecting
        gather(fresh: false, on: loop)
    }

    /// Spends a token that opens one session. It is given back when the session does not begin: a database that is
    /// being restarted must not cost a job its only token.
    private func useToken(of grant: SessionGrant, now: Timestamp) -> GrantRefusal? {
        guard grant.role.binding.singleUse else { return nil }
        let key = UsedTokens.Key(grant.token)
        // For as long as some issuer's skew could let it in.
        let end = grant.token.expires.advanced(by: IssuerSettings.clockSkewLimit)
        switch context.services.usedTokens.use(key, until: end, now: now) {
        case .accepted:
            usedToken = key
            return nil
        case .usedBefore: return .tokenUsed
        case .full: return .tooManyTokens
        }
    }

    /// Why a granted session cannot begin now.
    private func obstacle(to grant: SessionGrant) -> (Refusal, stage: String, reason: String)? {
        if context.isDraining { return (.draining, "drain", "draining") }
        guard context.journal.acceptsSessions else { return (.journalUnavailable, "journal", "journal unavailable") }
        let refusal = context.services.admission.admitSession(
            role: grant.role.name,
            limit: grant.role.limits.sessions,
            database: grant.database.name,
            databaseLimit: grant.database.connections
        )
        return switch refusal {
        case .role: (.tooManySessionsOfRole, "limit", "sessions")
        case .database: (.tooManySessionsOfDatabase, "limit", "connections")
        case nil: nil
        }
    }

    // MARK: Upstream

    /// Reads the login's secret and resolves the hosts, then dials.
    ///
    /// - Parameter fresh: the server refused the secret that was read before.
    private func gather(fresh: Bool, on loop: isolated EventLoop) {
        guard let grant else { return }
        let services = context.services
        later(on: loop) { () async -> Result<UpstreamMaterial, any Error> in
            do {
                return .success(
                    try await UpstreamMaterial.gather(
                        database: grant.database,
                        login: grant.login,
                        fresh: fresh,
                        secrets: services.secrets,
                        names: services.names
                    )
                )
            } catch {
                return .failure(error)
            }
        } then: { session, result, loop in
            session.gathered(result, fresh: fresh, on: loop)
        }
    }

    private func gathered(
        _ result: Result<UpstreamMaterial, any Error>,
        fresh: Bool,
        on loop: isolated EventLoop
    ) {
        guard phase == .connecting, let grant, let request else { return }
        switch result {
        case .failure(let error):
            let failure = UpstreamFailure(.methodNotAllowed, "the login's credential: \(error)")
            dialFailed(failure, fresh: true, on: loop)
        case .success(let material):
            let dial = UpstreamDial(
                session: self,
                grant: grant,
                material: material,
                parameters: UpstreamParameters.make(request: request, grant: grant, session: id),
                isRetry: fresh
            )
            self.dial = dial
            dial.start(on: loop)
        }
    }

    /// No host gave a session.
    func dialFailed(_ failure: UpstreamFailure, fresh: Bool, on loop: isolated EventLoop) {
        guard phase == .connecting, let grant else { return }
        dial?.close(on: loop)
        dial = nil
        // A credential that was changed a moment ago is read once more before the job hears of it.
        if failure.isCredentialRefusal, !fresh, grant.login.password != nil { return gather(fresh: true, on: loop) }
        context.services.logger.warning(
            "upstream login failed",
            metadata: [
                "session": "\(id)", "role": "\(grant.role.name)", "database": "\(grant.database.name)",
                "error": "\(SecretText.scrubbed(failure.log))",
            ]
        )
        refuse(
            failure.refusal,
            stage: "upstream",
            reason: failure.log,
            detail: .identity(grant.token),
            on: loop
        )
    }

    /// The upstream session stands: it is recorded, and only then does the job hear that it is in.
    func dialSucceeded(
        _ transport: Transport,
        _ result: LoginResult,
        route: UpstreamRoute,
        on loop: isolated EventLoop
    ) {
        guard phase == .connecting, let request, isStillGranted(request), let grant else {
            transport.close(on: loop)
            return refuse(.notGranted, stage: "grant", reason: "revoked during the login", on: loop)
        }
        upstream = transport
        self.route = route
        guard recordStart(grant: grant, result: result, route: route) else {
            return refuse(
                .journalUnavailable,
                stage: "journal",
                reason: "journal unavailable",
                detail: .identity(grant.token),
                on: loop
            )
        }
        dial = nil
        guard context.snapshot.configuration.audit.sync == .always else {
            return begin(request, result, transport, on: loop)
        }
        let journal = context.services.journal
        transport.setReading(false)
        transport.updateInterest(on: loop)
        later(on: loop) {
            await journal.synced()
        } then: { session, isOnDisk, loop in
            session.recordSynced(isOnDisk, request, result, on: loop)
        }
    }

    /// A reload during the login: the session must not begin under rules that are gone.
    private func isStillGranted(_ request: JobRequest) -> Bool {
        guard generation != context.snapshot.generation else { return true }
        generation = context.snapshot.generation
        guard let renewed = grant?.renewed(request: request, snapshot: context.snapshot) else { return false }
        grant = renewed
        return true
    }

    /// `sync: always`: the record of the session's start is on the disk, or cannot be.
    private func recordSynced(
        _ isOnDisk: Bool,
        _ request: JobRequest,
        _ result: LoginResult,
        on loop: isolated EventLoop
    ) {
        guard phase == .connecting, let upstream else { return }
        guard isOnDisk else {
            record(.journal)
            return refuse(.journalUnavailable, stage: "journal", reason: "journal not on the disk", on: loop)
        }
        upstream.setReading(true)
        begin(request, result, upstream, on: loop)
    }

    /// The job hears that it is in.
    private func begin(
        _ request: JobRequest,
        _ result: LoginResult,
        _ transport: Transport,
        on loop: isolated EventLoop
    ) {
        guard let job, let grant else { return }
        phase = .relaying
        isCountedUnauthenticated = false
        context.services.admission.authenticated(source: peer?.source ?? [])
        clock = SessionClock(limits: grant.limits, started: loop.now)
        clock?.tokenEnd = grant.tokenEnd(now: .now, monotonic: .now)
        relay = SessionRelay(session: id, rules: relayRules(of: grant), paths: SearchPaths(own: grant.searchPath))
        relay.speaksPostern = request.speaksPostern
        tally = request.speaksPostern ? ReceiptTally() : nil

        cancelKey = context.services.cancels.register(
            CancelRegistry.Target(loop: context.loop, registration: job.registration),
            processID: result.cancelKey?.processID,
            length: request.version.hasLongCancelKeys ? 32 : CancelKey.shortLength
        )
        job.send(welcome(result), context.buffers)
        if !result.leftover.isEmpty {
            result.leftover.withUnsafeBytes { passDown($0, held: 0, job, on: loop) }
        }
        guard phase == .relaying else { return }
        transport.updateInterest(on: loop)
        job.updateInterest(on: loop)
        judgeTime(on: loop)
    }

    /// What the server said at its login, with the gateway's own key, as one piece.
    private func welcome(_ result: LoginResult) -> [UInt8] {
        var writer = WireWriter()
        BackendMessage.authentication(.ok).append(to: &writer)
        for parameter in result.parameters { BackendMessage.parameterStatus(parameter).append(to: &writer) }
        if let cancelKey { BackendMessage.backendKeyData(cancelKey).append(to: &writer) }
        for notice in result.notices { BackendMessage.noticeResponse(notice).append(to: &writer) }
        BackendMessage.readyForQuery(.idle).append(to: &writer)
        return writer.bytes
    }

    // MARK: Work elsewhere

    /// Runs `work` off the loop and comes back with its result, unless the session is gone by then.
    func later<Value: Sendable>(
        on loop: isolated EventLoop,
        _ work: @escaping @Sendable () async -> Value,
        then: @escaping @Sendable (Session, Value, isolated EventLoop) -> Void
    ) {
        guard let registration = job?.registration else { return }
        let target = context.loop
        Task {
            let value = await work()
            await target.perform { loop in
                guard let session = loop.handler(of: registration) as? Session else { return }
                then(session, value, loop)
            }
        }
    }
}
