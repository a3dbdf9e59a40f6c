package import PosternSQL

/// A decision with its reasons: every access, every rule that was tried, and why it did not match.
package struct Explanation: Sendable {
    /// The role's name.
    package let role: String
    package let mode: RoleMode
    package let isUnrestricted: Bool
    package let judged: JudgedText
    /// One each for the statements of the text.
    package let statements: [Statement]
    /// The statements of the text as `standard_conforming_strings = off` reads it, where that is another reading.
    package let otherReading: [Statement]

    /// Why the text is denied, or would be with `mode: enforce`: the words that the job reads.
    package var denial: Denial? { judged.denial ?? judged.wouldDeny }

    package struct Statement: Sendable {
        package let tag: CommandTag
        package let statementClass: StatementClass
        package let decision: Decision
        package let accesses: [Access]
        package let settings: [Setting]
    }

    package struct Access: Sendable {
        package let access: PosternSQL.Access
        package let isAllowed: Bool
        /// One for each thing that the object's name can stand for; one alone where there is none.
        package let candidates: [Candidate]
    }

    package struct Candidate: Sendable {
        /// nil for an access without an object.
        package let name: ObjectName?
        package let finding: Finding
        /// Every rule of the role, in the order of the file; empty where no rule is asked.
        package let trials: [Trial]
    }

    package enum Finding: Hashable, Sendable {
        case allowedByRule(RuleReference)
        /// Every role may, or `functions` names it: why.
        case allowedAlways(String)
        case deniedByRule(RuleReference)
        /// Why no rule allows it, in words.
        case notAllowed(String)
    }

    package struct Trial: Sendable {
        package let rule: RuleReference
        package let effect: Rule.Effect
        /// nil when the rule matches.
        package let mismatch: RuleMismatch?
        /// The mismatch in words; empty when the rule matches.
        package let reason: String
    }

    package struct Setting: Sendable {
        package let change: SettingChange
        package let isAllowed: Bool
        /// Why, in words.
        package let reason: String
        /// The access that a rule has to allow, where one is asked.
        package let access: Access?
    }
}
