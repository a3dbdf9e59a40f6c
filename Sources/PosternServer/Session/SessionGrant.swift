internal import PosternConfiguration
internal import PosternCore
internal import PosternIdentity
internal import PosternPolicy
internal import PosternSession

/// What a verified token was granted: the role it may be and where that leads.
struct SessionGrant: Sendable {
    let token: VerifiedToken
    let role: Role
    let database: DatabaseConfiguration
    let login: DatabaseConfiguration.Login
    /// The CI run that the token speaks for.
    let run: JobRun
    /// What stays true of the job for as long as it is connected.
    private let connection: GrantConnection

    /// Why a request was not granted, for the journal. The job hears one text for all of them.
    typealias Refusal = GrantRefusal

    /// Decides whether the token may be the role that the job asks for.
    ///
    /// - Parameter connection: how the job has come.
    static func decide(
        token: VerifiedToken,
        request: JobRequest,
        connection: GrantConnection,
        snapshot: GatewaySnapshot
    ) throws(GrantRefusal) -> SessionGrant {
        let issuer = snapshot.configuration.issuer(named: token.issuer)
        let identity = GrantIdentity(issuer: token.issuer, claims: token.claims, trust: issuer?.trust)
        let role = try snapshot.policies.grant(
            role: request.role,
            database: request.database,
            to: identity,
            over: connection
        )
        guard let database = snapshot.configuration.database(named: role.database),
            let login = database.login(named: role.login)
        else { throw .unknownDatabase }
        let facts = (issuer?.profile ?? .generic).facts
        return SessionGrant(
            token: token,
            role: role,
            database: database,
            login: login,
            run: facts.run(of: token.claims, issuer: issuer?.issuer ?? ""),
            // A token was young enough or it was not: that is asked once, when the job connects.
            connection: GrantConnection(certificate: connection.certificate, address: connection.address)
        )
    }

    /// Whether a later snapshot still grants the same: same role, database and login.
    func renewed(request: JobRequest, snapshot: GatewaySnapshot) -> SessionGrant? {
        let decided = try? Self.decide(token: token, request: request, connection: connection, snapshot: snapshot)
        guard let grant = decided, grant.role.login == role.login,
            Self.destination(of: grant.database) == Self.destination(of: database)
        else { return nil }
        return grant
    }

    /// What of a database entry decides where a session leads and under which conditions; the rest may change under
    /// a session that runs.
    private static func destination(of database: DatabaseConfiguration) -> DatabaseConfiguration {
        DatabaseConfiguration(
            name: database.name,
            hosts: database.hosts,
            targetSession: database.targetSession,
            databaseName: database.databaseName,
            tls: database.tls,
            clientCertificate: database.clientCertificate,
            authenticationMethods: database.authenticationMethods,
            searchPath: database.searchPath,
            superuser: database.superuser,
            identitySettings: database.identitySettings,
            logins: [],
            location: SourceLocation(file: "", line: 0, column: 0)
        )
    }

    /// When the session ends because its token does, on the machine's clock; nil when it does not.
    func tokenEnd(now: Timestamp, monotonic: MonotonicTime) -> MonotonicTime? {
        role.binding.endsWithToken ? token.end(now: now, monotonic: monotonic) : nil
    }

    var limits: SessionClock.Limits {
        SessionClock.Limits(
            session: role.limits.session,
            idle: role.limits.idle,
            idleInTransaction: role.limits.idleInTransaction,
            statement: role.limits.statement
        )
    }
}

extension VerifiedToken {
    /// The token's `exp` on the machine's clock.
    func end(now: Timestamp, monotonic: MonotonicTime) -> MonotonicTime {
        monotonic.advanced(by: .microseconds(max(0, expires.microseconds - now.microseconds)))
    }
}
