/// What a statement does to one object (contract, section 1): what rules are compared with.
package struct Access: Hashable, Sendable {
    /// The object's part in the statement that causes the access.
    package enum Part: Hashable, Sendable {
        /// What the statement is about: the table of an UPDATE, reading it included; every relation that a SELECT
        /// reads. A tag rule covers it.
        case target
        /// Another relation that the statement reads, or a function that it calls. A tag rule does not cover it.
        case other
    }

    /// Whether the WHERE of an UPDATE or DELETE (a DELETE or UPDATE inside a larger statement as well) restricts it.
    package enum Restriction: Hashable, Sendable {
        /// The statement has no rows to choose, or is neither UPDATE nor DELETE.
        case notApplicable
        /// No WHERE, or one that names no column of the target.
        case none
        /// WHERE names a column of the target, or is WHERE CURRENT OF.
        case usesTarget
        /// WHERE names unqualified columns among several relations: one of these names must be a column of the
        /// target, which only the catalogue can tell.
        case ambiguous([Identifier])
    }

    /// The class of what is done: a locking clause is `write` although its statement is a SELECT.
    package let statementClass: StatementClass
    /// The tag of the innermost statement that causes it: DELETE for `WITH d AS (DELETE …) SELECT …`.
    package let tag: CommandTag
    /// nil for what is done to no object, as BEGIN or CHECKPOINT.
    package let object: ObjectReference?
    package let part: Part
    package let restriction: Restriction

    package init(
        _ statementClass: StatementClass,
        _ tag: CommandTag,
        _ object: ObjectReference?,
        part: Part = .target,
        restriction: Restriction = .notApplicable
    ) {
        self.statementClass = statementClass
        self.tag = tag
        self.object = object
        self.part = part
        self.restriction = restriction
    }
}
