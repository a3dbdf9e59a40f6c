internal import PosternSQL

/// What one rule leaves another to decide.
enum RuleCover {
    /// Every access that `inner` matches for this subject and on this pattern, `outer` denies.
    ///
    /// A tag rule matches reads of the statement's target as well, so a class that it belongs to denies the whole.
    static func denies(_ outer: Rule, _ inner: Rule.Subject, on pattern: ObjectPattern?) -> Bool {
        guard outer.effect == .deny, outer.covers(pattern) else { return false }
        return outer.subjects.contains { $0 == inner || $0.deniesAll(of: inner) }
    }

    /// Every access that `inner` allows for this subject and on this pattern, `outer` allows as well.
    static func allows(_ outer: Rule, _ inner: Rule.Subject, on pattern: ObjectPattern?, requiresWhere: Bool) -> Bool {
        guard outer.effect == .allow, outer.covers(pattern) else { return false }
        if outer.requiresWhere, !requiresWhere, inner.choosesRows { return false }
        return outer.subjects.contains { $0 == inner || $0.allowsAll(of: inner) }
    }
}

extension RuleScope {
    /// One for each pattern; nil stands for `any`.
    var parts: [ObjectPattern?] {
        switch self {
        case .any: [nil]
        case .patterns(let patterns): patterns
        }
    }
}

extension Rule {
    /// - Parameter pattern: nil for `on: any`.
    fileprivate func covers(_ pattern: ObjectPattern?) -> Bool {
        switch scope {
        // An allow on any object stays out of PostgreSQL's own schemas; a deny does not.
        case .any: effect == .deny || pattern?.isInSystemSchema != true
        case .patterns(let patterns): pattern.map { inner in patterns.contains { $0.covers(inner) } } ?? false
        }
    }
}

extension ObjectPattern {
    fileprivate var isInSystemSchema: Bool {
        schema?.literal.map { SystemSchemas.contains(Identifier($0)) } ?? false
    }

    /// Every object that `other` matches, this matches too.
    fileprivate func covers(_ other: ObjectPattern) -> Bool {
        guard kind == other.kind, name.covers(other.name) else { return false }
        switch (schema, other.schema) {
        case (nil, nil): return true
        case (let own?, let inner?):
            // There a pattern reaches what it names outright.
            return own.covers(inner) && (!other.isInSystemSchema || own.isLiteral && name.isLiteral)
        case (nil, _?), (_?, nil): return false
        }
    }
}

extension Rule.Subject {
    /// A deny of this class denies every statement of that tag.
    fileprivate func deniesAll(of other: Rule.Subject) -> Bool {
        guard case .statementClass(let own) = self, case .tag(let tag) = other else { return false }
        return own == tag.statementClass
    }

    /// An allow of this class allows what the tag allows: not with `write`, where the tag allows reading the target
    /// as well.
    fileprivate func allowsAll(of other: Rule.Subject) -> Bool {
        guard case .statementClass(let own) = self, case .tag(let tag) = other else { return false }
        switch own {
        case .read, .ddl, .role: return own == tag.statementClass && !tag.isOnlyByName
        case .write, .function, .misc: return false
        }
    }

    /// UPDATE or DELETE may be among its statements: `require_where` makes a difference.
    var choosesRows: Bool {
        switch self {
        case .statementClass(let own): own == .write
        case .tag(let tag): tag == .update || tag == .delete
        }
    }
}
