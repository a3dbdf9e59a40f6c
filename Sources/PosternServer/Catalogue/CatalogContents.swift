package import PosternSQL

/// What one reading of a catalogue brought.
package struct CatalogContents: Sendable {
    package typealias Relation = (schema: Identifier, name: Identifier, columns: Set<Identifier>)

    package var relations: [Relation]
    package var functions: [CatalogSnapshot.Function]

    package init(relations: [Relation] = [], functions: [CatalogSnapshot.Function] = []) {
        self.relations = relations
        self.functions = functions
    }

    /// - Parameter generation: of the snapshot, see there.
    package func snapshot(generation: Int) -> CatalogSnapshot {
        CatalogSnapshot(relations: relations, functions: functions, generation: generation)
    }
}
