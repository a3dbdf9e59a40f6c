/// What a database's catalogue held when it was last read: its relations, their columns, and functions, without
/// those of PostgreSQL itself.
package struct CatalogSnapshot: Hashable, Sendable {
    package struct Function: Hashable, Sendable {
        package let schema: Identifier
        package let name: Identifier
        /// One argument suffices, and it can be a row: PostgreSQL calls it for `o.name` where `o` has no such column.
        package let takesRow: Bool

        package init(schema: Identifier, name: Identifier, takesRow: Bool) {
            self.schema = schema
            self.name = name
            self.takesRow = takesRow
        }
    }

    /// By schema and name: the columns of each relation.
    private let columns: [Identifier: [Identifier: Set<Identifier>]]
    private let functionsByName: [Identifier: [Function]]
    /// Grows with every reading that found a change.
    package let generation: Int

    package init(
        relations: [(schema: Identifier, name: Identifier, columns: Set<Identifier>)],
        functions: [Function],
        generation: Int
    ) {
        var columns: [Identifier: [Identifier: Set<Identifier>]] = [:]
        for relation in relations { columns[relation.schema, default: [:]][relation.name] = relation.columns }
        self.columns = columns
        functionsByName = Dictionary(grouping: functions, by: \.name)
        self.generation = generation
    }

    /// The columns of a relation, system columns left out; nil when there is no such relation.
    package func columns(ofSchema schema: Identifier, name: Identifier) -> Set<Identifier>? { columns[schema]?[name] }

    /// All functions of that name, in every schema.
    package func functions(named name: Identifier) -> [Function] { functionsByName[name] ?? [] }
}
