/// Why a relation of the catalogue is not for every job.
package enum RelationHazard: String, Hashable, Sendable, CaseIterable {
    case values
    case secrets
    case otherSessions = "other_sessions"
    case replication
    case serverState = "server_state"
    case unclassified

    /// Completes the sentence "the relation …".
    package var reason: String {
        switch self {
        case .values: "shows values of tables, sequences or large objects"
        case .secrets: "shows passwords, connection strings, access rules or settings of others"
        case .otherSessions: "shows what other sessions do"
        case .replication: "shows the replication of the server"
        case .serverState: "shows memory or build of the server"
        case .unclassified: "is not classified yet"
        }
    }

    /// The relations of `pg_catalog` that it restricts, sorted.
    package var catalogRelations: [Identifier] { identifiers(in: catalogNames) }

    /// The relations of `information_schema` that it restricts, sorted.
    package var informationSchemaRelations: [Identifier] { identifiers(in: informationSchemaNames) }
}
