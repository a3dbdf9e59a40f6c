import PosternCore
import PosternUpstream
import PostgresWire
import Testing

/// The login against PostgreSQL 15 itself. One server for all, so one test.
@Suite(.enabled(if: LiveServer.isInstalled, "PostgreSQL 15 is not installed"))
struct LiveLoginTests {
    private struct Row {
        let user: String
        let password: String?
        let methods: Set<AuthenticationMethod>
        let mode: UpstreamEncryption.Mode
        let expected: Expected
    }

    private enum Expected: Equatable {
        case method(AuthenticationMethod)
        case reason(UpstreamFailure.Reason)
    }

    private static let rows = [
        Row(
            user: "scram_user",
            password: "secret",
            methods: [.scramSHA256],
            mode: .disable,
            expected: .method(.scramSHA256)
        ),
        Row(
            user: "scram_user",
            password: "secret",
            methods: [.scramSHA256],
            mode: .verifyFull,
            expected: .method(.scramSHA256Plus)
        ),
        Row(
            user: "scram_user",
            password: "secret",
            methods: [.scramSHA256Plus],
            mode: .verifyFull,
            expected: .method(.scramSHA256Plus)
        ),
        Row(
            user: "scram_user",
            password: "secret",
            methods: [.scramSHA256Plus],
            mode: .disable,
            expected: .reason(.methodNotAllowed)
        ),
        Row(
            user: "scram_user",
            password: "wrong",
            methods: [.scramSHA256],
            mode: .disable,
            expected: .reason(.refused(.invalidPassword))
        ),
        Row(
            user: "scram_user",
            password: nil,
            methods: [.scramSHA256],
            mode: .disable,
            expected: .reason(.methodNotAllowed)
        ),
        Row(user: "md5_user", password: "secret", methods: [.md5], mode: .disable, expected: .method(.md5)),
        Row(
            user: "md5_user",
            password: "wrong",
            methods: [.md5],
            mode: .disable,
            expected: .reason(.refused(.invalidPassword))
        ),
        Row(
            user: "md5_user",
            password: "secret",
            methods: [.scramSHA256],
            mode: .disable,
            expected: .reason(.methodNotAllowed)
        ),
        Row(
            user: "password_user",
            password: "secret",
            methods: [.password],
            mode: .verifyFull,
            expected: .method(.password)
        ),
        Row(
            user: "password_user",
            password: "wrong",
            methods: [.password],
            mode: .verifyFull,
            expected: .reason(.refused(.invalidPassword))
        ),
        Row(
            user: "password_user",
            password: "secret",
            methods: [.password],
            mode: .disable,
            expected: .reason(.methodNotAllowed)
        ),
        Row(user: "trust_user", password: nil, methods: [.none], mode: .disable, expected: .method(.none)),
        Row(
            user: "trust_user",
            password: "secret",
            methods: [.scramSHA256],
            mode: .disable,
            expected: .reason(.methodNotAllowed)
        ),
        Row(user: "admin", password: nil, methods: [.none], mode: .disable, expected: .reason(.superuser)),
        Row(
            user: "limited",
            password: "secret",
            methods: [.scramSHA256],
            mode: .disable,
            expected: .reason(.refused(.tooManyConnections))
        ),
        Row(
            user: "nobody",
            password: "secret",
            methods: [.scramSHA256],
            mode: .disable,
            expected: .reason(.refused(.invalidAuthorization))
        ),
    ]

    @Test func `every way to log in works against PostgreSQL 15`() throws {
        let server = try LiveServer()
        defer { server.stop() }
        try server.execute(
            """
            create role scram_user login password 'secret'; create role password_user login password 'secret';
            create role trust_user login; create role limited login password 'secret' connection limit 0;
            create role odd login; set password_encryption = 'md5'; create role md5_user login password 'secret';
            """
        )
        for row in Self.rows { try check(row, on: server) }
        try checkSession(on: server)
        try checkUnknownDatabase(on: server)
        try checkOddPasswords(on: server)
    }

