import PosternCore
import PosternServer
import Testing

struct MetricsPageTests {
    private let registry = MetricsRegistry(loops: 2, version: "1.0", startedAt: Timestamp(seconds: 1_700_000_000))
    private let health = Health()

    private var lines: [String] {
        MetricsPage.text(registry, health).split(separator: "\n").map(String.init)
    }

    @Test func `sessions of several loops are added under one label set`() {
        let first = registry.loops[0].series(role: "r", database: "d")
        let second = registry.loops[1].series(role: "r", database: "d")
        first.sessionStarted()
        second.sessionStarted()
        second.sessionStarted()
        second.sessionEnded()
        #expect(lines.contains(#"postern_sessions{role="r",database="d"} 2"#))
        #expect(lines.contains(#"postern_sessions_total{role="r",database="d"} 3"#))
    }

    @Test func `the same labels on one loop are one series`() {
        let series = registry.loops[0].series(role: "r", database: "d")
        #expect(registry.loops[0].series(role: "r", database: "d") === series)
        #expect(registry.loops[0].series(role: "r2", database: "d") !== series)
    }

    @Test func `a statement counts into both histograms, cumulatively`() {
        let series = registry.loops[0].series(role: "r", database: "d")
        series.statementCompleted(nanoseconds: 2_000_000, gatewayNanoseconds: 7000)
        series.statementCompleted(nanoseconds: 2_000_000_000, gatewayNanoseconds: 7000)
        series.bytesFromJobs.add(10)
        series.bytesToJobs.add(200)
        let lines = lines
        for line in [
            #"postern_statements_total{role="r",database="d"} 2"#,
            #"postern_statement_seconds_bucket{role="r",database="d",le="0.001"} 0"#,
            #"postern_statement_seconds_bucket{role="r",database="d",le="0.0025"} 1"#,
            #"postern_statement_seconds_bucket{role="r",database="d",le="2.5"} 2"#,
            #"postern_statement_seconds_bucket{role="r",database="d",le="+Inf"} 2"#,
            #"postern_statement_seconds_sum{role="r",database="d"} 2.002"#,
            #"postern_statement_seconds_count{role="r",database="d"} 2"#,
            #"postern_gateway_seconds_bucket{role="r",database="d",le="1e-05"} 2"#,
            #"postern_bytes_total{role="r",database="d",direction="from_job"} 10"#,
            #"postern_bytes_total{role="r",database="d",direction="to_job"} 200"#,
        ] { #expect(lines.contains(line), "\(line)") }
    }

    @Test func `label sets beyond the limit are counted under other`() {
        for number in 0...MetricsRegistry.labelLimit {
            registry.loops[number % 2].series(role: "r\(number)", database: "d").sessionStarted()
        }
        let started = lines.filter { $0.hasPrefix("postern_sessions_total{") }
        #expect(started.count == MetricsRegistry.labelLimit + 1)
        #expect(started.contains(#"postern_sessions_total{role="other",database="other"} 1"#))
    }

    @Test func `refusals are counted by stage and reason, and bounded`() {
        registry.loops[0].refused(stage: "token", reason: "expired")
        registry.loops[1].refused(stage: "token", reason: "expired")
        for number in 0..<300 { registry.loops[0].refused(stage: "token", reason: "r\(number)") }
        let refusals = lines.filter { $0.hasPrefix("postern_refusals_total{") }
        #expect(refusals.contains(#"postern_refusals_total{stage="token",reason="expired"} 2"#))
        #expect(refusals.contains(#"postern_refusals_total{stage="other",reason="other"} 101"#))
        #expect(refusals.count == 201)
    }

    @Test func `issuers, upstreams, catalogues and the journal show their state`() {
        let up = Health.Upstream(database: "d", host: "h:1")
        let down = Health.Upstream(database: "d", host: "h:2")
        health.configure(issuers: ["ci", "dead"], upstreams: [up, down], catalogs: ["d", "new"])
        health.catalog("d", readAt: Timestamp(seconds: 3), changed: true)
        health.catalog("d", readAt: Timestamp(seconds: 4), changed: false)
        health.catalogFailed("d")
        var issuer = Health.Issuer()
        issuer.keys = 2
        issuer.lastSuccess = Timestamp(microseconds: 1_500_000)
        issuer.age = .milliseconds(2500)
        issuer.keysChanged = Timestamp(seconds: 1)
        issuer.fetches.loaded = 3
        issuer.fetches.unchanged = 4
        issuer.staleUses = 5
        health.issuer("ci", is: issuer)
        issuer = Health.Issuer()
        issuer.fetches.failed = 1
        issuer.lastFailure = Timestamp(seconds: 9)
        health.issuer("dead", is: issuer)
        health.upstream(up, isUp: true)
        health.upstream(down, isUp: false)
        health.journal(isWritable: false)
        let lines = lines
        for line in [
            #"postern_issuer_keys{issuer="ci"} 2"#, #"postern_issuer_keys{issuer="dead"} 0"#,
            #"postern_issuer_last_success_timestamp_seconds{issuer="ci"} 1.5"#,
            #"postern_issuer_keys_changed_timestamp_seconds{issuer="ci"} 1"#,
            #"postern_issuer_keys_age_seconds{issuer="ci"} 2.5"#,
            #"postern_issuer_fetches_total{issuer="ci",result="loaded"} 3"#,
            #"postern_issuer_fetches_total{issuer="ci",result="unchanged"} 4"#,
            #"postern_issuer_fetches_total{issuer="dead",result="failed"} 1"#,
            #"postern_issuer_stale_uses_total{issuer="ci"} 5"#,
            #"postern_issuer_last_failure_timestamp_seconds{issuer="dead"} 9"#,
            #"postern_issuer_failures_total{issuer="dead"} 1"#,
            #"postern_upstream_up{database="d",host="h:1"} 1"#, #"postern_upstream_up{database="d",host="h:2"} 0"#,
            #"postern_catalog_reads_total{database="d"} 2"#, #"postern_catalog_reads_total{database="new"} 0"#,
            #"postern_catalog_failures_total{database="d"} 1"#,
            #"postern_catalog_last_success_timestamp_seconds{database="d"} 4"#,
            #"postern_catalog_changed_timestamp_seconds{database="d"} 3"#, "postern_journal_writable 0",
        ] { #expect(lines.contains(line), "\(line)") }
    }

    @Test func `a reload that fails keeps the hash and its time`() {
        registry.configurationLoaded(configurationHash: "aa", policyHash: "bb", at: Timestamp(seconds: 7))
        registry.configurationRefused()
        let lines = lines
        #expect(lines.contains("postern_config_last_reload_successful 0"))
        #expect(lines.contains("postern_config_last_reload_success_timestamp_seconds 7"))
        #expect(lines.contains(#"postern_config_info{config_hash="aa",policy_hash="bb"} 1"#))
        #expect(lines.contains(#"postern_config_reloads_total{result="failure"} 1"#))
    }

    @Test func `the page is the text format: one HELP and TYPE for each family, before its samples`() throws {
        registry.loops[0].series(role: "r", database: "d").sessionStarted()
        var family = ""
        var kind = ""
        var seen: Set<String> = []
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            if line.hasPrefix("# HELP ") {
                family = words[2]
                #expect(seen.insert(family).inserted, "\(family) twice")
                #expect(words.count > 3)
            } else if line.hasPrefix("# TYPE ") {
                #expect(words[2] == family)
                kind = words[3]
                #expect((kind == "counter") == family.hasSuffix("_total"), "\(family)")
            } else {
                let name = line.prefix { $0 != "{" && $0 != " " }
                let names = kind == "histogram" ? ["_bucket", "_sum", "_count"].map { family + $0 } : [family]
                #expect(names.contains(String(name)), "\(line)")
                let value = try #require(words.last)
                #expect(Double(value) != nil, "\(line)")
            }
        }
        #expect(seen.isSuperset(of: ["process_open_fds", "process_start_time_seconds", "postern_build_info"]))
    }

    @Test func `label values and help are escaped`() {
        var writer = PrometheusWriter()
        writer.family("x", .gauge, help: "a \\ \"b\"\nc")
        writer.sample("x", [("l", "a\"b\\c\nd")], UInt64(1))
        writer.sample("x", [], Double.infinity)
        #expect(writer.text == "# HELP x a \\\\ \"b\"\\nc\n# TYPE x gauge\nx{l=\"a\\\"b\\\\c\\nd\"} 1\nx +Inf\n")
    }
}
