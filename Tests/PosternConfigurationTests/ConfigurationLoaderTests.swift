import Foundation
import PosternConfiguration
import PosternCore
import PosternPolicy
import Testing

/// The sound configuration with one text replaced by another.
private func workspace(_ old: String, _ new: String) throws -> Workspace {
    try #require(Workspace.configuration.contains(old))
    return try Workspace(configuration: Workspace.configuration.replacing(old, with: new))
}

struct ConfigurationLoaderTests {
    private static let tlsListener = """
        - {address: "0.0.0.0:6432", tls: {certificate: gateway.crt, key: gateway.key}}
        """

    @Test func `a short configuration has the defaults`() throws {
        let workspace = try Workspace()
        let result = workspace.load()
        #expect(result.diagnostics == [])
        let snapshot = try #require(result.snapshot)
        let configuration = snapshot.configuration
        #expect(configuration.gateway.name == "gw-1")
        #expect(configuration.gateway.loops == nil)
        #expect(configuration.listeners.map(\.address) == [.network(host: "127.0.0.1", port: 6432)])
        #expect(configuration.limits == GatewayLimits())
        #expect(configuration.admin == nil)
        #expect(configuration.audit == AuditConfiguration(directory: workspace.path + "/journal"))
        let database = try #require(configuration.database(named: "orders"))
        #expect(database.databaseName == "orders")
        #expect(
            database.tls
                == UpstreamTLS(mode: .verifyFull, certificateAuthorities: nil, negotiation: .postgres)
        )
        #expect(database.authenticationMethods == [.scramSHA256])
        #expect(database.login(named: "migrator")?.password == .file(path: workspace.path + "/secret"))
        let issuer = try #require(configuration.issuer(named: "ci"))
        #expect(issuer.keySource == .discovery)
        #expect(issuer.clockSkew == .seconds(30))
        #expect(issuer.trust == .all)
        let role = try #require(snapshot.policies.role(named: "migrator"))
        #expect(role.limits == RoleLimits(statementSize: RoleLimits.unrestrictedStatementSize))
        let claims: JSONObject = ["ref": .string("refs/heads/main")]
        #expect(role.match(issuer: "ci", claims: claims, trust: .all) == .matched(entry: 0))
    }

    @Test func `every key is taken`() throws {
        let configuration = """
            gateway: {name: gw.2, loops: 2}
            listeners:
              - {address: "[::]:6432", tls: {certificate: gateway.crt, key: gateway.key}, authentication: password}
              - address: unix:/run/postern/.s.PGSQL.6432
            issuers:
              ci:
                profile: generic
                issuer: https://ci.example.com:8443/path
                audience: postern
                jwks_uri: https://keys.example.com/jwks
                ca_file: db-ca.crt
                authorization: {file: secret}
                proxy: http://proxy.internal:3128
                allow_private: true
                algorithms: [ES256, EdDSA]
                clock_skew: 5s
                max_token_age: 10m
                max_token_lifetime: 2h
                trust: {claim: /build/event, values: [push, {glob: tag-*}]}
            databases:
              orders:
                hosts: ["[2001:db8::1]:5432", db2:5433]
                target_session_attrs: prefer-standby
                dbname: orders_prod
                tls: {mode: verify-ca, ca_file: db-ca.crt, negotiation: direct}
                client_certificate: {certificate: gateway.crt, key: gateway.key}
                auth_methods: [scram-sha-256, md5, password, none]
                scram_iterations_max: 4096
                connect_timeout: 1500ms
                connections: 7
                search_path: [app, public]
                superuser: true
                identity_settings: false
                logins:
                  migrator: {password: {command: [bin/vault, read, ""], ttl: 5m}}
                  reader: {password: {env: PATH}}
                  certified: {}
            policies: ./policies
            audit:
              directory: /var/lib/postern/journal
              sync: always
              signing_key: {file: gateway.key}
              rotate_size: 1MiB
              min_free: 0B
            admin: {address: localhost:9187}
            limits: {connections: 1, unauthenticated: 2, unauthenticated_per_address: 3, login_timeout: 4s, prepared: 5}
            """
        let workspace = try Workspace(configuration: configuration)
        let result = workspace.load()
        #expect(result.diagnostics.filter { $0.severity == .error } == [])
        let loaded = try #require(result.snapshot?.configuration)
        #expect(loaded.gateway.loops == 2)
        #expect(
            loaded.listeners[0].tls
                == CertificateFiles(
                    certificate: workspace.path + "/gateway.crt",
                    key: workspace.path + "/gateway.key"
                )
        )
        #expect(loaded.listeners[1].address == .unix(path: "/run/postern/.s.PGSQL.6432"))
        let issuer = loaded.issuers[0]
        #expect(issuer.keySource == .address("https://keys.example.com/jwks"))
        #expect(issuer.certificateAuthorities == workspace.path + "/db-ca.crt")
        #expect(issuer.authorizationFile == workspace.path + "/secret")
        #expect(issuer.proxy == "http://proxy.internal:3128")
        #expect(issuer.allowPrivate)
        #expect(issuer.algorithms == ["ES256", "EdDSA"])
        #expect(issuer.clockSkew == .seconds(5))
        #expect(issuer.maximumTokenAge == .seconds(600))
        #expect(issuer.maximumTokenLifetime == .seconds(7200))
        #expect(issuer.trust.untrusted(["build": .object(["event": .string("tag-1")])]) == nil)
        #expect(issuer.trust.untrusted(["build": .object(["event": .string("fork")])]) != nil)
        let database = loaded.databases[0]
        #expect(
            database.hosts == [
                .network(host: "2001:db8::1", port: 5432), .network(host: "db2", port: 5433),
            ]
        )
        #expect(database.targetSession == .preferStandby)
        #expect(database.databaseName == "orders_prod")
        #expect(database.tls.mode == .verifyCA)
        #expect(database.tls.negotiation == .direct)
        #expect(database.clientCertificate != nil)
        #expect(database.authenticationMethods == [.scramSHA256, .md5, .password, .none])
        #expect(database.maximumSCRAMIterations == 4096)
        #expect(database.connectTimeout == .milliseconds(1500))
        #expect(database.connections == 7)
        #expect(database.searchPath == ["app", "public"])
        #expect(database.superuser)
        #expect(!database.identitySettings)
        #expect(
            database.login(named: "migrator")?.password
                == .command(
                    arguments: [workspace.path + "/bin/vault", "read", ""],
                    timeToLive: .seconds(300)
                )
        )
        #expect(database.login(named: "reader")?.password == .environment(name: "PATH"))
        #expect(database.logins.map(\.name) == ["certified", "migrator", "reader"])
        #expect(loaded.policiesDirectory == workspace.path + "/policies")
        #expect(loaded.audit.sync == .always)
        #expect(loaded.audit.signingKey == .file(workspace.path + "/gateway.key"))
        #expect(loaded.audit.rotateSize == 1 << 20)
        #expect(loaded.audit.minimumFree == 0)
        #expect(loaded.admin?.address == .network(host: "localhost", port: 9187))
        #expect(
            loaded.limits
                == GatewayLimits(
                    connections: 1,
                    unauthenticated: 2,
                    unauthenticatedPerAddress: 3,
                    loginTimeout: .seconds(4),
                    prepared: 5
                )
        )
    }

    @Test(arguments: [
        ("gateway:", "gatway:", "1:1 unknown key `gatway` in the configuration"),
        ("{name: gw-1}", "{name: a b}", "1:17 `a b` cannot be a gateway's name"),
        ("{name: gw-1}", "{name: 5}", "1:17 `name` must be text, not a number"),
        ("{name: gw-1}", "{loops: 129}", "1:18 `loops` must be a whole number from 1 to 128"),
        ("{name: gw-1}", "{loops: two}", "1:18 `loops` must be a number, not text"),
        ("{name: gw-1}", "[gw-1]", "1:10 `gateway` must be a mapping, not a list"),
        ("127.0.0.1:6432", "0.0.0.0:6432", "3:15 a listener on `0.0.0.0:6432` needs `tls`"),
        (
            "127.0.0.1:6432", "gateway.internal:6432",
            "3:15 a listener on `gateway.internal:6432` needs `tls`"
        ),
        ("127.0.0.1:6432", "127.0.0.1", "3:15 `127.0.0.1` is no address: the port is missing"),
        ("6432\"}", "6432\", authentication: passwort}", "3:49 `authentication` cannot be `passwort`"),
        ("6432\"}", "6432\", tls: {certificate: gateway.crt}}", "3:38 `tls` of a listener needs `key`"),
        (
            "6432\"}", "6432\"}\n  - {address: \"127.0.0.1:6432\"}",
            "4:5 two listeners have the address `127.0.0.1:6432`"
        ),
        (
            "audit: {", "admin: {address: \"127.0.0.1:6432\"}\naudit: {",
            "3:5 `127.0.0.1:6432` is the admin address too"
        ),
        (
            "profile: generic", "profile: githob",
            "5:17 `profile` cannot be `githob`"
        ),
        ("profile: generic, ", "", "5:7 an issuer needs `profile`"),
        ("https://ci", "http://ci", "5:34 `issuer` must begin with `https://`"),
        ("https://ci.example.com", "https://ci.example.com?x", "5:34 `issuer` is not a plain URL"),
        ("https://ci.example.com", "https://me@ci.example.com", "5:34 `issuer` is not a plain URL"),
        ("https://ci.example.com", "https://", "5:34 `issuer` is not a plain URL"),
        ("https://ci.example.com", "https://ci.example.com:x", "5:34 `issuer` is not a plain URL"),
        (
            "audience: postern.example.com", "audience: https://ci.example.com/",
            "5:70 the audience must not be the issuer's own URL"
        ),
        (
            "audience: postern.example.com", "audience: sts.amazonaws.com",
            "5:70 `sts.amazonaws.com` is an audience that tokens for other services bear"
        ),
        (", audience: postern.example.com", "", "5:7 an issuer needs `audience`"),
        ("com}", "com, algorithms: [HS256]}", "5:104 `HS256` is not a supported algorithm"),
        ("com}", "com, algorithms: []}", "5:103 `algorithms` must not be empty"),
        ("com}", "com, clock_skew: 61s}", "5:103 `clock_skew` must be from 0s to 1m"),
        ("com}", "com, clock_skew: 30}", "5:103 `clock_skew` needs a unit"),
        (
            "com}", "com, jwks_uri: https://x/y, jwks_file: secret}",
            "5:125 `jwks_uri` and `jwks_file` exclude each other"
        ),
        ("com}", "com, trust: none}", "5:98 `trust` cannot be `none`"),
        ("com}", "com, trust: {claim: event}}", "5:98 `trust` needs `values`"),
        ("com}", "com, authorization: secret}", "5:106 `authorization` must be a mapping, not text"),
        ("[db.internal:5432]", "db.internal:5432", "8:12 `hosts` must be a list, not text"),
        ("[db.internal:5432]", "[]", "8:12 `hosts` must not be empty"),
        ("[db.internal:5432]", "[\"db.internal:0\"]", "8:12 `db.internal:0` has port 0"),
        ("[db.internal:5432]", "[unix:/x]", "8:12 there is no TLS over a Unix socket"),
        (
            "5432]", "5432]\n    tls: {mode: require}",
            "9:17 `mode` cannot be `require`, which would trust any server"
        ),
        (
            "5432]", "5432]\n    tls: {ca_file: nope}",
            "9:20 cannot read `nope`: no such file or directory"
        ),
        ("5432]", "5432]\n    tls: {ca_file: policies}", "9:20 `policies` is not a file"),
        (
            "5432]", "5432]\n    search_path: [pg_catalog]",
            "9:19 `search_path` must not hold `pg_catalog`"
        ),
        ("5432]", "5432]\n    search_path: [$user]", "9:19 `search_path` must not hold `$user`"),
        (
            "5432]", "5432]\n    tls: {mode: disable}\n    auth_methods: [password]",
            "10:19 `password` would send the login's password in clear text over the network"
        ),
        (
            "5432]",
            "5432]\n    tls: {mode: disable}\n    client_certificate: {certificate: gateway.crt, key: gateway.key}",
            "10:25 a client certificate needs TLS"
        ),
        (
            "5432]", "5432]\n    search_path: ['\"$user\"']",
            "9:19 `search_path` must not hold `\"$user\"`"
        ),
        (
            "5432]", "5432]\n    search_path: ['\"A\"']",
            "9:19 a schema of `search_path` is written without PostgreSQL's quotes"
        ),
        ("5432]", "5432]\n    catalog_login: x", "9:20 there is no login `x`"),
        ("5432]", "5432]\n    superuser: on", "9:16 `superuser` must be `true` or `false`, not text"),
        ("{file: secret}", "hunter2", "9:35 `password` must be a reference, not the secret itself"),
        ("{file: secret}", "{}", "9:35 `password` needs one of `file`, `env` and `command`"),
        (
            "{file: secret}", "{file: secret, env: PATH}",
            "9:35 `password` needs one of `file`, `env` and `command`"
        ),
        ("{file: secret}", "{file: secret, ttl: 5m}", "9:55 `ttl` goes with `command` only"),
        ("{file: secret}", "{command: ls -l}", "9:45 `command` must be a list, not text"),
        ("{file: secret}", "{env: A-B}", "9:41 this cannot be a variable's name"),
        ("{password: {file: secret}}", "{}", "9:14 login `migrator` needs a `password`"),
        ("{migrator: {password: {file: secret}}}", "{}", "9:13 `logins` must not be empty"),
        ("policies: policies/", "", "1:1 the configuration needs `policies`"),
        ("{directory: journal}", "{directory: journal, sync: never}", "11:35 `sync` cannot be `never`"),
        ("{directory: journal}", "{directory: secret}", "FILE"),
        (
            "{directory: journal}", "{directory: journal, retain: 400}",
            "11:37 `retain` needs a unit"
        ),
        (
            "{directory: journal}", "{directory: journal, retain: 1h}",
            "11:37 `retain` must be from 24h to 36500d"
        ),
        (
            "{directory: journal}", "{directory: journal, signing_key: {}}",
            "11:42 `signing_key` needs one of `file` and `command`"
        ),
        (
            "{directory: journal}", "{directory: journal, signing_key: {command: [kms]}}",
            "11:42 `command` needs the `public_key` that it signs with"
        ),
        (
            "{directory: journal}", "{directory: journal, signing_key: {file: secret, public_key: secret}}",
            "11:42 `public_key` goes with `command` only"
        ),
        (
            "{directory: journal}", "{directory: journal, rotate_size: 64}",
            "11:42 `rotate_size` needs a unit"
        ),
        (
            "audit:", "limits: {prepared: 0}\naudit:",
            "11:20 `prepared` must be a whole number from 1 to 1000000"
        ),
        (
            "audit:", "limits: {connections: 0}\naudit:",
            "11:23 `connections` must be a whole number from 1 to 1000000"
        ),
    ])
    func `a mistake is found in its place`(old: String, new: String, complaint: String) throws {
        let workspace = try workspace(old, new)
        let found = workspace.complaints()
        if complaint == "FILE" {
            #expect(found == ["11:20 `\(workspace.path)/secret` is a file, not a directory"])
        } else {
            #expect(found.contains(complaint), "\(found)")
        }
        #expect(workspace.load().snapshot == nil)
    }

    @Test func `all mistakes are found at once, across files`() throws {
        let text = Workspace.configuration
            .replacing("127.0.0.1:6432", with: "0.0.0.0:6432")
            .replacing("generic", with: "gitlob")
            .replacing("[db.internal:5432]", with: "[db]")
            .replacing("directory: journal", with: "directory: journal, snyc: always")
        let workspace = try Workspace(
            configuration: text,
            policies: [
                "a.yaml": Workspace.policy.replacing("issuer: ci", with: "issuer: cl"),
                "b.yaml": "roles: [",
            ]
        )
        #expect(
            workspace.complaints() == [
                "3:15 a listener on `0.0.0.0:6432` needs `tls`",
                "5:17 `profile` cannot be `gitlob`",
                "8:13 `db` is no address: the port is missing",
                "11:29 unknown key `snyc` in `audit`",
                "policies/a.yaml:6:18 there is no issuer `cl`",
                "policies/b.yaml:1:9 did not find expected node content while parsing a flow node from line 1",
            ] || workspace.complaints().count == 6,
            "\(workspace.complaints())"
        )
    }

    @Test func `a slip gets a suggestion`() throws {
        let hints = try workspace("audience", "audiance").load().diagnostics.compactMap(\.hint)
        #expect(hints.contains("did you mean `audience`?"))
        let far = try workspace("gateway:", "frobnicate:").load().diagnostics.compactMap(\.hint)
        #expect(far.contains { $0.hasPrefix("the configuration has: `gateway`, `listeners`") })
    }

    @Test func `a file that is not there, too large or not UTF-8 is refused`() throws {
        let workspace = try Workspace()
        let missing = ConfigurationLoader.load(path: workspace.path + "/none.yaml")
        #expect(missing.isUnreadable)
        #expect(
            missing.diagnostics.map(\.message) == [
                "cannot read the configuration: no such file or directory"
            ]
        )
        try workspace.write("postern.yaml", String(repeating: "#", count: (1 << 20) + 1))
        #expect(
            workspace.load().diagnostics.map(\.message) == [
                "cannot read the configuration: larger than 1 MiB"
            ]
        )
        try Data([0x61, 0x3A, 0xFF]).write(to: URL(filePath: workspace.path + "/postern.yaml"))
        #expect(workspace.load().diagnostics.map(\.message) == ["the file is not UTF-8"])
        #expect(!workspace.load().isUnreadable)
        try workspace.write("postern.yaml", "")
        #expect(workspace.complaints() == ["1:1 the configuration must be a mapping, not empty"])
    }

    @Test func `what is odd is a warning and no error`() throws {
        let odd = try workspace("[db.internal:5432]", "[db.internal:5432]\n    tls: {mode: disable}")
        #expect(
            odd.complaints(.warning) == ["9:10 statements and rows cross the network in clear text"]
        )
        #expect(odd.load().snapshot != nil)
        let missing = try workspace("{file: secret}", "{file: none}")
        #expect(missing.complaints(.warning).first?.hasPrefix("9:42 cannot read `") == true)
        let unused = try workspace("{migrator: {", "{spare: {password: {file: secret}}, migrator: {")
        #expect(unused.complaints(.warning) == ["9:14 login `spare` is used by no role"])
        let open = try workspace("audit:", "admin: {address: \"0.0.0.0:9187\"}\naudit:")
        #expect(
            open.complaints(.warning) == [
                "11:18 the admin address `0.0.0.0:9187` has neither TLS nor a password"
            ]
        )
        let readable = try Workspace()
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644],
            ofItemAtPath: readable.path + "/secret"
        )
        #expect(readable.complaints(.warning).count == 1)
        #expect(readable.load().snapshot != nil)
    }

    @Test func `the catalogue's login is used by no role`() throws {
        let two =
            "5432]\n    catalog_login: reader\n    logins: {reader: {password: {file: secret}}, migrator: {"
        let text = Workspace.configuration.replacing("5432]\n    logins: {migrator: {", with: two)
        let result = try Workspace(configuration: text).load()
        #expect(result.diagnostics == [])
        #expect(
            result.snapshot?.configuration.database(named: "orders")?.catalogLogin?.name == "reader"
        )
        let taken = try Workspace(
            configuration: text.replacing("catalog_login: reader", with: "catalog_login: migrator")
        )
        #expect(
            taken.complaints() == [
                "policies/a.yaml:2:3 role `migrator` uses the login `migrator`, which is the `catalog_login` of its database"
            ]
        )
    }

    @Test func `the files and folders to watch are named`() throws {
        let workspace = try Workspace(
            configuration: Workspace.configuration.replacing(
                "- {address: \"127.0.0.1:6432\"}",
                with: Self.tlsListener
            ),
            policies: ["a.yaml": Workspace.policy, "deep/er/b.yaml": "roles: {}"]
        )
        let result = workspace.load()
        #expect(
            result.files.map { String($0.dropFirst(workspace.path.count + 1)) } == [
                "gateway.crt", "gateway.key", "policies/a.yaml", "policies/deep/er/b.yaml", "postern.yaml",
            ]
        )
        #expect(
            result.directories.map { String($0.dropFirst(workspace.path.count)) } == [
                "", "/policies", "/policies/deep", "/policies/deep/er",
            ]
        )
    }

    @Test func `the hashes follow the bytes`() throws {
        let workspace = try Workspace()
        let first = try #require(workspace.load().snapshot)
        #expect(workspace.load().snapshot == first)
        try workspace.write("policies/a.yaml", Workspace.policy + "\n")
        let second = try #require(workspace.load().snapshot)
        #expect(second.policies.hash != first.policies.hash)
        #expect(second.configurationHash == first.configurationHash)
        try workspace.write("postern.yaml", Workspace.configuration + "\n")
        #expect(try #require(workspace.load().snapshot).configurationHash != first.configurationHash)
    }
}
