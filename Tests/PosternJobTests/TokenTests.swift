import PosternCore
import PosternJob
import Testing

struct TokenTests {
    private static let now = MonotonicTime(nanoseconds: 1_000_000_000_000)
    private static let date = Timestamp(seconds: 1_800_000_000)

    private static func service() throws -> TokenSource {
        let environment = JobEnvironment(variables: [
            "GITHUB_ACTIONS": "true", "ACTIONS_ID_TOKEN_REQUEST_URL": "https://a/x",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "b",
        ])
        return try TokenFinder(TokenOptions(audience: "postern"), in: environment).find()
    }

    private static func job(_ claims: String) throws -> JobToken {
        try #require(JobToken(token(claims)))
    }

    private func kind(_ choice: TokenKeeper.Choice) -> String {
        switch choice {
        case .use(_, let isFresh): isFresh ? "fresh" : "used"
        case .fetch: "fetch"
        case .fail: "fail"
        }
    }

    @Test func `a service's token is used until it is about to expire, counted from when it came`() throws {
        var keeper = TokenKeeper(try Self.service(), system: .github)
        #expect(kind(keeper.next(now: Self.now, date: Self.date)) == "fetch")
        // The runner's own clock is a year ahead.
        keeper.fetched(try Self.job(#"{"iat":1700000000,"exp":1700000300}"#), now: Self.now)
        #expect(kind(keeper.next(now: Self.now, date: Self.date)) == "fresh")
        #expect(kind(keeper.next(now: Self.now.advanced(by: .seconds(269)), date: Self.date)) == "used")
        #expect(kind(keeper.next(now: Self.now.advanced(by: .seconds(271)), date: Self.date)) == "fetch")
    }

    @Test func `a token that lives for moments keeps a quarter in reserve`() throws {
        var keeper = TokenKeeper(try Self.service(), system: .github)
        keeper.fetched(try Self.job(#"{"iat":1700000000,"exp":1700000040}"#), now: Self.now)
        #expect(kind(keeper.next(now: Self.now.advanced(by: .seconds(29)), date: Self.date)) == "fresh")
        #expect(kind(keeper.next(now: Self.now.advanced(by: .seconds(31)), date: Self.date)) == "fetch")
    }

    @Test func `where a used token was refused another one is wanted, once`() throws {
        var keeper = TokenKeeper(try Self.service(), system: .github)
        keeper.fetched(try Self.job(#"{"iat":1700000000,"exp":1700000300}"#), now: Self.now)
        #expect(kind(keeper.next(now: Self.now, date: Self.date)) == "fresh")
        #expect(kind(keeper.next(now: Self.now, date: Self.date, fresh: true)) == "fetch")
        keeper.fetched(try Self.job(#"{"iat":1700000000,"exp":1700000300}"#), now: Self.now)
        #expect(kind(keeper.next(now: Self.now, date: Self.date, fresh: true)) == "fresh")
    }

    @Test func `a file is read for each login`() throws {
        var keeper = TokenKeeper(.file("token"), system: .kubernetes)
        for _ in 0..<2 {
            #expect(kind(keeper.next(now: Self.now, date: Self.date)) == "fetch")
            keeper.fetched(try Self.job(#"{"exp":1900000000}"#), now: Self.now)
            #expect(kind(keeper.next(now: Self.now, date: Self.date)) == "fresh")
        }
    }

    @Test func `a variable's token cannot be renewed, and its end is told`() throws {
        var keeper = TokenKeeper(.variable("POSTERN_ID_TOKEN", secret("")), system: .gitlab)
        keeper.fetched(try Self.job(#"{"exp":1800000000}"#), now: Self.now)
        #expect(kind(keeper.next(now: Self.now, date: Self.date, fresh: true)) == "fresh")
        #expect(kind(keeper.next(now: Self.now, date: Timestamp(seconds: 1_800_000_050), fresh: true)) == "used")
        guard case .fail(let trouble) = keeper.next(now: Self.now, date: Timestamp(seconds: 1_800_000_061)) else {
            Issue.record("not failed")
            return
        }
        #expect(trouble.all.contains("timeout"))
    }

    @Test(arguments: ["", "a", "a.b", "a.b.c.d", "a.!!.c", "a.eyJ9.c", "x y.e30.z"])
    func `what is no token`(_ text: String) {
        #expect(JobToken(secret(text)) == nil)
    }

    @Test func `white space around a token is no part of it`() throws {
        let bytes = token("{}").reveal()
        #expect(JobToken(Redacted([10, 32] + bytes + [13, 10]))?.bytes == Redacted(bytes))
    }

    @Test func `audiences are exact`() throws {
        #expect(try Self.job(#"{"aud":"a"}"#).isFor("a"))
        #expect(try Self.job(#"{"aud":["b","a"]}"#).isFor("a"))
        #expect(try !Self.job(#"{"aud":["b",1]}"#).isFor("a"))
        #expect(try !Self.job(#"{"aud":"A"}"#).isFor("a"))
        #expect(try !Self.job("{}").isFor("a"))
    }

    // MARK: Where it comes from

    /// Variables, what is forced, and the source that is found.
    static let systems: [([String: String], CISystem)] = [
        (["GITHUB_ACTIONS": "true"], .github),
        (["GITHUB_ACTIONS": "true", "FORGEJO_ACTIONS": "true"], .forgejo),
        (["GITHUB_ACTIONS": "true", "GITEA_ACTIONS": "true"], .forgejo),
        (["GITLAB_CI": "true", "CI": "true"], .gitlab),
        (["CI": "woodpecker", "DRONE": "true"], .woodpecker),
        (["CI": "true", "DRONE": "true"], .drone),
        (["CIRCLECI": "true"], .circleci),
        (["BUILDKITE": "true"], .buildkite),
        (["BITBUCKET_BUILD_NUMBER": "1"], .bitbucket),
        (["TF_BUILD": "True"], .azure),
        (["KUBERNETES_SERVICE_HOST": "10.0.0.1"], .plain),
        (["GITHUB_ACTIONS": ""], .plain),
    ]

    @Test(arguments: systems)
    func `the CI system is found by its variables`(_ variables: [String: String], _ system: CISystem) {
        #expect(CISystem.detect(JobEnvironment(variables: variables)) == system)
        #expect(TokenFinder(TokenOptions(system: .azure), in: JobEnvironment(variables: variables)).system == .azure)
    }

    @Test func `a projected file is found where the examples put it`() throws {
        let environment = JobEnvironment(variables: [:], files: [TokenFinder.kubernetesFile])
        #expect(
            try TokenFinder(TokenOptions(), in: environment).find().description.contains(TokenFinder.kubernetesFile)
        )
    }

    @Test func `what the command line says comes first, then POSTERN_ID_TOKEN, then the system's way`() throws {
        let variables = [
            "POSTERN_ID_TOKEN": "a", "MINE": "b", "BITBUCKET_BUILD_NUMBER": "1", "BITBUCKET_STEP_OIDC_TOKEN": "c",
        ]
        let environment = JobEnvironment(variables: variables)
        #expect(try TokenFinder(TokenOptions(variable: "MINE"), in: environment).find().description.contains("MINE"))
        #expect(try TokenFinder(TokenOptions(), in: environment).find().description.contains("POSTERN_ID_TOKEN"))
        let without = JobEnvironment(variables: variables.filter { $0.key != "POSTERN_ID_TOKEN" })
        #expect(try TokenFinder(TokenOptions(), in: without).find().description.contains("BITBUCKET"))
        let finder = TokenFinder(TokenOptions(variable: "MINE"), in: environment)
        // Of all systems: a runner may have set those of another one.
        #expect(finder.credentials.isSuperset(of: ["POSTERN_ID_TOKEN", "MINE", "BITBUCKET_STEP_OIDC_TOKEN"]))
        #expect(finder.credentials.isSuperset(of: ["ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN"]))
    }

    @Test func `a credential with a line end does not get into a header`() {
        let environment = JobEnvironment(variables: [
            "GITHUB_ACTIONS": "true", "ACTIONS_ID_TOKEN_REQUEST_URL": "https://a/",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "x\r\nHost: b",
        ])
        #expect(throws: JobTrouble.self) { try TokenFinder(TokenOptions(), in: environment).find() }
    }

    @Test(arguments: CISystem.allCases)
    func `a job without a token reads what to do`(_ system: CISystem) throws {
        // Buildkite's agent and the file of Kubernetes are tried.
        guard system != .buildkite, system != .kubernetes else { return }
        let finder = TokenFinder(
            TokenOptions(system: system, audience: "db.example"),
            in: JobEnvironment(variables: [:])
        )
        let trouble = try #require(throws: JobTrouble.self) { try finder.find() }
        #expect(trouble.hint != nil)
        #expect(trouble.lines.isEmpty == (system == .plain))
    }

    @Test func `a reply's token is the named member`() throws {
        guard case .service(let request) = try Self.service() else {
            Issue.record("no service")
            return
        }
        #expect(request.address.target == "/x?audience=postern")
        let reply = Array(#"{"count":1,"value":"a.b.c"}"#.utf8)
        #expect(try TokenReply.token(status: 200, body: reply, of: request, system: .github) == secret("a.b.c"))
        for (status, body) in [(200, "[]"), (200, #"{"value":1}"#), (200, ""), (401, #"{"value":"x"}"#), (302, "")] {
            #expect(throws: JobTrouble.self) {
                try TokenReply.token(status: status, body: Array(body.utf8), of: request, system: .github)
            }
        }
    }
}
