import PosternIssuer
import Testing

/// Which builds get a token, as a table.
struct BuildRulesTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refusal: BuildRefusal?
        var rules = BuildRules()
        let change: @Sendable (inout Build) -> Void

        init(
            _ name: String,
            _ refusal: BuildRefusal?,
            rules: BuildRules = BuildRules(),
            _ change: @escaping @Sendable (inout Build) -> Void
        ) {
            testDescription = name
            self.refusal = refusal
            self.rules = rules
            self.change = change
        }
    }

    static func toPull(_ build: inout Build, from source: String, event: String = "pull_request") {
        build.event = event
        build.ref = "refs/pull/3/head"
        build.sourceRepository = source
    }

    static let rows: [Row] = [
        Row("push", nil) { _ in },
        Row("push whose source is named", nil) { $0.sourceRepository = "Acme/App" },
        Row("tag", nil) { ($0.event, $0.ref, $0.target) = ("tag", "refs/tags/v1", "v1") },
        Row("harmless parameter", nil) { $0.parameters = ["VERBOSE", "HTTP_PROXY", "PATHS", "P"] },
        Row("pull request of a fork", .fork) { toPull(&$0, from: "mallory/app") },
        Row("pull request from nowhere", .fork) { toPull(&$0, from: "") },
        Row("pull request of the repository", .event("pull_request")) { toPull(&$0, from: "acme/app") },
        Row("promotion of a fork", .fork, rules: BuildRules(events: ["promote"], triggers: ["octo"])) {
            toPull(&$0, from: "mallory/app", event: "promote")
        },
        Row(
            "promotion of a pull request",
            .ref("refs/pull/3/head", event: "promote"),
            rules: BuildRules(events: ["promote"])
        ) { toPull(&$0, from: "acme/app", event: "promote") },
        Row("promotion that is allowed", nil, rules: BuildRules(events: ["promote"], triggers: ["octo"])) {
            ($0.event, $0.parent, $0.trigger) = ("promote", 7, "octo")
        },
        Row("allowed pull request", nil, rules: BuildRules(events: ["pull_request"])) { toPull(&$0, from: "acme/app") },
        Row("allowed fork", nil, rules: BuildRules(events: ["pull_request"], forks: true)) {
            toPull(&$0, from: "mallory/app")
        },
        Row("custom", .event("custom")) { ($0.event, $0.trigger) = ("custom", "mallory") },
        Row("cron", .event("cron")) { ($0.event, $0.trigger) = ("cron", "@cron") },
        Row("unknown event", .event("deploy")) { $0.event = "deploy" },
        Row("push by hand", .trigger("mallory")) { $0.trigger = "mallory" },
        Row("push by nobody", .trigger("")) { $0.trigger = "" },
        Row("restart", .restart(of: 7)) { ($0.parent, $0.trigger) = (7, "mallory") },
        Row("allowed restart by hand", .trigger("mallory"), rules: BuildRules(restarts: true)) {
            ($0.parent, $0.trigger) = (7, "mallory")
        },
        Row(
            "allowed restart with PGHOST",
            .parameter("PGHOST"),
            rules: BuildRules(triggers: ["mallory"], restarts: true)
        ) { ($0.parent, $0.trigger, $0.parameters) = (7, "mallory", ["A", "PGHOST"]) },
        Row("debug", .debug) { $0.isDebug = true },
        Row("push of a tag", .ref("refs/tags/v1", event: "push")) { $0.ref = "refs/tags/v1" },
        Row("push whose branch is another", .ref("refs/heads/main", event: "push")) { $0.target = "prod" },
        Row("push of another ref", .ref("refs/notes/x", event: "push")) { $0.ref = "refs/notes/x" },
        Row("tag of a branch", .ref("refs/heads/main", event: "tag")) { $0.event = "tag" },
        Row("merge request", .ref("refs/merge-requests/1/head", event: "push")) {
            ($0.ref, $0.sourceRepository) = ("refs/merge-requests/1/head", "acme/app")
        },
        Row("Woodpecker's push has no trigger", nil) { ($0.system, $0.trigger) = (.woodpecker, "") },
        Row("Woodpecker's fork", .fork) { ($0.system, $0.saysFork) = (.woodpecker, true) },
        Row("Woodpecker's pull request", .event("pull_request")) {
            ($0.system, $0.event, $0.ref) = (.woodpecker, "pull_request", "refs/pull/3/head")
        },
    ]

    @Test(arguments: rows)
    func `each kind of build is refused for its reason`(row: Row) {
        var build = TestBuild.push
        row.change(&build)
        #expect(row.rules.refusal(of: build) == row.refusal)
    }

    @Test(arguments: ["PGHOST", "pgpassfile", "POSTERN_ID_TOKEN", "LD_PRELOAD", "PATH", "Path"])
    func `variables that lead a token or a program elsewhere are never allowed`(name: String) {
        var build = TestBuild.push
        build.parameters = [name]
        let rules = BuildRules(forks: true, restarts: true, debug: true)
        #expect(rules.refusal(of: build) == .parameter(name))
    }
}

enum TestBuild {
    static let push = Build(
        system: .drone,
        repositoryUID: "158392",
        repositoryID: 42,
        repository: "acme/app",
        namespace: "acme",
        name: "app",
        visibility: "private",
        isProtected: false,
        isTrusted: false,
        timeout: 60,
        id: 1007,
        number: 7,
        parent: 0,
        event: "push",
        trigger: "@hook",
        ref: "refs/heads/main",
        target: "main",
        source: "main",
        sourceRepository: "",
        sha: "0123456789abcdef0123456789abcdef01234567",
        sender: "octo",
        author: "octo",
        deployTo: "",
        cron: "",
        isDebug: false,
        saysFork: false,
        parameters: []
    )
}
