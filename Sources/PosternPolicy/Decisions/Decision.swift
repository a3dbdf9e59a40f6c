package import PosternSQL

/// What a role's rules say of one statement.
package struct Decision: Hashable, Sendable {
    package enum Verdict: String, Hashable, Sendable, CaseIterable {
        case allow
        case deny
    }

    /// Before `mode: observe` has its say.
    package let verdict: Verdict
    /// The rule that made it: the deny that won, or the rule that allowed the first access; nil where no rule did.
    package let rule: RuleReference?
    /// Why it was denied; nil when allowed.
    package let denial: Denial?
    /// Every access with what was found for it, in the order of the text.
    package let accesses: [AccessDecision]

    package init(verdict: Verdict, rule: RuleReference?, denial: Denial?, accesses: [AccessDecision]) {
        self.verdict = verdict
        self.rule = rule
        self.denial = denial
        self.accesses = accesses
    }
}

/// A rule as messages and records name it.
package struct RuleReference: Hashable, Sendable {
    package let id: String
    package let location: SourceLocation

    package init(id: String, location: SourceLocation) {
        self.id = id
        self.location = location
    }
}

/// One access, resolved against the search path, and what decided it.
package struct AccessDecision: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case allowedByRule(RuleReference)
        /// Allowed to every role, and why: `safe function`, `transaction control`, `in \`functions\`` …
        case allowedAlways(String)
        case deniedByRule(RuleReference)
        /// No rule allows it.
        case notAllowed
    }

    package let access: Access
    /// What the object's name can stand for; one name when it is qualified.
    package let candidates: [ObjectName]
    package let outcome: Outcome

    package init(access: Access, candidates: [ObjectName], outcome: Outcome) {
        self.access = access
        self.candidates = candidates
        self.outcome = outcome
    }
}

/// A denial in words: what the job reads, `policy explain` prints and the journal keeps.
package struct Denial: Hashable, Sendable {
    /// The SQLSTATE that the job gets: 42501 for rules, 42601 for what is not understood, 54000 for size …
    package let sqlState: String
    /// For the journal and metrics: a word of a fixed vocabulary (`rule`, `no rule`, `syntax`, `setting` …).
    package let reason: String
    /// In PostgreSQL's manner: lower case, no full stop.
    package let message: String
    /// Role, rule or "no rule allows", `file:line`, the access.
    package let detail: String?
    package let hint: String?
    /// For `syntax`: in characters from 1.
    package let position: Int?

    package init(
        sqlState: String,
        reason: String,
        message: String,
        detail: String? = nil,
        hint: String? = nil,
        position: Int? = nil
    ) {
        self.sqlState = sqlState
        self.reason = reason
        self.message = message
        self.detail = detail
        self.hint = hint
        self.position = position
    }
}
