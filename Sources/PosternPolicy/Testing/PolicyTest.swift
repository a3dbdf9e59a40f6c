package import PosternCore

/// One entry of a `*_test.yaml` file: what somebody asks for, and what must become of it (contract, section 4).
package struct PolicyTest: Hashable, Sendable {
    package enum Expectation: String, Hashable, Sendable, CaseIterable {
        /// The identity may be the role, and the statement runs, where there is one.
        case allow
        /// The identity may be the role, and the statement is denied.
        case deny
        /// The identity may not be the role.
        case refused
    }

    /// Unique in its file.
    package let name: String
    package let role: String
    /// The issuer's name in `postern.yaml`.
    package let issuer: String
    package let claims: JSONObject
    /// What the job's client certificate names; nil for a job without one.
    package let certificate: CertificateNames?
    /// Where the job connects from, and how old its token is; nil where the test does not ask.
    package let clientAddress: ClientAddress?
    package let tokenAge: Duration?
    /// nil for a test of `who` alone.
    package let sql: String?
    package let expectation: Expectation
    /// What `enforce` would say, for roles with `mode: observe`; nil where the test does not ask.
    package let would: Decision.Verdict?
    /// The id of the rule that must have decided; nil where the test does not ask, as with the next three.
    package let rule: String?
    /// The word of a denial, or the description of a refusal.
    package let reason: String?
    package let sqlState: String?
    /// A part of the denial's message, detail or hint.
    package let message: String?
    package let location: SourceLocation

    package init(
        name: String,
        role: String,
        issuer: String,
        claims: JSONObject,
        certificate: CertificateNames? = nil,
        clientAddress: ClientAddress? = nil,
        tokenAge: Duration? = nil,
        sql: String? = nil,
        expectation: Expectation,
        would: Decision.Verdict? = nil,
        rule: String? = nil,
        reason: String? = nil,
        sqlState: String? = nil,
        message: String? = nil,
        location: SourceLocation
    ) {
        self.name = name
        self.role = role
        self.issuer = issuer
        self.claims = claims
        self.certificate = certificate
        self.clientAddress = clientAddress
        self.tokenAge = tokenAge
        self.sql = sql
        self.expectation = expectation
        self.would = would
        self.rule = rule
        self.reason = reason
        self.sqlState = sqlState
        self.message = message
        self.location = location
    }
}
