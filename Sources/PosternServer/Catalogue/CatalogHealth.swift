internal import Logging
internal import PosternConfiguration
internal import PosternCore
internal import PosternNet
internal import PosternSQL

/// Brings what happens to catalogues to /readyz, /metrics and the log.
struct CatalogHealth: Sendable {
    let health: Health
    let logger: Logger

    func note(_ event: CatalogDirectory.Event) {
        switch event {
        case .changed(let database, let snapshot):
            health.catalog(database, readAt: .now, changed: true)
            logger.info(
                "catalogue read",
                metadata: ["database": "\(database)", "generation": "\(snapshot.generation)"]
            )
        case .confirmed(let database):
            health.catalog(database, readAt: .now, changed: false)
        case .failed(let database, let failure):
            // A failure that goes on is told once.
            guard health.catalogFailed(database) else { return }
            logger.warning(
                "catalogue not read, what is known of it stays",
                metadata: ["database": "\(database)", "reason": "\(failure)"]
            )
        }
    }
}

extension Configuration {
    /// The databases whose catalogues are read.
    var catalogSources: [CatalogSource] {
        databases.compactMap { database in database.catalogLogin.map { CatalogSource(database, login: $0) } }
    }
}
