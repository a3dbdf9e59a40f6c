internal import PosternSQL

/// An access with everything that its object's name can stand for.
struct ResolvedAccess: Sendable {
    let access: Access
    /// In the order of the search paths; empty for an access without an object, and for a name that stands for
    /// nothing.
    let candidates: [ObjectName]
    /// Why no rule is asked; nil as a rule.
    let obstacle: Obstacle?

    enum Obstacle: Hashable, Sendable {
        /// A three-part name of another database.
        case otherDatabase
        /// The search path is empty, and the name has no schema.
        case emptyPath
        /// A temporary relation under a name that the rules or the catalogue use.
        case temporaryName(usedBy: RuleReference?)
    }

    init(_ access: Access, candidates: [ObjectName], obstacle: Obstacle? = nil) {
        self.access = access
        self.candidates = candidates
        self.obstacle = obstacle
    }
}
