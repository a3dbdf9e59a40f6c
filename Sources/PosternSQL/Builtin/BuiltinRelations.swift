/// The relations of `pg_catalog` and `information_schema`: which of them any job may read (contract, section 4).
///
/// The names are those of PostgreSQL 15, 16 and 18 together; docs/statements.md prints them.
package enum BuiltinRelations {
    package enum Standing: Hashable, Sendable {
        /// It describes the database to whoever may connect to it.
        case readable
        /// Reading it needs a rule with its literal name.
        case restricted(reason: String)
    }

    /// - Parameter name: a relation of `pg_catalog`, as the parser decodes it.
    /// - Returns: nil where `pg_catalog` has no relation of that name.
    package static func standing(ofCatalog name: Identifier) -> Standing? {
        catalog[name]
    }

    /// - Parameter name: a relation of `information_schema`, as the parser decodes it.
    /// - Returns: nil where `information_schema` has no relation of that name.
    package static func standing(ofInformationSchema name: Identifier) -> Standing? {
        informationSchema[name]
    }

    /// The relations of `pg_catalog` without a restriction, sorted.
    package static var readableInCatalog: [Identifier] { identifiers(in: readableCatalogNames) }

    /// The relations of `information_schema` without a restriction, sorted.
    package static var readableInInformationSchema: [Identifier] {
        identifiers(in: readableInformationSchemaNames)
    }

    private static let catalog = standings(readableInCatalog, \.catalogRelations)
    private static let informationSchema = standings(readableInInformationSchema, \.informationSchemaRelations)

    private static func standings(
        _ readable: [Identifier],
        _ restricted: (RelationHazard) -> [Identifier]
    ) -> [Identifier: Standing] {
        var standings: [Identifier: Standing] = [:]
        for name in readable { standings[name] = .readable }
        for hazard in RelationHazard.allCases {
            for name in restricted(hazard) { standings[name] = .restricted(reason: hazard.reason) }
        }
        return standings
    }
}
