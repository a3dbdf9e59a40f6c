internal import PosternCore
internal import PosternPolicy

/// What only the whole can tell: names that lead nowhere, and things that may be there once.
struct ReferenceCheck {
    let configuration: Configuration
    let roles: [Role]
    let log: DiagnosticLog

    func run() {
        checkListeners()
        checkIssuers()
        checkPolicies()
        warnAboutUnused()
    }

    /// The roles alone, which need not be all of the gateway's.
    func checkPolicies() {
        Self.checkNames(roles, log: log)
        checkRoles()
        Self.checkLogins(roles, log: log)
        checkCatalogLogins()
    }

    /// What can be said of roles without a configuration.
    static func checkUniqueness(_ roles: [Role], log: DiagnosticLog) {
        checkNames(roles, log: log)
        checkLogins(roles, log: log)
    }

    private func checkListeners() {
        var seen: [Endpoint: SourceLocation] = [:]
        for listener in configuration.listeners {
            if let oauth = listener.oauth { checkDiscovery(oauth) }
            // Port 0 asks the system for any free port, each time another.
            if case .network(_, port: 0) = listener.address { continue }
            if let first = seen.updateValue(listener.location, forKey: listener.address) {
                log.error(
                    listener.location,
                    "two listeners have the address `\(listener.address)`",
                    hint: "the first is at line \(first.line)"
                )
            }
        }
        if let admin = configuration.admin, let listener = seen[admin.address] {
            log.error(listener, "`\(admin.address)` is the admin address too")
        }
    }

    /// What a job without a token is told must be one issuer, and fit what libpq reads.
    private func checkDiscovery(_ oauth: OAuthDiscovery) {
        let names = configuration.issuers.map(\.name)
        guard let issuer = configuration.issuer(of: oauth) else {
            if let name = oauth.issuer {
                log.error(
                    oauth.location,
                    "there is no issuer `\(name)`",
                    hint: Suggestion.hint(for: name, among: names)
                )
            } else if !names.isEmpty {
                log.error(
                    oauth.location,
                    "a listener with `authentication: oauthbearer` names one issuer to its jobs, and there are several",
                    hint: "name one: `oauth: {issuer: \(names[0])}`; tokens of the others are taken all the same"
                )
            }
            return
        }
        // As they stand in JSON.
        let lengths = [issuer.issuer, oauth.scope].map { JSONValue.string($0).text.utf8.count }
        if lengths.reduce(0, +) > OAuthDiscovery.textLimit {
            log.error(
                oauth.location,
                "the issuer's URL and `scope` have more than \(OAuthDiscovery.textLimit) bytes together",
                hint: "libpq reads no more"
            )
        }
    }

    /// A token is brought to its issuer by `iss` alone, so two entries with the same URL would be a guess.
    private func checkIssuers() {
        var seen: [String: IssuerConfiguration] = [:]
        for issuer in configuration.issuers where !issuer.issuer.isEmpty {
            if let first = seen.updateValue(issuer, forKey: issuer.issuer) {
                log.error(issuer.location, "issuers `\(first.name)` and `\(issuer.name)` have the same URL")
            }
            if let doubt = ProfileDoubt(profile: issuer.profile, url: issuer.issuer) {
                log.warning(issuer.location, doubt.message(ofIssuer: issuer.name), hint: doubt.hint)
            }
        }
    }

    private static func checkNames(_ roles: [Role], log: DiagnosticLog) {
        var seen: [String: SourceLocation] = [:]
        for role in roles {
            if let first = seen.updateValue(role.location, forKey: role.name) {
                log.error(
                    role.location,
                    "role `\(role.name)` is there twice",
                    hint: "the first is at \(first)"
                )
            }
        }
    }

    private func checkRoles() {
        let databases = configuration.databases.map(\.name)
        let issuers = configuration.issuers.map(\.name)
        for role in roles {
            for entry in role.who where !entry.issuer.isEmpty { checkEntry(entry, issuers: issuers) }
            for entry in role.who { checkCertificate(entry) }
            guard !role.database.isEmpty else { continue }
            guard let database = configuration.database(named: role.database) else {
                log.error(
                    role.location,
                    "role `\(role.name)` leads to the database `\(role.database)`, which does not exist",
                    hint: Suggestion.hint(for: role.database, among: databases)
                )
                continue
            }
            if !role.login.isEmpty, database.login(named: role.login) == nil {
                log.error(
                    role.location,
                    "role `\(role.name)` uses the login `\(role.login)`, which database `\(database.name)` does not have",
                    hint: Suggestion.hint(for: role.login, among: database.logins.map(\.name))
                )
            }
        }
    }

