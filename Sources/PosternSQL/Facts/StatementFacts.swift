/// Everything that one statement's text says about what it does. Names are not resolved: that takes a search path.
package struct StatementFacts: Hashable, Sendable {
    /// Where the statement stands in the text, in bytes: from its first word to its last, without blanks and comments
    /// around it and without the semicolon.
    package var range: Range<Int>
    /// PostgreSQL's tag of the whole statement: SELECT for a SELECT with a DELETE inside.
    package var tag: CommandTag
    package var statementClass: StatementClass
    /// Every access, those of inner statements (CTEs, EXPLAIN, PREPARE, DECLARE, COPY (query), CTAS, views, rules,
    /// schema elements, function bodies in SQL) included, each once, in the order of the text.
    package var accesses: [Access] = []
    package var settings: [SettingChange] = []
    package var effects: [SessionEffect] = []
    /// Columns with a qualifier: `o.f`, or `(expression).f` with an empty qualifier. PostgreSQL calls the function
    /// `f(o)` where `o` has no such column.
    package var qualifiedColumns: [QualifiedColumn] = []
    /// Every column name that is named, without qualifiers, sorted: for the journal and for rules to come.
    package var columns: [Identifier] = []
    /// Relations by the name that qualifies their columns: the alias, else the last part of the name.
    package var ranges: [RangeAlias] = []
    /// Names of relations that it makes as temporary ones.
    package var temporaryRelations: [ObjectName] = []
    /// ALTER ROLE of what could be the session's own login.
    package var roleChanges: [RoleChange] = []
    package var shape = StatementShape()

    package init(range: Range<Int>, tag: CommandTag, statementClass: StatementClass) {
        self.range = range
        self.tag = tag
        self.statementClass = statementClass
    }
}

package struct QualifiedColumn: Hashable, Sendable {
    /// The parts before the last; empty for `(expression).f`.
    package let qualifier: [Identifier]
    package let name: Identifier

    package init(qualifier: [Identifier], name: Identifier) {
        self.qualifier = qualifier
        self.name = name
    }
}

package struct RangeAlias: Hashable, Sendable {
    package let alias: Identifier
    /// nil for a subquery, function or CTE.
    package let relation: ObjectName?

    package init(alias: Identifier, relation: ObjectName?) {
        self.alias = alias
        self.relation = relation
    }
}

/// What of a role an ALTER ROLE changes that would hand out or break a login.
package struct RoleChange: Hashable, Sendable {
    package enum Target: Hashable, Sendable {
        case named(Identifier)
        /// CURRENT_USER, CURRENT_ROLE or SESSION_USER.
        case own
        /// ALTER ROLE ALL SET.
        case all
    }

    package let target: Target
    /// PASSWORD, VALID UNTIL or SET.
    package let changesLogin: Bool

    package init(target: Target, changesLogin: Bool) {
        self.target = target
        self.changesLogin = changesLogin
    }
}

/// The statement's outline: what limits and gates look at.
package struct StatementShape: Hashable, Sendable {
    package enum Copy: Hashable, Sendable {
        case toStdout
        case fromStdin
        /// A file or program of the server's.
        case server
    }

    package var hasWhere = false
    package var hasLimit = false
    package var copy: Copy?
    /// Its own tag counts changed rows: INSERT, UPDATE, DELETE, MERGE, COPY FROM, CREATE TABLE AS, SELECT INTO.
    package var countsRows = false
    /// INSERT, UPDATE, DELETE or MERGE in a CTE: changed rows that the tag does not count.
    package var changesRowsInside = false
    /// EXPLAIN ANALYZE.
    package var explainsByRunning = false
    /// PREPARE or DECLARE or plain EXPLAIN: the accesses happen later or not at all, and count all the same.
    package var isDeferred = false
    /// DDL, or what else changes the catalogue.
    package var changesCatalog = false

    package init() {}
}