    private func plan(
        _ user: String,
        _ password: String?,
        _ methods: Set<AuthenticationMethod>,
        _ mode: UpstreamEncryption.Mode
    ) -> LoginPlan {
        LoginPlan(
            login: user,
            password: password.map { Redacted(Array($0.utf8)) },
            database: "postgres",
            encryption: UpstreamEncryption(mode: mode),
            methods: methods,
            parameters: [
                StartupSetting("application_name", "postern/role/0123456789abcdef"),
                StartupSetting("postern.session", "0123456789abcdef"), StartupSetting("search_path", "public"),
            ]
        )
    }

    private func check(_ row: Row, on server: LiveServer) throws {
        let channel = try #require(BlockingChannel(port: server.port))
        let outcome = channel.logIn(plan(row.user, row.password, row.methods, row.mode)).outcome
        let found: Expected =
            switch outcome {
            case .success(let result): .method(result.method)
            case .failure(let failure): .reason(failure.reason)
            }
        #expect(found == row.expected, "\(row.user), \(row.methods), \(row.mode): \(outcome)")
    }

    private func checkSession(on server: LiveServer) throws {
        var plan = plan("scram_user", "secret", [.scramSHA256], .verifyFull)
        let first = try #require(BlockingChannel(port: server.port)).logIn(plan)
        let result = try first.outcome.get()
        #expect(first.derivations == 1)
        // PostgreSQL 15 does not speak the 3.2 that was offered.
        #expect(result.version == .version30)
        #expect(result.cancelKey?.reveal().count == 4)
        #expect(result.serverVersion?.hasPrefix("15.") == true)
        #expect(result[parameter: "application_name"] == "postern/role/0123456789abcdef")
        #expect(result[parameter: "session_authorization"] == "scram_user")
        #expect(SessionAttributes.readWrite.accept(result.parameters))
        #expect(!SessionAttributes.standby.accept(result.parameters))

        plan.cachedKeys = result.keys
        let channel = try #require(BlockingChannel(port: server.port))
        let second = channel.logIn(plan)
        #expect(second.derivations == 0)
        #expect(try second.outcome.get().leftover == [])
        channel.send(FrontendMessage.query("select current_setting('postern.session')"))
        #expect(String(decoding: channel.receive(), as: UTF8.self).contains("0123456789abcdef"))
        channel.send(FrontendMessage.terminate)
        #expect(channel.receive() == [])
    }

    private func checkUnknownDatabase(on server: LiveServer) throws {
        var plan = plan("scram_user", "secret", [.scramSHA256], .disable)
        plan.database = "nowhere"
        let outcome = try #require(BlockingChannel(port: server.port)).logIn(plan).outcome
        #expect(throws: UpstreamFailure.self) { try outcome.get() }
        guard case .failure(let failure) = outcome else { return }
        #expect(failure.reason == .refused(.invalidCatalogName))
        #expect(!failure.refusal.message.contains("nowhere"))
    }

    /// The server's own SASLprep is the oracle: it hashed the password, we must come to the same bytes.
    private func checkOddPasswords(on server: LiveServer) throws {
        var generator = FixedGenerator(state: 15)
        let scalars = "aé1ª\u{AD}\u{A0}\u{200B}\u{301}\u{FB01}\u{627}\u{5D0}\u{E000}\u{85}\u{1F600}\u{3000}ⅨÅ文ß\u{200E}"
        for _ in 0..<60 {
            let picked = (0..<Int.random(in: 1...5, using: &generator)).compactMap { _ in
                scalars.unicodeScalars.randomElement(using: &generator)
            }
            let password = String(String.UnicodeScalarView(picked))
            try server.execute("alter role odd password '\(password)'")
            let channel = try #require(BlockingChannel(port: server.port))
            let outcome = channel.logIn(plan("odd", password, [.scramSHA256], .disable)).outcome
            let shown = picked.map { String($0.value, radix: 16) }
            #expect(throws: Never.self, "password \(shown)") { try outcome.get() }
        }
    }
}

/// SplitMix64.
private struct FixedGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
