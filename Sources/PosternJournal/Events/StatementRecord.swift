package import PosternCore

/// What a decision says of a statement whoever runs it: its text, what it touches, and the verdict.
package struct StatementRecord: Sendable {
    package enum Verdict: String, Hashable, Sendable {
        case allow
        case deny
    }

    /// PostgreSQL's tag; nil for a text that was not understood.
    package let tag: String?
    /// pgAudit's class; nil for a text that was not understood.
    package let statementClass: String?
    /// The statement's text as far as the role's `audit.sql` lets it be kept; nil for none of it.
    package let sql: String?
    /// `TextKey`'s code of the statement's exact bytes.
    package let textMAC: String?
    /// Of libpg_query: the same for statements that differ in their constants only.
    package let fingerprint: String?
    package let accesses: [AccessRecord]
    package let decision: Verdict
    /// What `mode: enforce` would have decided, where it is something else.
    package let would: Verdict?
    /// The rule that decided; nil where none did.
    package let rule: RuleRecord?
    /// Why it was denied, or would have been: a word of a fixed vocabulary.
    package let reason: String?

    package init(
        tag: String?,
        statementClass: String?,
        sql: String?,
        textMAC: String?,
        fingerprint: String?,
        accesses: [AccessRecord],
        decision: Verdict,
        would: Verdict?,
        rule: RuleRecord?,
        reason: String?
    ) {
        self.tag = tag
        self.statementClass = statementClass
        self.sql = sql
        self.textMAC = textMAC
        self.fingerprint = fingerprint
        self.accesses = accesses
        self.decision = decision
        self.would = would
        self.rule = rule
        self.reason = reason
    }

    /// Bytes of a statement's text that a record keeps.
    package static let maximumText = 64 << 10
    /// Bytes that a record's accesses may take, encoded.
    package static let maximumAccesses = 128 << 10

    /// The members `tag` to `reason`. Whatever the record holds, a line has room for them: bytes that JSON has to
    /// escape take six at most.
    package var encoded: EncodedMembers {
        EncodedMembers { writer in
            writer.bounded("tag", tag)
            writer.bounded("class", statementClass)
            if let sql {
                let kept = sql.cut(toBytes: Self.maximumText)
                writer.member("sql", String(kept))
                if kept.endIndex < sql.endIndex { writer.member("sql_cut", true) }
            }
            writer.bounded("text_mac", textMAC)
            writer.bounded("fingerprint", fingerprint)
            encodeAccesses(into: &writer)
            writer.member("decision", decision.rawValue)
            writer.member("would", would?.rawValue)
            if let rule {
                writer.bounded("rule", rule.id)
                writer.bounded("file", rule.file)
                writer.member("line", rule.line)
            }
            writer.bounded("reason", reason)
        }
    }

    private func encodeAccesses(into writer: inout JSONWriter) {
        let start = writer.bytes.count
        writer.name("accesses")
        writer.beginArray()
        var written = 0
        for access in accesses {
            let object = EncodedMembers(access.encode)
            guard writer.bytes.count - start + object.bytes.count <= Self.maximumAccesses else { break }
            writer.beginObject()
            writer.members(object)
            writer.endObject()
            written += 1
        }
        writer.endArray()
        if written < accesses.count { writer.member("accesses_left_out", accesses.count - written) }
    }
}

/// Where a rule stands.
package struct RuleRecord: Hashable, Sendable {
    package let id: String
    package let file: String
    package let line: Int

    package init(id: String, file: String, line: Int) {
        self.id = id
        self.file = file
        self.line = line
    }
}
