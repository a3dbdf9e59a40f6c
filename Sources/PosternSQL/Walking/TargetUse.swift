/// What an INSERT, UPDATE, DELETE or MERGE says about the columns of its target.
struct TargetUse {
    enum Condition: Equatable {
        case none
        /// Names that may be columns of the target.
        case ambiguous([Identifier])
        case usesTarget
    }

    /// What qualifies the target's columns.
    let alias: Identifier
    /// Its FROM or USING has other relations, or the statement stands in a function's body, where names can be
    /// parameters.
    let hasOthers: Bool
    /// In WHERE now.
    var isInCondition = false
    /// Subqueries between the statement and where the walk is.
    var nesting = 0
    private(set) var reads = false
    private(set) var condition = Condition.none
    private var hidden: Set<Identifier> = []

    init(alias: Identifier, hasOthers: Bool) {
        self.alias = alias
        self.hasOthers = hasOthers
    }

    var restriction: Access.Restriction {
        switch condition {
        case .none: .none
        case .ambiguous(let names): .ambiguous(names)
        case .usesTarget: .usesTarget
        }
    }

    /// A subquery has a relation of this alias.
    mutating func hide(_ alias: Identifier) { hidden.insert(alias) }

    mutating func read() { reads = true }

    mutating func restrict() {
        if isInCondition { condition = .usesTarget }
    }

    /// - Parameters:
    ///   - qualifier: the last one; nil without.
    ///   - name: nil for `*`.
    mutating func note(qualifier: Identifier?, name: Identifier?) {
        guard let qualifier else { return noteUnqualified(name) }
        guard qualifier == alias else { return }
        reads = true
        guard let name else { return }
        if nesting > 0, hidden.contains(alias) { doubt(name) } else { restrict() }
    }

    private mutating func noteUnqualified(_ name: Identifier?) {
        guard let name else {
            if nesting == 0 { reads = true }
            return
        }
        reads = true
        if nesting > 0 || hasOthers || name == alias { doubt(name) } else { restrict() }
    }

    private mutating func doubt(_ name: Identifier) {
        guard isInCondition else { return }
        switch condition {
        case .none: condition = .ambiguous([name])
        case .ambiguous(let names):
            // A bound for the record; more names would hardly settle it.
            if names.count < 64, !names.contains(name) { condition = .ambiguous(names + [name]) }
        case .usesTarget: break
        }
    }
}
