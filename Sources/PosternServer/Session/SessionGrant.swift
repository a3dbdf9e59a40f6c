internal import PosternConfiguration
internal import PosternIdentity
internal import PosternPolicy
internal import PosternSession

/// What a verified token was granted: the role it may be and where that leads.
struct SessionGrant: Sendable {
    let token: VerifiedToken
    let role: Role
    let database: DatabaseConfiguration
    let login: DatabaseConfiguration.Login

    /// Why a request was not granted, for the journal. The job hears one text for all of them.
    typealias Refusal = GrantRefusal

    /// Decides whether the token may be the role that the job asks for.
    static func decide(
        token: VerifiedToken,
        request: JobRequest,
        snapshot: GatewaySnapshot
    ) throws(GrantRefusal) -> SessionGrant {
        let identity = GrantIdentity(
            issuer: token.issuer,
            claims: token.claims,
            trust: snapshot.configuration.issuer(named: token.issuer)?.trust
        )
        let role = try snapshot.policies.grant(role: request.role, database: request.database, to: identity)
        guard let database = snapshot.configuration.database(named: role.database),
            let login = database.login(named: role.login)
        else { throw .unknownDatabase }
        return SessionGrant(token: token, role: role, database: database, login: login)
    }

    /// Whether a later snapshot still grants the same: same role, database and login.
    func renewed(request: JobRequest, snapshot: GatewaySnapshot) -> SessionGrant? {
        guard let grant = try? Self.decide(token: token, request: request, snapshot: snapshot),
            grant.role.login == role.login, Self.destination(of: grant.database) == Self.destination(of: database)
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

    var limits: SessionClock.Limits {
        SessionClock.Limits(
            session: role.limits.session,
            idle: role.limits.idle,
            idleInTransaction: role.limits.idleInTransaction,
            statement: role.limits.statement
        )
    }
}
