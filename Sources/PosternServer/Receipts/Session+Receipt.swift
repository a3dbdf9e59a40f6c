internal import PosternConfiguration
internal import PosternCore
internal import PosternIdentity
internal import PosternJournal
internal import PosternNet
internal import PosternPolicy
internal import PosternSession
internal import PostgresWire

/// What the gateway answers itself, on sessions that began with `_pq_.postern=1`.
extension Session {
    /// The row that answers a statement of the gateway's own, and its record.
    ///
    /// - Returns: nil when it could not be recorded: the job must not read that it was.
    func answer(to statement: OwnStatement) -> [UInt8]? {
        switch statement {
        case .receipt: return receipt().map { ResultMessage.row($0) }
        case .note(let json): return noted(SessionNote(session: id, claim: SecretText.scrubbed(json)))
        case .guardResult(let json): return noted(GuardResult(session: id, claim: SecretText.scrubbed(json)))
        }
    }

    private func noted(_ event: some JournalEvent) -> [UInt8]? {
        guard context.journal.place(event) != nil else { return nil }
        tally?.noted()
        return ResultMessage.row(Array("recorded".utf8))
    }

    /// Of all that is in the journal of this session when it is called.
    private func receipt() -> [UInt8]? {
        guard let grant, let tally else { return nil }
        let signer = context.services.journal.receipts
        let subject = ReceiptSubject(
            session: id,
            role: grant.role.name,
            database: grant.database.name,
            login: grant.login.name,
            identity: IdentityRecord(issuer: grant.token.issuer, subject: grant.token.subject, claims: nil),
            run: RunRecord(grant.run),
            policyHash: context.snapshot.policies.hash
        )
        let draft = ReceiptDraft(subject, gateway: signer.gateway, issued: .now, tally: tally)
        guard let position = context.journal.place(draft.event) else { return nil }
        return draft.signed(at: position, by: signer)
    }
}

extension RunRecord {
    init(_ run: JobRun) {
        self.init(repository: run.repository, ref: run.ref, sha: run.sha, id: run.id, url: run.url)
    }
}
