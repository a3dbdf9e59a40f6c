package import PosternCore
package import PosternSQL

/// An entry of a policy file: who may be it, where it leads, what it may use.
package struct Role: Hashable, Sendable {
    /// `[a-z0-9_-]{1,38}`: with it `postern/<role>/<session>` fits the 63 bytes of an `application_name`.
    package static let maximumNameLength = 38

    package let name: String
    package let description: String?
    /// The database's name in `postern.yaml`.
    package let database: String
    /// The PostgreSQL role that Postern logs in as upstream.
    package let login: String
    package let sharedLogin: Bool
    /// At least one.
    package let who: [WhoEntry]
    package let mode: RoleMode
    package private(set) var rules: RoleRules
    /// User functions and dangerous built-in ones that the role may call, beyond the safe list.
    package let functions: [ObjectName]
    /// The search paths, besides the database's own and the empty one, that the role may set.
    package let searchPaths: [[Identifier]]
    package let unparsed: UnparsedMode
    /// FunctionCall of the built-in large object functions, except import and export.
    package let largeObjects: Bool
    package let auditedSQL: AuditedSQL
    package let limits: RoleLimits
    package let binding: TokenBinding
    package private(set) var location: SourceLocation

    package init(
        name: String,
        description: String? = nil,
        database: String,
        login: String,
        sharedLogin: Bool = false,
        who: [WhoEntry],
        mode: RoleMode = .enforce,
        rules: RoleRules,
        functions: [ObjectName] = [],
        searchPaths: [[Identifier]] = [],
        unparsed: UnparsedMode = .deny,
        largeObjects: Bool = false,
        auditedSQL: AuditedSQL = .normalized,
        limits: RoleLimits = RoleLimits(),
        binding: TokenBinding = TokenBinding(),
        location: SourceLocation
    ) {
        self.name = name
        self.description = description
        self.database = database
        self.login = login
        self.sharedLogin = sharedLogin
        self.who = who
        self.mode = mode
        self.rules = rules
        self.functions = functions
        self.searchPaths = searchPaths
        self.unparsed = unparsed
        self.largeObjects = largeObjects
        self.auditedSQL = auditedSQL
        self.limits = limits
        self.binding = binding
        self.location = location
    }

    /// The same role with its files named as from that folder, where they are below it: what jobs and journals read
    /// says nothing of where the gateway keeps its configuration.
    package func filesNamed(from folder: String) -> Role {
        var role = self
        role.location = location.fileNamed(from: folder)
        if case .rules(let rules) = rules {
            role.rules = .rules(
                rules.map { rule in
                    var rule = rule
                    rule.location = rule.location.fileNamed(from: folder)
                    return rule
                }
            )
        }
        return role
    }

    /// Decides whether an identity may be this role.
    ///
    /// - Parameters:
    ///   - issuer: the issuer's name in `postern.yaml`.
    ///   - claims: the claims of a verified token.
    ///   - trust: the issuer's. A token that it does not cover matches only an entry that says `untrusted: true`.
    ///   - certificate: what the job's verified client certificate names; nil when it has shown none.
    package func match(
        issuer: String,
        claims: JSONObject,
        trust: TrustRule,
        certificate: CertificateNames? = nil
    ) -> RoleMatch {
        let untrusted = trust.untrusted(claims)
        var refusal: WhoRefusal?
        for (index, entry) in who.enumerated() where entry.issuer.utf8.elementsEqual(issuer.utf8) {
            if let untrusted, !entry.takesUntrusted {
                if refusal == nil { refusal = .untrustedTrigger(untrusted) }
                continue
            }
            if let mismatch = entry.firstMismatch(in: claims) {
                if refusal == nil { refusal = .claim(entry: index, mismatch) }
            } else if let mismatch = entry.certificate?.mismatch(certificate) {
                if refusal == nil { refusal = .certificate(entry: index, mismatch) }
            } else {
                return .matched(entry: index)
            }
        }
        return .refused(refusal ?? .issuerNotNamed)
    }

    /// Whether `name` is `[a-z0-9_-]{1,38}`.
    package static func isValid(name: String) -> Bool {
        (1...maximumNameLength).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
