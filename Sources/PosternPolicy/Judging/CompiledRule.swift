internal import PosternSQL

/// A rule made ready for many comparisons. Rules are handed around for every access: one reference each.
final class CompiledRule: Sendable {
    /// How a rule's subject covers an access.
    enum SubjectMatch {
        case byTag
        case byClass
    }

    let rule: Rule
    let reference: RuleReference
    private let classes: Set<StatementClass>
    private let tags: Set<CommandTag>
    private let scope: CompiledScope

    init(_ rule: Rule) {
        self.rule = rule
        reference = RuleReference(id: rule.id, location: rule.location)
        var classes: Set<StatementClass> = []
        var tags: Set<CommandTag> = []
        for subject in rule.subjects {
            switch subject {
            case .statementClass(let statementClass): classes.insert(statementClass)
            case .tag(let tag): tags.insert(tag)
            }
        }
        self.classes = classes
        self.tags = tags
        scope = CompiledScope(rule.scope)
    }

    var namedTags: Set<CommandTag> { tags }

    /// Compares the subject: a tag covers the target of its own statement, a class every access of that class. What
    /// has to be named is allowed by its tag only; a class denies it all the same.
    func subject(
        _ statementClass: StatementClass,
        _ tag: CommandTag,
        _ part: Access.Part
    ) -> Result<SubjectMatch, RuleMismatch> {
        let isTarget = part == .target
        if isTarget, tags.contains(tag) { return .success(.byTag) }
        if classes.contains(statementClass) {
            return isTarget && tag.isOnlyByName && rule.effect == .allow ? .failure(.onlyByTag) : .success(.byClass)
        }
        return .failure(tags.contains(tag) ? .otherRelation : .subject)
    }

    /// Compares `on`.
    func mismatch(_ access: Access, _ candidate: Candidate?, _ match: SubjectMatch) -> RuleMismatch? {
        scope.mismatch(access, candidate, match, rule.effect)
    }
}

/// Why a rule does not match an access.
package enum RuleMismatch: Error, Hashable, Sendable {
    /// It names neither the access's class nor its tag.
    case subject
    /// It names the class, but such a statement has to be named by its tag.
    case onlyByTag
    /// It names the tag, which covers the statement's target only.
    case otherRelation
    /// It has patterns, and the access has no object.
    case withoutObject
    /// None of its patterns covers the object.
    case object
    /// A pattern's `*` would cover the object, but never reaches into the system's schemas.
    case systemSchema
    /// `require_where`: WHERE names no column of the target.
    case condition
}

/// Whether WHERE restricts an UPDATE or DELETE by a column of its target.
enum RowCondition {
    case holds
    case fails
    /// WHERE names columns of one of several relations, and the catalogue is not there to tell which.
    case unknown
}
