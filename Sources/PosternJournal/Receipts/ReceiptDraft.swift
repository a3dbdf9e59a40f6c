package import PosternCore
internal import PosternCrypto

/// Whose receipt it is.
package struct ReceiptSubject: Sendable {
    package let session: SessionID
    package let role: String
    package let database: String
    package let login: String
    package let identity: IdentityRecord
    package let run: RunRecord
    /// The policy in force when the receipt is given.
    package let policyHash: String

    package init(
        session: SessionID,
        role: String,
        database: String,
        login: String,
        identity: IdentityRecord,
        run: RunRecord,
        policyHash: String
    ) {
        self.session = session
        self.role = role
        self.database = database
        self.login = login
        self.identity = identity
        self.run = run
        self.policyHash = policyHash
    }
}

/// A receipt without its place in the journal: recorded first, signed when the record stands.
package struct ReceiptDraft: Sendable {
    /// The receipt's bytes before `,"journal":`.
    private let statement: [UInt8]
    package let event: SessionReceipt

    package init(_ subject: ReceiptSubject, gateway: String, issued: Timestamp, tally: ReceiptTally) {
        var writer = JSONWriter(capacity: 2048)
        writer.beginObject()
        writer.member("v", ReceiptFormat.version)
        writer.member("gateway", gateway)
        writer.member("session", subject.session.description)
        writer.member("issued", issued.rfc3339)
        writer.member("role", subject.role)
        writer.member("database", subject.database)
        writer.member("login", subject.login)
        writer.member("identity") { writer in
            writer.member("issuer", subject.identity.issuer)
            writer.member("subject", subject.identity.subject)
        }
        writer.member("run", subject.run.encode)
        writer.member("policy_hash", subject.policyHash)
        tally.encode(into: &writer)
        statement = writer.bytes
        event = SessionReceipt(
            session: subject.session,
            policyHash: subject.policyHash,
            digest: Hex.encode(Digest.sha256.hash(statement))
        )
    }

    /// The receipt.
    ///
    /// - Parameter position: where `event` stands.
    package func signed(at position: RecordPosition, by signer: ReceiptSigner) -> [UInt8] {
        let body = statement + ReceiptFormat.place(position, keyID: signer.keyID)
        return body + ReceiptFormat.signature(signer.key.sign(ReceiptFormat.message(over: body)))
    }
}
