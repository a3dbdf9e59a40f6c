import Glibc
import PosternConfiguration
import PosternCore
import PosternDemo
import PosternNet
import PosternSQL
import PosternServer
import Testing

/// The reader against PostgreSQL 15 itself.
@Suite(.enabled(if: (try? PostgresBinaries.find()) != nil, "PostgreSQL is not installed"), .timeLimit(.minutes(2)))
struct LiveCatalogTests {
    private static let catalogue = """
        create table orders (id int primary key, gone text, "Odd ""name" text, "größe" numeric);
        alter table orders drop column gone;
        create view open_orders as select id from orders;
        create materialized view totals as select count(*) as n from orders;
        create table parts (k int) partition by list (k);
        create table parts_1 partition of parts for values in (1);
        create sequence numbers;
        create type pair as (a int, b int);
        create domain pair_domain as pair;
        create domain pair_domain_2 as pair_domain;
        create domain word as text;
        create schema "Odd.Schema";
        create table "Odd.Schema"."Tab le" ("Col" int);
        create table "Odd.Schema"."caf\u{E9}" (c int);
        create table "Odd.Schema"."cafe\u{301}" (d int);
        create temporary table hidden (x int);

        create function of_row(orders) returns int language sql as 'select 1';
        create function of_pair(pair) returns int language sql as 'select 1';
        create function of_domain(pair_domain_2) returns int language sql as 'select 1';
        create function of_element(anyelement) returns int language sql as 'select 1';
        create function of_compatible(anycompatible) returns int language sql as 'select 1';
        create function of_variadic(variadic anyarray) returns int language sql as 'select 1';
        create function of_variadic_rows(variadic orders[]) returns int language sql as 'select 1';
        create function of_default(orders, int default 1, text default '') returns int language sql as 'select 1';
        create function of_record(record) returns int language internal as 'record_image_eq';
        create aggregate of_many(anycompatible) (sfunc = array_append, stype = anycompatiblearray);
        create function of_cast(numeric) returns int language sql as 'select 1';
        create function row_to_numeric(orders) returns numeric language sql as 'select 1.0';
        create cast (orders as numeric) with function row_to_numeric(orders) as implicit;

        create function of_int(int) returns int language sql as 'select 1';
        create function of_word(word) returns int language sql as 'select 1';
        create function of_two(orders, int) returns int language sql as 'select 1';
        create function of_second(int, orders default null) returns int language sql as 'select 1';
        create function of_none() returns int language sql as 'select 1';
        create procedure of_procedure(orders) language sql as 'select 1';
        create function overloaded(int) returns int language sql as 'select 1';
        create function overloaded(orders) returns int language sql as 'select 1';
        create function "Odd.Schema"."Fun c"(int) returns int language sql as 'select 1'
        """

    @Test func `relations, columns and functions are read as they are`() async throws {
        let server = try CatalogServer()
        defer { server.stop() }
        try server.execute(Self.catalogue)
        let catalog = try await CatalogAddress.read(server.address.source()).snapshot(generation: 1)

        #expect(catalog.columns(ofSchema: "public", name: "orders") == ["id", "Odd \"name", "größe"])
        for (name, columns): (Identifier, Set<Identifier>) in [
            ("open_orders", ["id"]), ("totals", ["n"]), ("parts", ["k"]), ("parts_1", ["k"]), ("pair", ["a", "b"]),
            ("numbers", ["last_value", "log_cnt", "is_called"]), ("orders_pkey", []),
        ] {
            #expect(catalog.columns(ofSchema: "public", name: name) == columns, "\(name)")
        }
        #expect(catalog.columns(ofSchema: "Odd.Schema", name: "Tab le") == ["Col"])
        #expect(catalog.columns(ofSchema: "Odd.Schema", name: "caf\u{E9}") == ["c"], "names are bytes")
        #expect(catalog.columns(ofSchema: "Odd.Schema", name: "cafe\u{301}") == ["d"])
        for (schema, name): (Identifier, Identifier) in [
            ("public", "nothing"), ("public", "ORDERS"), ("pg_catalog", "pg_class"), ("information_schema", "tables"),
            ("public", "hidden"),
        ] {
            #expect(catalog.columns(ofSchema: schema, name: name) == nil, "\(schema).\(name)")
        }
        checkFunctions(catalog)
        try await checkOwnSettings(server)
        await checkLimits(server)
        try await checkKinds(server)
    }

    private func checkLimits(_ server: CatalogServer) async {
        for (limits, words) in [
            (CatalogLimits(relations: 5), "more than 5 relations"), (CatalogLimits(columns: 5), "more than 5 columns"),
            (CatalogLimits(functions: 5), "more than 5 functions"), (CatalogLimits(bytes: 500), "more than 500 bytes"),
        ] {
            let failure = await CatalogAddress.failure(server.address.source(), limits: limits)
            #expect(failure.contains(words), "\(failure)")
        }
    }

