import PosternCore
import PosternServer
import Testing

struct HealthTests {
    private let health = Health()

    @Test(
        arguments: [
            (Health.Phase.starting, true, "starting"), (.serving, true, nil), (.draining, true, "draining"),
            (.serving, false, "the journal cannot be written"), (.draining, false, "draining"),
        ] as [(Health.Phase, Bool, String?)]
    )
    func `only starting, draining and a dead journal are not ready`(
        phase: Health.Phase,
        journal: Bool,
        reason: String?
    ) {
        health.enter(phase)
        health.journal(isWritable: journal)
        #expect(health.snapshot.notReady == reason)
    }

    @Test func `a database is unreachable when all its hosts that were tried are down`() {
        let first = Health.Upstream(database: "d", host: "a")
        let second = Health.Upstream(database: "d", host: "b")
        health.configure(issuers: [], upstreams: [first, second])
        #expect(health.snapshot.unreachableDatabases == [])
        health.upstream(first, isUp: false)
        #expect(health.snapshot.unreachableDatabases == ["d"])
        health.upstream(second, isUp: true)
        #expect(health.snapshot.unreachableDatabases == [])
    }

    @Test func `a new configuration keeps what stays and forgets the rest`() {
        let upstream = Health.Upstream(database: "d", host: "a")
        health.configure(issuers: ["one", "two"], upstreams: [upstream])
        var one = Health.Issuer()
        one.keys = 1
        health.issuer("one", is: one)
        health.upstream(upstream, isUp: false)
        health.configure(issuers: ["one", "three"], upstreams: [])
        #expect(health.snapshot.issuersWithoutKeys == ["three"])
        #expect(health.snapshot.unreachableDatabases == [])
        health.issuer("two", is: one)
        #expect(health.snapshot.issuers["two"] == nil)
    }

    @Test func `an issuer that fails is named with what is left of it, and the gateway stays ready`() {
        health.configure(issuers: ["ci", "dead", "well"], upstreams: [])
        health.enter(.serving)
        var issuer = Health.Issuer()
        issuer.keys = 2
        health.issuer("well", is: issuer)
        issuer.age = .seconds(3601)
        issuer.error = "`https://ci.example`: no complete reply in time"
        issuer.isKept = true
        health.issuer("ci", is: issuer)
        issuer = Health.Issuer()
        issuer.error = "`https://dead.example` answered 503"
        health.issuer("dead", is: issuer)
        let snapshot = health.snapshot
        #expect(
            snapshot.text == """
                ready
                issuer dead: no keys: `https://dead.example` answered 503
                issuer ci: keys of 3601 s ago, kept on disk: `https://ci.example`: no complete reply in time

                """
        )
        #expect(snapshot.notReady == nil)
        let failing = """
            "failing_issuers":[{"issuer":"ci","keys":2,"age_seconds":3601,"kept":true,\
            "error":"`https://ci.example`: no complete reply in time"},\
            {"issuer":"dead","keys":0,"age_seconds":null,"kept":false,"error":"`https://dead.example` answered 503"}]
            """
        #expect(snapshot.json.contains(failing))
    }

    @Test func `old files that stay for the auditors' store are told in calm words`() {
        health.enter(.serving)
        health.auditStore(Health.AuditStore())
        health.retention(chainsAwaitingStore: 2)
        let snapshot = health.snapshot
        #expect(snapshot.text == "ready\njournal: old files of 2 chains stay until the auditors' store has them\n")
        #expect(snapshot.json.contains("\"ready\":true") && snapshot.json.contains("\"chains_awaiting_store\":2"))
        health.retention(chainsAwaitingStore: 0)
        #expect(health.snapshot.text == "ready\n")
    }

    @Test func `a catalogue that cannot be read is named until it can`() {
        health.configure(issuers: [], upstreams: [], catalogs: ["d", "gone"])
        health.enter(.serving)
        #expect(health.snapshot.text == "ready\n", "nobody has tried yet")
        #expect(health.catalogFailed("d"))
        #expect(!health.catalogFailed("d"), "the same trouble")
        health.configure(issuers: [], upstreams: [], catalogs: ["d"])
        #expect(health.snapshot.text == "ready\ndatabase d: catalogue cannot be read\n")
        #expect(health.snapshot.json.contains("\"unreadable_catalogs\":[\"d\"]"))
        health.catalog("d", readAt: Timestamp(seconds: 1), changed: true)
        health.catalog("d", readAt: Timestamp(seconds: 9), changed: false)
        health.catalog("gone", readAt: Timestamp(seconds: 9), changed: false)
        #expect(health.snapshot.unreadableCatalogs == [])
        var expected = Health.Catalog()
        (expected.reads, expected.failures) = (2, 2)
        (expected.lastSuccess, expected.changed) = (Timestamp(seconds: 9), Timestamp(seconds: 1))
        #expect(health.snapshot.catalogs == ["d": expected])
    }
}
