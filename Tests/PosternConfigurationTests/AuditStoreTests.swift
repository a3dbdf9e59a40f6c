import PosternConfiguration
import Testing

struct AuditStoreTests {
    /// The sound configuration with these members of `audit` besides its folder.
    private func load(_ audit: String) throws -> LoadResult {
        let old = "audit: {directory: journal}"
        try #require(Workspace.configuration.contains(old))
        let new = "audit: {directory: journal, \(audit)}"
        return try Workspace(configuration: Workspace.configuration.replacing(old, with: new)).load()
    }

    private func mistakes(_ audit: String) throws -> [String] {
        try load(audit).diagnostics.map(\.message)
    }

    @Test func `a store is a server, a database and a login`() throws {
        let result = try load(
            """
            retain: 400d, postgres: {hosts: ["a.internal:5432", "b.internal:5433"], dbname: audit, user: shipper, \
            password: {file: secret}, connect_timeout: 2s}
            """
        )
        #expect(result.diagnostics == [])
        let audit = try #require(result.snapshot?.configuration.audit)
        #expect(audit.retain == .seconds(400 * 86_400))
        let store = try #require(audit.postgres)
        #expect(
            store.database.hosts == [
                .network(host: "a.internal", port: 5432), .network(host: "b.internal", port: 5433),
            ]
        )
        #expect(store.database.databaseName == "audit" && store.database.targetSession == .readWrite)
        #expect(store.database.tls.mode == .verifyFull && store.database.connectTimeout == .seconds(2))
        #expect(store.login.name == "shipper" && store.login.password != nil)
        #expect(!store.database.superuser)
    }

    private static let rows: [(audit: String, message: String)] = [
        ("retain: 23h", "`retain`"),
        ("retain: for-ever", "`for-ever` is not a duration"),
        ("postgres: {hosts: [\"a:5432\"], user: u, password: {env: HOME}}", "`dbname`"),
        ("postgres: {hosts: [\"a:5432\"], dbname: d, password: {env: HOME}}", "`user`"),
        ("postgres: {hosts: [\"a:5432\"], dbname: d, user: u}", "`postgres` needs a `password`"),
        ("postgres: {hosts: [\"a:5432\"], dbname: d, user: u, password: hunter2}", "must be a reference"),
        ("postgres: {hosts: [], dbname: d, user: u, password: {env: HOME}}", "`hosts`"),
        ("postgres: {hosts: [\"a:5432\"], dbname: d, user: u, password: {env: HOME}, tls: {mode: prefer}}", "`prefer`"),
        (
            "postgres: {hosts: [\"a:5432\"], dbname: d, user: u, password: {env: HOME}, schema: x}",
            "unknown key `schema`"
        ),
        (
            "postgres: {hosts: [\"a:5432\"], dbname: d, user: u, password: {env: HOME}, tls: {mode: disable}}",
            "the journal's records cross the network in clear text"
        ),
    ]

    @Test(arguments: rows) func `mistakes are told`(audit: String, message: String) throws {
        let mistakes = try mistakes(audit)
        #expect(mistakes.count == 1 && mistakes[0].contains(message), "\(mistakes)")
        #expect(!mistakes.joined().contains("hunter2"))
    }
}