    private func checkEntry(_ entry: WhoEntry, issuers: [String]) {
        guard let issuer = configuration.issuer(named: entry.issuer) else {
            log.error(
                entry.location,
                "there is no issuer `\(entry.issuer)`",
                hint: Suggestion.hint(for: entry.issuer, among: issuers)
            )
            return
        }
        checkClaims(of: entry, issuer)
        if let shared = SharedIssuer.find(issuer.issuer), !shared.isBound(by: entry) {
            log.error(
                entry.location,
                "anybody at \(shared.owner) can get tokens of the issuer `\(issuer.name)`, and no claim here says whose job it is",
                hint: "name one exactly: " + shared.tenantClaims.map { "`\($0)`" }.joined(separator: ", ")
            )
        }
    }

    /// Where nobody is asked for a certificate nobody has one.
    private func checkCertificate(_ entry: WhoEntry) {
        guard let certificate = entry.certificate,
            !configuration.listeners.contains(where: { $0.clientAuthorities != nil })
        else { return }
        log.error(
            certificate.location,
            "an entry with `certificate` never matches: no listener asks for one",
            hint: "name the authorities in `tls.client_ca` of a listener"
        )
    }

    /// What the issuer's profile says against the entry.
    private func checkClaims(of entry: WhoEntry, _ issuer: IssuerConfiguration) {
        let facts = issuer.profile.facts
        for claim in entry.claims {
            guard let known = facts.claims?.claim(named: claim.name.plain),
                let contradiction = ClaimContradiction(claim, known)
            else { continue }
            log.error(claim.location, contradiction.message, hint: contradiction.hint)
        }
        let hosts = facts.hostClaims
        if !hosts.isEmpty, !hosts.contains(where: entry.pins),
            let claim = entry.claims.first(where: { facts.claims?.claim(named: $0.name.plain)?.meaning == .identifier })
        {
            log.error(
                claim.location,
                "`\(claim.name)` is the id of another repository on each server, and no claim here says which server it is",
                hint: "name one exactly: " + hosts.map { "`\($0)`" }.joined(separator: ", ")
            )
        }
        if let origin = facts.originClaim, !entry.takesUntrusted, !entry.pins(origin) {
            log.error(
                entry.location,
                "builds of forks have the ids of their project too, and no claim here says whose code it is",
                hint: "name `\(origin)` exactly, as in `github.com/acme/orders`, or say `untrusted: true`"
            )
        }
    }

    private struct LoginName: Hashable {
        let database: String
        let login: String
    }

    /// One login serves one role, unless both say so: inside PostgreSQL the login is what tells roles apart.
    private static func checkLogins(_ roles: [Role], log: DiagnosticLog) {
        var owners: [LoginName: Role] = [:]
        for role in roles where !role.login.isEmpty {
            let name = LoginName(database: role.database, login: role.login)
            guard let first = owners[name] else {
                owners[name] = role
                continue
            }
            if first.name != role.name, !(first.sharedLogin && role.sharedLogin) {
                log.error(
                    role.location,
                    "roles `\(first.name)` and `\(role.name)` use the same login `\(role.login)`",
                    hint: "give each its own, or say `shared_login: true` in both"
                )
            }
        }
    }

    /// The catalogue is read with a login of its own: a job's rights must not grow by it, nor its by a job's.
    private func checkCatalogLogins() {
        for role in roles where !role.login.isEmpty {
            guard let login = configuration.database(named: role.database)?.catalogLogin,
                login.name.utf8.elementsEqual(role.login.utf8)
            else { continue }
            log.error(
                role.location,
                "role `\(role.name)` uses the login `\(role.login)`, which is the `catalog_login` of its database",
                hint: "give each its own"
            )
        }
    }

    private func warnAboutUnused() {
        var used = Set(roles.map { LoginName(database: $0.database, login: $0.login) })
        for database in configuration.databases {
            if let login = database.catalogLogin {
                used.insert(LoginName(database: database.name, login: login.name))
            }
        }
        for database in configuration.databases {
            for login in database.logins
            where !used.contains(LoginName(database: database.name, login: login.name)) {
                log.warning(login.location, "login `\(login.name)` is used by no role")
            }
        }
        let named = Set(roles.flatMap { $0.who.map(\.issuer) })
        for issuer in configuration.issuers where !named.contains(issuer.name) {
            log.warning(issuer.location, "issuer `\(issuer.name)` is named by no role")
        }
    }
}
