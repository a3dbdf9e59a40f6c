internal import PosternConfiguration
internal import PosternCore
internal import PosternIdentity
internal import PosternJournal
internal import PosternNet
internal import PosternPolicy
internal import PosternSession
internal import PosternTLS
internal import PosternTransport
internal import PosternUpstream
internal import PostgresWire

/// What is known of a job that is turned away, beside the reason.
enum RefusalDetail {
    case none
    /// The token was refused.
    case token(TokenRefusal)
    /// The token was good.
    case identity(VerifiedToken)
}

/// The session's records.
extension Session {
    private var clientRecord: ClientRecord {
        ClientRecord(
            address: peer.map { $0.family == .unix ? "unix" : $0.description } ?? "unix",
            application: request?.applicationName.map { SecretText.scrubbed($0) },
            tls: tlsVersion,
            certificate: certificate.map(certificateRecord)
        )
    }

    /// E-mail addresses are kept where the role asks for one, as with claims.
    private func certificateRecord(_ names: CertificateNames) -> CertificateRecord {
        let role = grant?.role ?? request.flatMap { context.snapshot.policies.role(named: $0.role) }
        let asksForEmail = role?.who.contains { $0.certificate?.names(.email) ?? false } ?? false
        return CertificateRecord(
            subject: names.subject,
            dns: names.dns,
            uris: names.uris,
            emails: asksForEmail ? names.emails : [],
            sha256: names.sha256
        )
    }

    /// Written down, or counted where there are too many: a job was turned away.
    func noteRefusal(stage: String, reason: String, claim: String? = nil, detail: RefusalDetail = .none) {
        // One session, one refusal: whatever comes between it and its last word.
        guard !isTurnedAway else { return }
        context.metrics.refused(stage: stage, reason: Self.metricReason(stage: stage, reason: reason, detail))
        var issuer: String?
        var keyID: String?
        var identity: IdentityRecord?
        switch detail {
        case .none: break
        case .token(let refusal):
            issuer = refusal.unverifiedIssuer
            keyID = refusal.unverifiedKeyID
            identity = refusal.identity.map { IdentityRecord(issuer: $0.issuer, subject: $0.subject, claims: nil) }
        case .identity(let token):
            identity = identityRecord(token)
        }
        let refusal = SessionRefused(
            session: id,
            stage: stage,
            reason: SecretText.scrubbed(reason),
            role: request.map { SecretText.scrubbed($0.role) },
            database: request.map { SecretText.scrubbed($0.database) },
            client: clientRecord,
            unverifiedIssuer: issuer,
            unverifiedKeyID: keyID,
            identity: identity,
            claim: claim
        )
        context.journal.appendRefusal(refusal, source: peer?.source ?? [], isVerified: identity != nil)
    }

    /// Metrics take words of a fixed vocabulary only.
    private static func metricReason(stage: String, reason: String, _ detail: RefusalDetail) -> String {
        switch (stage, detail) {
        case ("token", .token(let refusal)): refusal.reason.rawValue
        case ("limit", _): reason
        default: stage
        }
    }

    /// - Returns: false when it could not be written: the session must not begin then.
    func recordStart(grant: SessionGrant, result: LoginResult, route: UpstreamRoute) -> Bool {
        let start = SessionStart(
            session: id,
            role: grant.role.name,
            database: grant.database.name,
            login: grant.login.name,
            client: clientRecord,
            identity: identityRecord(grant.token),
            run: RunRecord(grant.run),
            policyHash: context.snapshot.policies.hash,
            upstream: UpstreamRecord(
                host: route.hostName,
                port: Int(route.address.port),
                backendPID: result.cancelKey?.processID,
                login: grant.login.name,
                serverVersion: result.serverVersion,
                tls: upstream?.engine?.version,
                connectedAt: .now
            )
        )
        guard context.journal.append(start) else { return false }
        isRecorded = true
        usedToken = nil
        series?.sessionStarted()
        recordedAt = .now
        return true
    }

    func recordCancel(source: String) {
        _ = context.journal.append(SessionCancel(session: id, source: source))
    }

    /// Closes the session's account: once, at whatever ends it.
    func record(_ ending: SessionEnding) {
        guard isRecorded else { return }
        isRecorded = false
        relay.sessionEnded(now: .now)
        writeLastRecords()
        let bytesIn = job?.bytesIn ?? 0
        let bytesOut = job?.bytesOut ?? 0
        let end = SessionEnd(
            session: id,
            reason: ending.reason,
            statements: relay.totals.statements,
            denied: relay.totals.denied,
            rows: relay.totals.rows,
            bytesIn: bytesIn,
            bytesOut: bytesOut,
            duration: MonotonicTime.now.since(recordedAt ?? accepted)
        )
        _ = context.journal.append(end)
        series?.sessionEnded()
        series?.bytesFromJobs.add(bytesIn)
        series?.bytesToJobs.add(bytesOut)
    }

    /// The claims that journals keep: those on the list of the issuer's profile and those that the role's `who` names.
    private func identityRecord(_ token: VerifiedToken) -> IdentityRecord {
        var claims = JSONObject()
        let profile = context.snapshot.configuration.issuer(named: token.issuer)?.profile ?? .generic
        let role = grant?.role ?? request.flatMap { context.snapshot.policies.role(named: $0.role) }
        let named = role?.who.filter { $0.issuer == token.issuer }.flatMap(\.claims).map(\.name) ?? []
        for name in profile.facts.journaledClaims + named where claims[name.description] == nil {
            if let value = name.value(in: token.claims) { claims.append(name.description, value) }
        }
        return IdentityRecord(issuer: token.issuer, subject: token.subject, claims: claims)
    }
}
