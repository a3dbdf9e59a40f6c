package import PosternCore

/// Who came: the verified part of a record.
package struct IdentityRecord: Sendable {
    /// The issuer's name in the configuration.
    package let issuer: String
    package let subject: String?
    /// The claims that the journal keeps; nil where only the issuer and subject are known.
    package let claims: JSONObject?

    package init(issuer: String, subject: String?, claims: JSONObject?) {
        self.issuer = issuer
        self.subject = subject
        self.claims = claims
    }

    fileprivate func encode(into writer: inout JSONWriter) {
        writer.member("issuer", issuer)
        writer.member("subject", subject)
        if let claims {
            writer.name("claims")
            writer.value(.object(claims))
        }
    }
}

/// Where a job connected from.
package struct ClientRecord: Sendable {
    /// `address:port`, or `unix`.
    package let address: String
    /// `application_name` as the job gave it.
    package let application: String?
    /// The protocol version of the job's TLS, nil without TLS.
    package let tls: String?
    /// The certificate that it has shown, where the listener asks for one.
    package let certificate: CertificateRecord?

    package init(address: String, application: String?, tls: String?, certificate: CertificateRecord? = nil) {
        self.address = address
        self.application = application
        self.tls = tls
        self.certificate = certificate
    }

    fileprivate func encode(into writer: inout JSONWriter) {
        writer.member("address", address)
        writer.member("application", application)
        writer.member("tls", tls)
        if let certificate { writer.member("certificate", certificate.encode) }
    }
}

/// Whom a client certificate names.
package struct CertificateRecord: Sendable {
    /// As RFC 4514 writes it.
    package let subject: String
    package let dns: [String]
    package let uris: [String]
    package let emails: [String]
    /// Of the certificate (DER), as lower-case hexadecimal.
    package let sha256: String

    package init(subject: String, dns: [String], uris: [String], emails: [String], sha256: String) {
        self.subject = subject
        self.dns = dns
        self.uris = uris
        self.emails = emails
        self.sha256 = sha256
    }

    fileprivate func encode(into writer: inout JSONWriter) {
        writer.member("subject", subject)
        if !dns.isEmpty { writer.member("dns", strings: dns) }
        if !uris.isEmpty { writer.member("uri", strings: uris) }
        if !emails.isEmpty { writer.member("email", strings: emails) }
        writer.member("sha256", sha256)
    }
}

/// The CI run that a token speaks for.
package struct RunRecord: Sendable {
    package let repository: String?
    package let ref: String?
    package let sha: String?
    package let id: String?
    package let url: String?

    package init(repository: String?, ref: String?, sha: String?, id: String?, url: String?) {
        self.repository = repository
        self.ref = ref
        self.sha = sha
        self.id = id
        self.url = url
    }

    func encode(into writer: inout JSONWriter) {
        writer.member("repository", repository)
        writer.member("ref", ref)
        writer.member("sha", sha)
        writer.member("id", id)
        writer.member("url", url)
    }
}

/// The upstream session: the evidence that ties a record to the server's own logs.
package struct UpstreamRecord: Sendable {
    package let host: String
    package let port: Int
    /// The server's process, nil when it gave no key.
    package let backendPID: Int32?
    package let login: String
    package let serverVersion: String?
    /// The protocol version of TLS, nil without TLS.
    package let tls: String?
    package let connectedAt: Timestamp

    package init(
        host: String,
        port: Int,
        backendPID: Int32?,
        login: String,
        serverVersion: String?,
        tls: String?,
        connectedAt: Timestamp
    ) {
        self.host = host
        self.port = port
        self.backendPID = backendPID
        self.login = login
        self.serverVersion = serverVersion
        self.tls = tls
        self.connectedAt = connectedAt
    }

    fileprivate func encode(into writer: inout JSONWriter) {
        writer.member("host", host)
        writer.member("port", port)
        if let backendPID { writer.member("backend_pid", backendPID) }
        writer.member("login", login)
        writer.member("server_version", serverVersion)
        writer.member("tls", tls)
        writer.member("connected_at", connectedAt.rfc3339)
    }
}

