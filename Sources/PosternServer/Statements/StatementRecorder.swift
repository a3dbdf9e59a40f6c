internal import PosternCore
internal import PosternJournal
internal import PosternPolicy
internal import PosternSQL
internal import PosternSession

/// What the journal keeps of a judged text: encoded once for all its executions.
struct StatementRecorder {
    let audited: AuditedSQL
    let mode: RoleMode
    let isUnrestricted: Bool
    let key: TextKey

    /// What is kept of a text does not depend on its constants, but for the code of its bytes.
    var keepsShape: Bool { audited != .full }

    /// A text that differs from one that was judged in numbers alone.
    func another(_ text: borrowing Span<UInt8>, like known: StatementText) -> StatementText {
        let bytes = text.withUnsafeBytes { Array($0) }
        return StatementText(
            bytes: bytes,
            judged: known.judged,
            stamp: known.stamp,
            fragments: known.fragments.map { fragment in
                guard let offset = fragment.offset(ofText: "text_mac") else { return fragment }
                return fragment.replacingDigits(
                    at: offset,
                    with: key.code(of: bytes[TextTemplate.statement(in: bytes)])
                )
            }
        )
    }

    /// One for each statement; one for a text that was not understood or is refused as a whole.
    func fragments(of text: [UInt8], _ judged: JudgedText) -> [EncodedMembers] {
        if judged.isUnparsed || judged.statements.isEmpty {
            guard judged.isUnparsed || judged.denial != nil else { return [] }
            return [whole(text, judged)]
        }
        return judged.statements.map { statement in
            let bytes = Array(text[statement.facts.range.clamped(to: text.indices)])
            let denial = statement.decision.denial
            // Some things are refused in every mode.
            return fragment(statement, bytes, isRefused: denial != nil && denial == judged.denial)
        }
    }

    private func fragment(
        _ statement: JudgedText.Statement,
        _ bytes: [UInt8],
        isRefused: Bool
    ) -> EncodedMembers {
        let decision = statement.decision
        let isDenied = decision.verdict == .deny
        let isEnforced = mode == .enforce && !isUnrestricted
        return record(
            statement,
            bytes,
            decision: isDenied && (isEnforced || isRefused) ? .deny : .allow,
            would: isDenied && !isEnforced && !isRefused && !isUnrestricted ? .deny : nil,
            reason: decision.denial?.reason
        ).encoded
    }

    private func record(
        _ statement: JudgedText.Statement,
        _ bytes: [UInt8],
        decision: StatementRecord.Verdict,
        would: StatementRecord.Verdict?,
        reason: String?
    ) -> StatementRecord {
        StatementRecord(
            tag: statement.facts.tag.rawValue,
            statementClass: statement.facts.statementClass.rawValue,
            sql: sql(bytes),
            textMAC: key.code(of: bytes),
            fingerprint: SQLAnalyzer.fingerprint(bytes),
            accesses: statement.decision.accesses.map(AccessRecord.init),
            decision: decision,
            would: would,
            rule: statement.decision.rule.map(RuleRecord.init),
            reason: reason
        )
    }

    /// A FunctionCall has no text.
    func fragment(_ call: JudgedCall, oid: UInt32) -> EncodedMembers {
        StatementRecord(
            tag: CommandTag.functionCall.rawValue,
            statementClass: CommandTag.functionCall.statementClass.rawValue,
            sql: nil,
            textMAC: nil,
            fingerprint: nil,
            accesses: [
                AccessRecord(
                    statementClass: CommandTag.functionCall.statementClass.rawValue,
                    tag: CommandTag.functionCall.rawValue,
                    kind: ObjectKind.function.rawValue,
                    object: call.function?.parts ?? [String(oid)],
                    candidates: [],
                    isOther: false,
                    outcome: call.denial == nil && call.wouldDeny == nil
                        ? .allowedAlways(isUnrestricted ? "unrestricted" : "large objects") : .notAllowed
                )
            ],
            decision: call.denial == nil ? .allow : .deny,
            would: call.wouldDeny == nil ? nil : .deny,
            rule: nil,
            reason: (call.denial ?? call.wouldDeny)?.reason
        ).encoded
    }

    /// A statement that the rules allow and something else denies: a name that is not known, a limit.
    func fragment(of text: StatementText, at index: Int, _ denial: Denial) -> EncodedMembers {
        guard index < text.judged.statements.count else { return whole(text.bytes, text.judged, override: denial) }
        let statement = text.judged.statements[index]
        let bytes = Array(text.bytes[statement.facts.range.clamped(to: text.bytes.indices)])
        return record(statement, bytes, decision: .deny, would: nil, reason: denial.reason).encoded
    }

    private func whole(_ text: [UInt8], _ judged: JudgedText, override: Denial? = nil) -> EncodedMembers {
        let denial = override ?? judged.denial
        return whole(text, denial: denial, wouldDeny: denial == nil ? judged.wouldDeny : nil)
    }

    private func whole(_ text: [UInt8], denial: Denial?, wouldDeny: Denial?) -> EncodedMembers {
        StatementRecord(
            tag: nil,
            statementClass: nil,
            sql: audited == .none ? nil : SQLAnalyzer.masked(text),
            textMAC: key.code(of: text),
            fingerprint: nil,
            accesses: [],
            decision: denial == nil ? .allow : .deny,
            would: wouldDeny == nil ? nil : .deny,
            rule: nil,
            reason: (denial ?? wouldDeny)?.reason
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
        // A command line takes passwords: it is a constant of the text, and kept where those are.
        let object = access.tag == .copyProgram ? nil : access.object
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
            kind: access.object.flatMap { $0.kind == .relation ? nil : $0.kind.rawValue },
            object: object?.name.parts ?? [],
            candidates: object == nil ? [] : decision.candidates.map(\.parts),
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