    private func checkFunctions(_ catalog: CatalogSnapshot) {
        let rows: [Identifier] = [
            "of_row", "of_pair", "of_domain", "of_element", "of_compatible", "of_variadic", "of_variadic_rows",
            "of_default", "of_record", "of_many", "of_cast", "overloaded",
        ]
        for name in rows {
            #expect(
                catalog.functions(named: name)
                    == [CatalogSnapshot.Function(schema: "public", name: name, takesRow: true)]
            )
        }
        let others: [Identifier] = [
            "of_int", "of_word", "of_two", "of_second", "of_none", "of_procedure",
        ]
        for name in others {
            #expect(
                catalog.functions(named: name)
                    == [CatalogSnapshot.Function(schema: "public", name: name, takesRow: false)]
            )
        }
        #expect(catalog.functions(named: "Fun c").map(\.schema) == ["Odd.Schema"])
        #expect(catalog.functions(named: "now").isEmpty)
    }

    /// Settings of the login's own that change what SQL means.
    private func checkOwnSettings(_ server: CatalogServer) async throws {
        try server.execute(
            """
            create schema trap; create table trap.pg_class (oid int);
            create function trap."left"(text, int) returns text language sql as $$ select 'pg_' $$;
            grant usage on schema trap to catalog;
            alter role catalog set search_path = trap, pg_catalog; alter role catalog set standard_conforming_strings = off;
            alter role catalog set client_encoding = LATIN1; alter role catalog set bytea_output = escape
            """
        )
        let catalog = try await CatalogAddress.read(server.address.source()).snapshot(generation: 1)
        #expect(catalog.columns(ofSchema: "public", name: "orders") == ["id", "Odd \"name", "größe"])
        #expect(catalog.columns(ofSchema: "trap", name: "pg_class") == ["oid"])
    }

    private func checkKinds(_ server: CatalogServer) async throws {
        let (address, dead) = (server.address, Endpoint.network(host: "127.0.0.1", port: 1))
        let alive = Endpoint.network(host: "127.0.0.1", port: address.port)
        #expect(await CatalogAddress.failure(address.source(hosts: [dead, alive])) == "")
        #expect(await CatalogAddress.failure(address.source { $0.targetSession = .readWrite }) == "")
        #expect(await CatalogAddress.failure(address.source { $0.targetSession = .preferStandby }) == "")
        let standby = await CatalogAddress.failure(address.source { $0.targetSession = .standby })
        #expect(standby.contains("session is not standby"), "\(standby)")

        // The administrator's socket: no TLS, and a superuser.
        let socket = Endpoint.unix(path: "\(server.folder.file("postgres"))/.s.PGSQL.\(address.port)")
        try Files.writePrivate(server.postgres.administratorPassword.reveal(), to: server.folder.file("admin"))
        func admin(_ mode: UpstreamTLS.Mode, superuser: Bool) -> CatalogSource {
            address.source(
                hosts: [socket],
                tls: UpstreamTLS(mode: mode),
                login: PrivatePostgres.administrator,
                password: "admin"
            ) { $0.superuser = superuser }
        }
        #expect(await CatalogAddress.failure(admin(.disable, superuser: true)) == "")
        #expect(await CatalogAddress.failure(admin(.disable, superuser: false)).contains("is a superuser"))
        #expect(await CatalogAddress.failure(admin(.verifyFull, superuser: true)).contains("no TLS over a Unix socket"))
    }

    @Test func `certificates are checked and no failure holds a secret`() async throws {
        let server = try CatalogServer()
        defer { server.stop() }
        let address = server.address
        func tls(_ mode: UpstreamTLS.Mode, _ file: String?) -> UpstreamTLS {
            UpstreamTLS(mode: mode, certificateAuthorities: file.map { server.folder.file($0) })
        }
        let other = [Endpoint.network(host: "127.0.0.2", port: address.port)]
        let numeric = [Endpoint.network(host: "127.0.0.1", port: address.port)]
        let rows: [(source: CatalogSource, words: String)] = [
            (address.source(hosts: numeric, tls: tls(.verifyFull, "ca.crt")), ""),
            (address.source(tls: tls(.verifyCA, "ca.crt")), ""),
            (address.source(tls: tls(.verifyFull, "other-ca.crt")), "certificate verify failed"),
            (address.source(tls: tls(.verifyCA, "other-ca.crt")), "certificate verify failed"),
            (address.source(tls: tls(.verifyFull, nil)), "certificate verify failed"),
            (address.source(tls: tls(.verifyFull, "missing.crt")), "missing.crt"),
            // The server's rules take TLS alone.
            (address.source(tls: tls(.disable, nil)), "no encryption"),
            (address.source(password: "wrong"), "password authentication failed"),
            (address.source(password: nil), "password authentication failed"),
            (address.source(password: "nowhere"), "cannot read the secret file"),
            (address.source(login: "nobody"), "password authentication failed"),
            (address.source { $0.databaseName = "dbname=postgres host=127.0.0.1" }, "does not exist"),
            (address.source { $0.tls.negotiation = .direct }, "needs libpq 17"),
            (address.source(hosts: other), "127.0.0.2"),
            // Nothing is sent: the address is of no machine.
            (
                address.source(hosts: [.network(host: "192.0.2.1", port: 1)], tls: tls(.disable, nil)),
                "would give the password to any server"
            ),
            (address.source(hosts: [.unix(path: "/tmp/some.socket")], tls: tls(.disable, nil)), "sockets named"),
        ]
        for row in rows {
            let failure = await CatalogAddress.failure(row.source)
            #expect(row.words.isEmpty ? failure.isEmpty : failure.contains(row.words), "\(row.words): \(failure)")
            #expect(!failure.contains(CatalogServer.password))
        }
    }

    @Test func `the process's environment does not matter`() async throws {
        let server = try CatalogServer()
        defer { server.stop() }
        await #expect(processExitsWith: .success) { [address = server.address as CatalogAddress] in
            let traps = [
                "PGHOST": "192.0.2.1", "PGHOSTADDR": "192.0.2.1", "PGPORT": "1", "PGUSER": "nobody",
                "PGPASSWORD": "wrong", "PGPASSFILE": "/nonexistent", "PGDATABASE": "nowhere",
                "PGOPTIONS": "-c statement_timeout=1 -c search_path=nowhere", "PGAPPNAME": "trap",
                "PGSSLMODE": "disable", "PGSSLROOTCERT": "/nonexistent", "PGSSLCERT": "/nonexistent",
                "PGSSLCRL": "/nonexistent", "PGSSLCRLDIR": "/", "PGSSLMAXPROTOCOLVERSION": "TLSv1",
                "PGCLIENTENCODING": "LATIN1", "PGTARGETSESSIONATTRS": "standby", "PGGSSENCMODE": "require",
                "PGCHANNELBINDING": "disable", "PGCONNECT_TIMEOUT": "nonsense", "HOME": address.folder,
            ]
            for (name, value) in traps { setenv(name, value, 1) }
            let failure = await CatalogAddress.failure(address.source())
            #expect(failure == "")
            // Without a password of its own a login gets none from the environment.
            setenv("PGPASSWORD", CatalogServer.password, 1)
            let refused = await CatalogAddress.failure(address.source(password: nil))
            #expect(refused.contains("password authentication failed"), "\(refused)")
            // What cannot be kept out is an error that says so.
            setenv("PGSERVICE", "somewhere", 1)
            let service = await CatalogAddress.failure(address.source())
            #expect(service.contains("`PGSERVICE`"), "\(service)")
        }
    }

    @Test func `DDL is seen soon, and a dead server leaves the old snapshot`() async throws {
        let server = try CatalogServer()
        defer { server.stop() }
        try server.execute("create table before (id int)")
        let (events, continuation) = AsyncStream<CatalogDirectory.Event>.makeStream()
        let pool = BlockingPool(label: "catalogue.tests", threads: 2)
        let directory = CatalogDirectory(reader: CatalogReader(names: pool, secrets: SecretResolver(pool: pool))) {
            continuation.yield($0)
        }
        var received = events.makeAsyncIterator()
        directory.replace([server.address.source()])
        guard case .changed(_, let first)? = await received.next() else { throw Unexpected() }
        #expect(first.columns(ofSchema: "public", name: "before") == ["id"])

        try server.execute("create table after (id int); alter table before add column more int")
        directory.noteDDL(database: "orders")
        guard case .changed(_, let second)? = await received.next() else { throw Unexpected() }
        #expect(second.columns(ofSchema: "public", name: "after") == ["id"])
        #expect(second.columns(ofSchema: "public", name: "before") == ["id", "more"])

        try server.postgres.stop()
        directory.noteDDL(database: "orders")
        guard case .failed(_, let failure)? = await received.next() else { throw Unexpected() }
        #expect(failure.description.contains("localhost"), "\(failure)")
        #expect(directory.snapshot(of: "orders") == second)
        #expect(directory.status().first?.lastError == failure)
        await directory.stop()
    }

    private struct Unexpected: Error {}
}
