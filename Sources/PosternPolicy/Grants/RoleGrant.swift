package import PosternCore

/// Who a verified token speaks for, as far as roles ask.
package struct GrantIdentity: Sendable {
    /// The issuer's name in `postern.yaml`.
    package let issuer: String
    /// The claims of the verified token.
    package let claims: JSONObject
    /// What the issuer's entry says of trust; nil when the configuration no longer has the issuer.
    package let trust: TrustRule?

    package init(issuer: String, claims: JSONObject, trust: TrustRule?) {
        self.issuer = issuer
        self.claims = claims
        self.trust = trust
    }
}

/// Why a verified token does not get the role and database that the job asks for. For the journal; the job hears one
/// text for all of them.
package enum GrantRefusal: Error, Hashable, Sendable {
    case unknownRole
    case unknownIssuer
    case who(WhoRefusal)
    case databaseNotGranted
    /// The job connects from outside the role's `client_networks`.
    case clientNetwork
    /// The token is older than the role's `max_token_age`.
    case tokenAge
    /// The token has opened a session of a role with `single_use` before.
    case tokenUsed
    /// More such tokens are known than can be kept, and a new one could be an old one that was forgotten.
    case tooManyTokens
    /// The role's database or login is missing in the configuration.
    case unknownDatabase

    /// The name of the claim that failed, when it was one.
    package var claim: String? {
        switch self {
        case .who(let refusal): refusal.failedClaim
        case .tokenAge: "iat"
        case .unknownRole, .unknownIssuer, .databaseNotGranted, .clientNetwork, .tokenUsed, .tooManyTokens,
            .unknownDatabase:
            nil
        }
    }

    /// In the words of the journal.
    package var reason: String {
        switch self {
        case .unknownRole: "unknown role"
        case .unknownIssuer: "unknown issuer"
        case .who(let refusal): refusal.description
        case .databaseNotGranted: "database not granted"
        case .clientNetwork: "address outside `client_networks`"
        case .tokenAge: "token older than `max_token_age`"
        case .tokenUsed: "token used before"
        case .tooManyTokens: "too many single-use tokens"
        case .unknownDatabase: "unknown database"
        }
    }
}

extension PolicySet {
    /// Decides whether an identity gets the role and database that a job asks for.
    ///
    /// - Parameters:
    ///   - role: the PostgreSQL `user` that the job sent.
    ///   - database: the `dbname` that the job sent.
    ///   - connection: how the job has come.
    /// - Returns: the role. Whether the configuration still has its database and login is the caller's to look up.
    package func grant(
        role name: String,
        database: String,
        to identity: GrantIdentity,
        over connection: GrantConnection = GrantConnection()
    ) throws(GrantRefusal) -> Role {
        guard let role = role(named: name) else { throw .unknownRole }
        guard let trust = identity.trust else { throw .unknownIssuer }
        let match = role.match(
            issuer: identity.issuer,
            claims: identity.claims,
            trust: trust,
            certificate: connection.certificate
        )
        switch match {
        case .matched: break
        case .refused(let refusal): throw .who(refusal)
        }
        guard role.database.utf8.elementsEqual(database.utf8) else { throw .databaseNotGranted }
        if let refusal = role.binding.refusal(of: connection) { throw refusal }
        return role
    }
}
