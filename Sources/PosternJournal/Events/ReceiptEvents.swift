package import PosternCore

/// A receipt was given: the record that it names as the place up to which it speaks.
package struct SessionReceipt: JournalEvent {
    package static let name = "session.receipt"

    package let session: SessionID
    /// The policy in force then.
    package let policyHash: String
    /// Lower-case hexadecimal SHA-256 of the receipt's bytes before `,"journal":`: everything that it says.
    package let digest: String

    package init(session: SessionID, policyHash: String, digest: String) {
        self.session = session
        self.policyHash = policyHash
        self.digest = digest
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("session", session.description)
        writer.member("policy_hash", policyHash)
        writer.member("digest", digest)
    }
}

/// What a job wanted noted. The gateway knows nothing of it but that this session said so.
package struct SessionNote: JournalEvent {
    package static let name = "session.note"

    package let session: SessionID
    /// JSON, as a `JSONWriter` wrote it.
    package let claim: [UInt8]

    package init(session: SessionID, claim: [UInt8]) {
        self.session = session
        self.claim = claim
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("session", session.description)
        writer.name("claimed_by_job")
        writer.append { $0.append(contentsOf: claim) }
    }
}

/// What a job's guard says of its tables (docs/guard.md): the job counted, not the gateway.
package struct GuardResult: JournalEvent {
    package static let name = "guard.result"

    package let session: SessionID
    /// JSON of a `GuardClaim`, as a `JSONWriter` wrote it.
    package let claim: [UInt8]

    package init(session: SessionID, claim: [UInt8]) {
        self.session = session
        self.claim = claim
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("session", session.description)
        writer.name("claimed_by_job")
        writer.append { $0.append(contentsOf: claim) }
    }
}
