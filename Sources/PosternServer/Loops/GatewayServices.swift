internal import Logging
internal import PosternNet

/// What all loops of a gateway share. Everything in it may be used from any thread and is cheap to reach.
final class GatewayServices: Sendable {
    let logger: Logger
    let pool: BlockingPool
    /// For the resolver alone: a name server that does not answer must not hold up signatures and keys.
    let names = BlockingPool(label: "postern.names", threads: 8, capacity: 256)
    /// For texts that are too large to be parsed on a loop. The parser keeps something for each thread that ever called
    /// it: these threads stay.
    let parsers = FixedThreads(label: "postern.parser", count: 2, capacity: 256)
    let admission: Admission
    let cancels = CancelRegistry()
    let scramKeys = SCRAMKeyCache()
    let secrets: SecretResolver
    let authenticator: TokenAuthenticator
    let usedTokens = SharedUsedTokens()
    let health: Health
    let metrics: MetricsRegistry
    let journal: GatewayJournal
    let catalogs: CatalogDirectory
    let shipper: AuditShipper

    init(
        logger: Logger,
        pool: BlockingPool,
        admission: Admission,
        authenticator: TokenAuthenticator,
        health: Health,
        metrics: MetricsRegistry,
        journal: GatewayJournal
    ) {
        self.logger = logger
        self.pool = pool
        self.admission = admission
        secrets = SecretResolver(pool: pool)
        catalogs = CatalogDirectory(
            reader: CatalogReader(names: names, secrets: secrets),
            report: CatalogHealth(health: health, logger: logger).note
        )
        shipper = AuditShipper(
            source: journal.shippingSource,
            names: names,
            secrets: secrets,
            health: health,
            logger: logger
        )
        self.authenticator = authenticator
        self.health = health
        self.metrics = metrics
        self.journal = journal
    }
}
