package import PosternConfiguration
internal import PosternNet

/// Reads every catalogue of a configuration once, as a gateway would.
package struct CatalogProbe: Sendable {
    /// What a catalogue held, PostgreSQL's own left out.
    package struct Counts: Hashable, Sendable {
        package let relations: Int
        package let columns: Int
        /// Functions of one name and schema count as one.
        package let functions: Int
    }

    package struct Report: Sendable {
        package let database: String
        package let result: Result<Counts, ProbeFailure>
    }

    private let reader: CatalogReader

    package init() {
        let pool = BlockingPool(label: "postern.check.catalogs", threads: 8)
        reader = CatalogReader(names: pool, secrets: SecretResolver(pool: pool))
    }

    /// - Returns: one report for each database with a `catalog_login`, in their order.
    package func run(_ databases: [DatabaseConfiguration]) async -> [Report] {
        let sources = databases.compactMap { database in
            database.catalogLogin.map { CatalogSource(database, login: $0) }
        }
        return await ProbeFailure.gather(sources) { [reader] source in
            let result = await ProbeFailure.catching {
                let contents = try await reader.read(source)
                return Counts(
                    relations: contents.relations.count,
                    columns: contents.relations.reduce(0) { $0 + $1.columns.count },
                    functions: contents.functions.count
                )
            }
            return Report(database: source.database.name, result: result)
        }
    }
}
