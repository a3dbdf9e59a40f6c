package import PosternSQL

/// One entry of a role's `rules` (contract, section 4, "What").
package struct Rule: Hashable, Sendable {
    package enum Effect: String, Hashable, Sendable {
        case allow
        case deny
    }

    /// What of an access a rule is about.
    package enum Subject: Hashable, Sendable {
        case statementClass(StatementClass)
        case tag(CommandTag)
    }

    /// Unique in its role.
    package let id: String
    package let effect: Effect
    /// At least one.
    package let subjects: [Subject]
    package let scope: RuleScope
    /// The rule matches an UPDATE or DELETE only if its WHERE names a column of the target.
    package let requiresWhere: Bool
    /// The hint of a denial by this rule.
    package let message: String?
    package internal(set) var location: SourceLocation

    package init(
        id: String,
        effect: Effect,
        subjects: [Subject],
        scope: RuleScope,
        requiresWhere: Bool = false,
        message: String? = nil,
        location: SourceLocation
    ) {
        self.id = id
        self.effect = effect
        self.subjects = subjects
        self.scope = scope
        self.requiresWhere = requiresWhere
        self.message = message
        self.location = location
    }
}

/// The `on` of a rule.
package enum RuleScope: Hashable, Sendable {
    /// `on: any`, the literal `*.*`, or a deny without `on`: every object, and accesses without one.
    case any
    case patterns([ObjectPattern])
}

/// What a role may run.
package enum RoleRules: Hashable, Sendable {
    /// Nothing is decided, every statement is recorded.
    case unrestricted
    /// At least one.
    case rules([Rule])
}
