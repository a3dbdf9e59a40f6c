package import PosternCore

/// What a token for a build says.
package struct TokenClaims: Hashable, Sendable {
    /// From the end of what a build may take to the end of its token.
    private static let grace: Int64 = 60
    /// What Drone gives a repository that says nothing.
    private static let defaultTimeout: Int64 = 60

    package let id: String
    package let subject: String
    package let issuedAt: Timestamp
    package let expiry: Timestamp
    /// All of them, the registered ones first: texts, whole numbers and flags.
    package let members: [JSONObject.Member]

    /// - Parameters:
    ///   - host: which Drone or Woodpecker server: a request does not say.
    ///   - lifetime: the most that a token lives, 60 s aside; less where the repository's timeout is less.
    ///   - id: the `jti`.
    package init(
        of build: Build,
        issuer: String,
        audience: String,
        host: String,
        lifetime: Duration,
        now: Timestamp,
        id: String
    ) {
        let minutes = build.timeout > 0 ? min(build.timeout, 100_000) : Self.defaultTimeout
        let seconds = min(minutes * 60, lifetime.components.seconds) + Self.grace
        issuedAt = Timestamp(seconds: now.seconds)
        expiry = Timestamp(seconds: now.seconds + seconds)
        self.id = id
        subject = Self.subject(of: build, host: host)
        var claims = JSONObject()
        func number(_ name: String, _ value: Int64) { claims.append(name, .number(JSONNumber(value))) }
        func text(_ name: String, _ value: String) {
            if !value.isEmpty { claims.append(name, .string(value)) }
        }
        text("iss", issuer)
        text("aud", audience)
        text("sub", subject)
        text("jti", id)
        number("iat", issuedAt.seconds)
        number("nbf", issuedAt.seconds)
        number("exp", expiry.seconds)
        text(build.system.rawValue + "_host", host)
        text("repository", build.repository)
        text("repository_uid", build.repositoryUID)
        text("repository_id", String(build.repositoryID))
        text("namespace", build.namespace)
        text("event", build.event)
        text("trigger", build.trigger)
        number("parent", build.parent)
        number("build_number", build.number)
        if build.id > 0 { text("build_id", String(build.id)) }
        text("ref", build.ref)
        text("ref_type", build.refType.rawValue)
        text("branch", build.branch)
        text("source_branch", build.source)
        text("source_repository", build.sourceRepository)
        claims.append("fork", .bool(build.isFork))
        text("sha", build.sha)
        text("sender", build.sender)
        text("author", build.author)
        text("deploy_to", build.deployTo)
        text("cron", build.cron)
        text("visibility", build.visibility)
        claims.append("protected", .bool(build.isProtected))
        claims.append("trusted", .bool(build.isTrusted))
        claims.append("params", .bool(!build.parameters.isEmpty))
        members = claims.members
    }

    /// `drone:HOST:uid:UID:event:EVENT:ref:REF`, in which no value can look like the name that comes next.
    private static func subject(of build: Build, host: String) -> String {
        let parts = [
            build.system.rawValue, host, "uid", build.repositoryUID, "event", build.event, "ref", build.ref,
        ]
        return parts.map { $0.replacing(scalar: "%", with: "%25").replacing(scalar: ":", with: "%3A") }.joined(
            separator: ":"
        )
    }
}
