internal import PosternCore

/// The body of /metrics: every loop's numbers added up, and the state of the gateway.
package struct MetricsPage {
    private let registry: MetricsRegistry
    private let state: Health.Snapshot
    private var writer = PrometheusWriter()

    /// - Parameter health: where issuers, databases and the journal stand.
    package static func text(_ registry: MetricsRegistry, _ health: Health) -> String {
        var page = MetricsPage(registry: registry, state: health.snapshot)
        page.sessions()
        page.identity()
        page.upstreams()
        page.catalogs()
        page.journal()
        page.auditStore()
        page.configuration()
        page.process()
        return page.writer.text
    }

    private init(registry: MetricsRegistry, state: Health.Snapshot) {
        self.registry = registry
        self.state = state
    }

    // MARK: - Sections

    private mutating func sessions() {
        let series = Dictionary(grouping: registry.loops.flatMap(\.allSeries), by: \.labels).sorted { $0.key < $1.key }
        let pairs = series.map { (labels: [("role", $0.key.role), ("database", $0.key.database)], series: $0.value) }

        func total(_ series: [MetricSeries], _ value: (MetricSeries) -> UInt64) -> UInt64 {
            series.reduce(0) { $0 &+ value($1) }
        }
        writer.family("postern_sessions", .gauge, help: "Sessions that are open.")
        for (labels, series) in pairs {
            // Ends are read before starts: a session that comes and goes meanwhile must not make the gauge negative.
            let ended = total(series) { $0.sessionsEnded.current }
            let started = total(series) { $0.sessionsStarted.current }
            writer.sample("postern_sessions", labels, started - min(started, ended))
        }
        writer.family("postern_sessions_total", .counter, help: "Sessions that began.")
        for (labels, series) in pairs {
            writer.sample("postern_sessions_total", labels, total(series) { $0.sessionsStarted.current })
        }
        writer.family("postern_statements_total", .counter, help: "Requests answered by ReadyForQuery.")
        for (labels, series) in pairs {
            writer.sample("postern_statements_total", labels, total(series) { $0.statements.current })
        }
        writer.family("postern_bytes_total", .counter, help: "Bytes of the PostgreSQL protocol that were forwarded.")
        for (labels, series) in pairs {
            let fromJobs = total(series) { $0.bytesFromJobs.current }
            let toJobs = total(series) { $0.bytesToJobs.current }
            writer.sample("postern_bytes_total", labels + [("direction", "from_job")], fromJobs)
            writer.sample("postern_bytes_total", labels + [("direction", "to_job")], toJobs)
        }
        let histograms: [(name: String, help: String, value: (MetricSeries) -> LatencyHistogram)] = [
            ("postern_upstream_connect_seconds", "Time to connect to the database's host.", \.upstreamConnect),
            ("postern_upstream_login_seconds", "Time from the connection to the finished login.", \.upstreamLogin),
            ("postern_statement_seconds", "Time from a forwarded request to ReadyForQuery.", \.statementTime),
            ("postern_gateway_seconds", "Time that Postern itself spent on a statement.", \.gatewayTime),
        ]
        for (name, help, value) in histograms {
            histogram(name, help: help, pairs.map { ($0.labels, $0.series.map(value)) })
        }
    }

    private mutating func identity() {
        counter("postern_connections_total", help: "Connections accepted.") { $0.connectionsAccepted.current }
        writer.family("postern_connections", .gauge, help: "Connections that are open, sessions included.")
        let closed = registry.loops.reduce(0) { $0 &+ $1.connectionsClosed.current }
        let accepted = registry.loops.reduce(0) { $0 &+ $1.connectionsAccepted.current }
        writer.sample("postern_connections", [], accepted - min(accepted, closed))

        var refusals: [LoopMetrics.Refusal: UInt64] = [:]
        for loop in registry.loops { refusals.merge(loop.allRefusals, uniquingKeysWith: &+) }
        writer.family("postern_refusals_total", .counter, help: "Connections refused, by stage and class of reason.")
        for (refusal, count) in refusals.sorted(by: { $0.key < $1.key }) {
            writer.sample("postern_refusals_total", [("stage", refusal.stage), ("reason", refusal.reason)], count)
        }
        histogram(
            "postern_client_handshake_seconds",
            help: "Time of the TLS handshake with a job.",
            [([], registry.loops.map(\.clientHandshake))]
        )
        histogram(
            "postern_token_check_seconds",
            help: "Time to check a token, waiting for keys included.",
            [([], registry.loops.map(\.tokenCheck))]
        )
        counter("postern_token_cache_hits_total", help: "Tokens known from before.") { $0.tokenCacheHits.current }
        counter("postern_token_cache_misses_total", help: "Tokens whose signature was checked.") {
            $0.tokenCacheMisses.current
        }
        counter(
            "postern_oauth_discoveries_total",
            help: "Connections that asked by OAUTHBEARER where to get a token."
        ) { $0.oauthDiscoveries.current }

        let issuers = state.issuers.sorted { $0.key < $1.key }
        writer.family("postern_issuer_keys", .gauge, help: "Usable keys of an issuer.")
        for (name, issuer) in issuers { writer.sample("postern_issuer_keys", [("issuer", name)], UInt64(issuer.keys)) }
        timestamps(
            "postern_issuer_last_success_timestamp_seconds",
            help: "When the issuer's key set was last read.",
            issuers.map { ($0.key, $0.value.lastSuccess) }
        )
        timestamps(
            "postern_issuer_keys_changed_timestamp_seconds",
            help: "When the issuer's key set last changed.",
            issuers.map { ($0.key, $0.value.keysChanged) }
        )
        writer.family("postern_issuer_failures_total", .counter, help: "Failed attempts to read the issuer's key set.")
        for (name, issuer) in issuers {
            writer.sample("postern_issuer_failures_total", [("issuer", name)], issuer.fetches.failed)
        }
        writer.family("postern_issuer_fetches_total", .counter, help: "Attempts to read the key set, by result.")
        for (name, issuer) in issuers {
            let fetches = issuer.fetches
            let counts = [("loaded", fetches.loaded), ("unchanged", fetches.unchanged), ("failed", fetches.failed)]
            for (result, count) in counts {
                writer.sample("postern_issuer_fetches_total", [("issuer", name), ("result", result)], count)
            }
        }
        writer.family("postern_issuer_keys_age_seconds", .gauge, help: "Since the issuer gave or confirmed its keys.")
        for case (let name, let age?) in issuers.map({ ($0.key, $0.value.age) }) {
            writer.sample("postern_issuer_keys_age_seconds", [("issuer", name)], age.inSeconds)
        }
        timestamps(
            "postern_issuer_last_failure_timestamp_seconds",
            help: "When an attempt to read the issuer's key set last failed.",
            issuers.map { ($0.key, $0.value.lastFailure) }
        )
        writer.family(
            "postern_issuer_stale_uses_total",
            .counter,
            help: "Tokens that met keys older than the issuer wants them used."
        )
        for (name, issuer) in issuers {
            writer.sample("postern_issuer_stale_uses_total", [("issuer", name)], issuer.staleUses)
        }
    }

    private mutating func upstreams() {
        writer.family("postern_upstream_up", .gauge, help: "Whether the last connection to the host succeeded.")
        for (upstream, isUp) in state.upstreams.sorted(by: { $0.key < $1.key }) {
            let labels = [("database", upstream.database), ("host", upstream.host)]
            writer.sample("postern_upstream_up", labels, isUp ? 1 : UInt64(0))
        }
    }

    private mutating func catalogs() {
        let catalogs = state.catalogs.sorted { $0.key < $1.key }
        writer.family("postern_catalog_reads_total", .counter, help: "Times that the database's catalogue was read.")
        for (name, catalog) in catalogs {
            writer.sample("postern_catalog_reads_total", [("database", name)], catalog.reads)
        }
        writer.family("postern_catalog_failures_total", .counter, help: "Failed attempts to read it.")
        for (name, catalog) in catalogs {
            writer.sample("postern_catalog_failures_total", [("database", name)], catalog.failures)
        }
        timestamps(
            "postern_catalog_last_success_timestamp_seconds",
            help: "When the database's catalogue was last read.",
            label: "database",
            catalogs.map { ($0.key, $0.value.lastSuccess) }
        )
        timestamps(
            "postern_catalog_changed_timestamp_seconds",
            help: "When the database's catalogue was last another one.",
            label: "database",
            catalogs.map { ($0.key, $0.value.changed) }
        )
    }

    private mutating func journal() {
        gauge("postern_journal_writable", help: "Whether the journal takes records.", state.journalWritable ? 1 : 0)
        counter("postern_journal_records_total", help: "Records written.") { $0.journalRecords.current }
        counter("postern_journal_bytes_total", help: "Bytes of records written.") { $0.journalBytes.current }
        gauge(
            "postern_journal_chains_awaiting_store",
            help: "Chains whose old files stay until the auditors' store has them.",
            Double(state.chainsAwaitingStore)
        )
    }

    /// The families are there without a store, and have no samples then.
    private mutating func auditStore() {
        let samples:
            [(name: String, kind: PrometheusWriter.Kind, help: String, value: (Health.AuditStore) -> Double?)] = [
                (
                    "postern_audit_store_up", .gauge, "Whether the auditors' store took what it was sent.",
                    { $0.isUp ? 1 : 0 }
                ),
                (
                    "postern_audit_store_lag_records", .gauge, "Records that the store has not got yet.",
                    { Double($0.lagRecords) }
                ),
                (
                    "postern_audit_store_lag_seconds", .gauge, "How long the oldest of them has waited.",
                    { $0.lag.inSeconds }
                ),
                ("postern_audit_store_records_total", .counter, "Records that were loaded.", { Double($0.records) }),
                (
                    "postern_audit_store_refused_records_total", .counter,
                    "Records of which the store took the line alone.",
                    { Double($0.refusedRecords) }
                ),
                (
                    "postern_audit_store_lost_records_total", .counter,
                    "Records that were removed before they were loaded.",
                    { Double($0.lostRecords) }
                ),
                (
                    "postern_audit_store_failures_total", .counter, "Connections and batches that failed.",
                    { Double($0.failures) }
                ),
                (
                    "postern_audit_store_last_success_timestamp_seconds", .gauge, "When the store last took something.",
                    { $0.lastSuccess.map { Double($0.microseconds) / 1e6 } }
                ),
            ]
        for sample in samples {
            writer.family(sample.name, sample.kind, help: sample.help)
            if let value = state.auditStore.flatMap(sample.value) { writer.sample(sample.name, [], value) }
        }
    }

    private mutating func configuration() {
        let configuration = registry.configuration
        gauge(
            "postern_config_last_reload_successful",
            help: "Whether the last reload found no mistake.",
            configuration.lastReloadSucceeded ? 1 : 0
        )
        if let time = configuration.loadedAt {
            gauge(
                "postern_config_last_reload_success_timestamp_seconds",
                help: "When the configuration in force was loaded.",
                Double(time.microseconds) / 1e6
            )
        }
        writer.family("postern_config_reloads_total", .counter, help: "Loads of the configuration, by result.")
        writer.sample("postern_config_reloads_total", [("result", "success")], configuration.reloads)
        writer.sample("postern_config_reloads_total", [("result", "failure")], configuration.failedReloads)
        writer.family("postern_config_info", .gauge, help: "The hashes of the configuration and the policies in force.")
        writer.sample(
            "postern_config_info",
            [("config_hash", configuration.configurationHash), ("policy_hash", configuration.policyHash)],
            UInt64(1)
        )
        writer.family("postern_build_info", .gauge, help: "The version that runs.")
        writer.sample("postern_build_info", [("version", registry.version)], UInt64(1))
    }

    private mutating func process() {
        let statistics = ProcessStatistics()
        let start = Double(registry.startedAt.microseconds) / 1e6
        gauge("process_start_time_seconds", help: "When the process started.", start)
        if let seconds = statistics.cpuSeconds {
            writer.family("process_cpu_seconds_total", .counter, help: "Processor time used, user and system.")
            writer.sample("process_cpu_seconds_total", [], seconds)
        }
        if let bytes = statistics.residentBytes {
            gauge("process_resident_memory_bytes", help: "Resident memory.", Double(bytes))
        }
        if let count = statistics.descriptors {
            gauge("process_open_fds", help: "Open file descriptors.", Double(count))
        }
        if let limit = statistics.descriptorLimit {
            gauge("process_max_fds", help: "How many file descriptors may be open.", Double(limit))
        }
    }

    // MARK: - Shapes

    private mutating func gauge(_ name: String, help: String, _ value: Double) {
        writer.family(name, .gauge, help: help)
        writer.sample(name, [], value)
    }

    private mutating func counter(_ name: String, help: String, _ value: (LoopMetrics) -> UInt64) {
        writer.family(name, .counter, help: help)
        writer.sample(name, [], registry.loops.reduce(0) { $0 &+ value($1) })
    }

    private mutating func timestamps(
        _ name: String,
        help: String,
        label: String = "issuer",
        _ values: [(subject: String, time: Timestamp?)]
    ) {
        writer.family(name, .gauge, help: help)
        for case (let subject, let time?) in values {
            writer.sample(name, [(label, subject)], Double(time.microseconds) / 1e6)
        }
    }

    private mutating func histogram(
        _ name: String,
        help: String,
        _ series: [(labels: [(String, String)], parts: [LatencyHistogram])]
    ) {
        writer.family(name, .histogram, help: help)
        for (labels, parts) in series {
            guard let first = parts.first else { continue }
            var sum = LatencyHistogram.Snapshot.empty(first.scale)
            for part in parts { sum += part.snapshot }
            writer.histogram(name, labels, sum, scale: first.scale)
        }
    }
}