/// A session has begun: written after the upstream login, before the job hears that it is in.
package struct SessionStart: JournalEvent {
    package static let name = "session.start"

    package let session: SessionID
    package let role: String
    package let database: String
    package let login: String
    package let client: ClientRecord
    package let identity: IdentityRecord
    package let run: RunRecord
    package let policyHash: String
    package let upstream: UpstreamRecord

    package init(
        session: SessionID,
        role: String,
        database: String,
        login: String,
        client: ClientRecord,
        identity: IdentityRecord,
        run: RunRecord,
        policyHash: String,
        upstream: UpstreamRecord
    ) {
        self.session = session
        self.role = role
        self.database = database
        self.login = login
        self.client = client
        self.identity = identity
        self.run = run
        self.policyHash = policyHash
        self.upstream = upstream
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("session", session)
        writer.member("role", role)
        writer.member("database", database)
        writer.member("login", login)
        writer.member("client", client.encode)
        writer.member("identity", identity.encode)
        writer.member("run", run.encode)
        writer.member("policy_hash", policyHash)
        writer.member("upstream", upstream.encode)
    }
}

/// A job was turned away.
package struct SessionRefused: JournalEvent {
    package static let name = "session.refused"

    package let session: SessionID
    /// Where in the login: `tls`, `startup`, `token`, `grant`, `limit`, `upstream` …
    package let stage: String
    /// Why, in words that the job does not get to read.
    package let reason: String
    /// What the job asked to be, as it wrote it.
    package let role: String?
    package let database: String?
    package let client: ClientRecord
    /// What the token says of itself, 256 bytes at most, escaped; worth nothing as evidence.
    package let unverifiedIssuer: String?
    package let unverifiedKeyID: String?
    /// Known once the token's signature was good.
    package let identity: IdentityRecord?
    /// The claim that failed.
    package let claim: String?

    package init(
        session: SessionID,
        stage: String,
        reason: String,
        role: String?,
        database: String?,
        client: ClientRecord,
        unverifiedIssuer: String? = nil,
        unverifiedKeyID: String? = nil,
        identity: IdentityRecord? = nil,
        claim: String? = nil
    ) {
        self.session = session
        self.stage = stage
        self.reason = reason
        self.role = role
        self.database = database
        self.client = client
        self.unverifiedIssuer = unverifiedIssuer
        self.unverifiedKeyID = unverifiedKeyID
        self.identity = identity
        self.claim = claim
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("session", session)
        writer.member("stage", stage)
        writer.member("reason", reason)
        writer.member("role", role)
        writer.member("database", database)
        writer.member("client", client.encode)
        writer.member("unverified_issuer", unverifiedIssuer)
        writer.member("unverified_key_id", unverifiedKeyID)
        if let identity { writer.member("identity", identity.encode) }
        writer.member("claim", claim)
    }
}

/// Refusals that were too many to be written one by one.
package struct SessionRefusedSummary: JournalEvent, Sendable {
    package static let name = "session.refused.summary"

    package let count: UInt64
    /// Different addresses that they came from.
    package let sources: Int

    package init(count: UInt64, sources: Int) {
        self.count = count
        self.sources = sources
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("count", count)
        writer.member("sources", sources)
    }
}

/// Somebody showed a session's cancel key.
package struct SessionCancel: JournalEvent {
    package static let name = "session.cancel"

    package let session: SessionID
    /// The address that the request came from.
    package let source: String

    package init(session: SessionID, source: String) {
        self.session = session
        self.source = source
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("session", session)
        writer.member("source", source)
    }
}

package struct SessionEnd: JournalEvent {
    package static let name = "session.end"

    package let session: SessionID
    package let reason: String
    package let statements: UInt64
    package let denied: UInt64
    /// The sum of the row counts that the server reported.
    package let rows: UInt64
    /// Plaintext protocol bytes from and to the job.
    package let bytesIn: UInt64
    package let bytesOut: UInt64
    package let duration: Duration

    package init(
        session: SessionID,
        reason: String,
        statements: UInt64,
        denied: UInt64,
        rows: UInt64,
        bytesIn: UInt64,
        bytesOut: UInt64,
        duration: Duration
    ) {
        self.session = session
        self.reason = reason
        self.statements = statements
        self.denied = denied
        self.rows = rows
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        self.duration = duration
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("session", session)
        writer.member("reason", reason)
        writer.member("statements", statements)
        writer.member("denied", denied)
        writer.member("rows", rows)
        writer.member("bytes_in", bytesIn)
        writer.member("bytes_out", bytesOut)
        writer.member("duration_us", duration.inMicroseconds)
    }
}
