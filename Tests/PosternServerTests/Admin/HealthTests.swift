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
        health.issuer("one", hasKeys: 1, changed: true, at: Timestamp(seconds: 1))
        health.upstream(upstream, isUp: false)
        health.configure(issuers: ["one", "three"], upstreams: [])
        #expect(health.snapshot.issuersWithoutKeys == ["three"])
        #expect(health.snapshot.unreachableDatabases == [])
        health.issuer("two", hasKeys: 5, changed: true, at: Timestamp(seconds: 2))
        #expect(health.snapshot.issuers["two"] == nil)
    }

    @Test func `unchanged keys renew the success and not the change`() {
        health.configure(issuers: ["ci"], upstreams: [])
        health.issuer("ci", hasKeys: 1, changed: true, at: Timestamp(seconds: 1))
        health.issuer("ci", hasKeys: 1, changed: false, at: Timestamp(seconds: 9))
        #expect(health.snapshot.issuers["ci"]?.lastSuccess == Timestamp(seconds: 9))
        #expect(health.snapshot.issuers["ci"]?.keysChanged == Timestamp(seconds: 1))
    }
}
