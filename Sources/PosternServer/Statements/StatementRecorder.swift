internal import PosternCore
internal import PosternJournal
internal import PosternPolicy
internal import PosternSQL

/// What the journal keeps of a judged text: encoded once for all its executions.
struct StatementRecorder {
    let audited: AuditedSQL
    let mode: RoleMode
    let isUnrestricted: Bool
    let key: TextKey

    /// One for each statement; one for a text that was not understood or is refused as a whole.
    func fragments(of text: [UInt8], _ judged: JudgedText) -> [EncodedMembers] {
        if judged.isUnparsed || judged.statements.isEmpty {
            guard judged.isUnparsed || judged.denial != nil else { return [] }
            return [whole(text, judged)]
        }
        return judged.statements.map { statement in
            let bytes = Array(text[statement.facts.range.clamped(to: text.indices)])
            return fragment(statement, bytes)
        }
    }

    private func fragment(_ statement: JudgedText.Statement, _ bytes: [UInt8]) -> EncodedMembers {
        let decision = statement.decision
        let isDenied = decision.verdict == .deny
        let isEnforced = mode == .enforce && !isUnrestricted
        return StatementRecord(
            tag: statement.facts.tag.rawValue,
            statementClass: statement.facts.statementClass.rawValue,
            sql: sql(bytes),
            textMAC: key.code(of: bytes),
            fingerprint: SQLAnalyzer.fingerprint(bytes),
            accesses: decision.accesses.map(AccessRecord.init),
            decision: isDenied && isEnforced ? .deny : .allow,
            would: isDenied && !isEnforced && !isUnrestricted ? .deny : nil,
            rule: decision.rule.map(RuleRecord.init),
            reason: decision.denial?.reason
        ).encoded
    }

    private func whole(_ text: [UInt8], _ judged: JudgedText) -> EncodedMembers {
        StatementRecord(
            tag: nil,
            statementClass: nil,
            sql: audited == .none ? nil : SQLAnalyzer.masked(text),
            textMAC: key.code(of: text),
            fingerprint: nil,
            accesses: [],
            decision: judged.denial == nil ? .allow : .deny,
            would: judged.denial == nil && judged.wouldDeny != nil ? .deny : nil,
            rule: nil,
            reason: (judged.denial ?? judged.wouldDeny)?.reason
        ).encoded
    }

    private func sql(_ bytes: [UInt8]) -> String? {
        switch audited {
        case .none: nil
        case .normalized: SQLAnalyzer.normalized(bytes) ?? SQLAnalyzer.masked(bytes)
        case .full: SQLAnalyzer.withoutPasswords(bytes) ?? SQLAnalyzer.masked(bytes)
        }
    }
}

extension AccessRecord {
    init(_ decision: AccessDecision) {
        let access = decision.access
        let object = access.object
        let outcome: Outcome
        switch decision.outcome {
        case .allowedByRule(let rule): outcome = .allowedByRule(rule.id)
        case .allowedAlways(let reason): outcome = .allowedAlways(reason)
        case .deniedByRule(let rule): outcome = .deniedByRule(rule.id)
        case .notAllowed: outcome = .notAllowed
        }
        self.init(
            statementClass: access.statementClass.rawValue,
            tag: access.tag.rawValue,
            kind: object.flatMap { $0.kind == .relation ? nil : $0.kind.rawValue },
            object: object?.name.parts ?? [],
            candidates: decision.candidates.map(\.parts),
            isOther: access.part == .other,
            outcome: outcome
        )
    }
}

extension ObjectName {
    fileprivate var parts: [String] { [catalog, schema, name].compactMap { $0?.text } }
}

extension RuleRecord {
    init(_ reference: RuleReference) {
        self.init(id: reference.id, file: reference.location.file, line: reference.location.line)
    }
}
