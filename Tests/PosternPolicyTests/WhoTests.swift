import PosternCore
import PosternPolicy
import Testing

private let here = SourceLocation(file: "roles.yaml", line: 1, column: 1)

private func entry(_ issuer: String = "ci", _ claims: (String, ClaimMatcher)...) throws -> WhoEntry {
    WhoEntry(
        issuer: issuer,
        claims: try claims.map { name, matcher in
            WhoEntry.Claim(name: try #require(ClaimName(name)), matcher: matcher, location: here)
        },
        location: here
    )
}

private func role(_ who: WhoEntry...) -> Role {
    Role(name: "r", database: "d", login: "l", who: who, rules: .unrestricted, location: here)
}

private func text(_ value: String) -> ClaimMatcher { .exactly(.string(value)) }

private func glob(_ pattern: String) throws -> ClaimMatcher { .glob(try #require(Glob(pattern))) }

struct GlobTests {
    @Test(arguments: [
        ("refs/heads/main", "refs/heads/main"), ("refs/heads/*", "refs/heads/main"), ("refs/heads/*", "refs/heads/"),
        ("refs/heads/release-*", "refs/heads/release-1.2"), ("*", ""), ("*", "main"), ("**", "main"),
        ("a*b*c", "aXbXbXc"), ("a*a", "aaa"), ("*/*:*", "x/y:z"), ("*a/b*", "aa/bb"), ("", ""),
        ("refs/*/v*.*", "refs/tags/v1.2"), ("é*", "éa"),
    ])
    func `a glob matches`(pattern: String, text: String) throws {
        #expect(try #require(Glob(pattern)).matches(text))
    }

    @Test(arguments: [
        ("refs/heads/*", "refs/heads/a/b"), ("refs/heads/*", "refs/heads/a:b"), ("refs/heads/*", "xrefs/heads/a"),
        ("refs/heads/*", "refs/tags/a"), ("main", "main2"), ("main", "Main"), ("*", "a/b"), ("*", "a:b"),
        ("**", "a/b"), ("a*", "ba"), ("*a", "ab"), ("a*a", "a"), ("*/*", "a:b"), ("a/", "a"), ("a", "a/"), ("", "a"),
        ("release-*", "release"), ("a?c", "abc"), ("[ab]", "a"), ("e\u{301}", "\u{E9}"),
    ])
    func `a glob does not match`(pattern: String, text: String) throws {
        #expect(try !#require(Glob(pattern)).matches(text))
    }

    @Test func `a glob has a longest length`() {
        #expect(Glob(String(repeating: "a", count: Glob.maximumLength)) != nil)
        #expect(Glob(String(repeating: "a", count: Glob.maximumLength + 1)) == nil)
    }

    @Test func `a hostile glob costs no more than the product of the lengths`() throws {
        let glob = try #require(Glob(String(repeating: "a*", count: 500) + "b"))
        let text = String(repeating: "a", count: 16_384)
        let start = ContinuousClock.now
        #expect(!glob.matches(text))
        #expect(ContinuousClock.now - start < .seconds(10))
    }
}

struct ClaimTests {
    private let claims: JSONObject = [
        "id": .string("74"), "number": .number(JSONNumber(74)), "flag": .bool(true), "nothing": .null,
        "groups": .array([.string("dev"), .number(JSONNumber(7)), .array([.string("deep")])]),
        "kubernetes.io": .object(["namespace": .string("prod"), "a/b~c": .string("x")]),
        "https://sts.example/": .string("y"), "/odd": .string("slash"), "empty": .string(""),
    ]

    @Test func `exact values match their own type alone`() {
        let string = JSONValue.string("74")
        let number = JSONValue.number(JSONNumber(74))
        #expect(text("74").matches(string))
        #expect(!text("74").matches(number))
        #expect(ClaimMatcher.exactly(.number(JSONNumber(74))).matches(number))
        #expect(!ClaimMatcher.exactly(.number(JSONNumber(74))).matches(string))
        #expect(!ClaimMatcher.exactly(.number(JSONNumber(74))).matches(.number(JSONNumber(text: "74.5"))))
        #expect(ClaimMatcher.exactly(.bool(true)).matches(.bool(true)))
        #expect(!ClaimMatcher.exactly(.bool(true)).matches(.string("true")))
        #expect(!ClaimMatcher.exactly(.bool(false)).matches(.null))
        #expect(!text("a").matches(.array([.string("a")])))
        #expect(!text("").matches(.null))
    }

    @Test func `strings are equal byte by byte`() {
        #expect(!text("e\u{301}").matches(.string("\u{E9}")))
        #expect(!text("main").matches(.string("Main")))
        #expect(!text("main").matches(.string("main ")))
    }

    @Test func `contains looks into arrays and never at scalars`() {
        let matcher = ClaimMatcher.contains(text("dev"))
        #expect(matcher.matches(.array([.string("ops"), .string("dev")])))
        #expect(!matcher.matches(.array([.string("developers")])))
        #expect(!matcher.matches(.array([])))
        #expect(!matcher.matches(.string("dev")))
        #expect(!matcher.matches(.object(["dev": .string("dev")])))
        #expect(!matcher.matches(.array([.array([.string("dev")])])))
    }

    @Test func `a list means any of`() throws {
        let matcher = ClaimMatcher.anyOf([text("push"), try glob("release-*")])
        #expect(matcher.matches(.string("push")))
        #expect(matcher.matches(.string("release-1")))
        #expect(!matcher.matches(.string("pull_request")))
        #expect(!ClaimMatcher.anyOf([]).matches(.string("push")))
    }

    @Test(arguments: [
        ("id", "74"), ("/kubernetes.io/namespace", "prod"), ("/kubernetes.io/a~1b~0c", "x"), ("/groups/0", "dev"),
        ("https://sts.example/", "y"), ("/~1odd", "slash"), ("/groups/2/0", "deep"), ("/id", "74"),
    ])
    func `a claim is found`(name: String, value: String) throws {
        #expect(try #require(ClaimName(name)).value(in: claims) == .string(value))
    }

    @Test(arguments: [
        "kubernetes.io.namespace", "kubernetes.io/namespace", "/kubernetes.io/name", "/groups/3", "/groups/00",
        "/groups/-1", "/groups/-", "/groups/+1", "/id/x", "/", "ID", "/odd", "/kubernetes.io/namespace/",
    ])
    func `a claim is missing`(name: String) throws {
        #expect(try #require(ClaimName(name)).value(in: claims) == nil)
    }

    @Test(arguments: ["", "/a~2", "/~"])
    func `a name that is no name is refused`(name: String) {
        #expect(ClaimName(name) == nil)
    }
}

struct RoleMatchTests {
    private let push: JSONObject = ["ref": .string("refs/heads/main"), "event": .string("push")]

    @Test func `every claim of an entry must match`() throws {
        let role = role(try entry("ci", ("ref", text("refs/heads/main")), ("event", text("push"))))
        #expect(role.match(issuer: "ci", claims: push, trust: .all) == .matched(entry: 0))
        let tag: JSONObject = ["ref": .string("refs/heads/main"), "event": .string("tag")]
        #expect(
            role.match(issuer: "ci", claims: tag, trust: .all)
                == .refused(.claim(entry: 0, .init(claim: "event", isMissing: false, location: here)))
        )
    }

    @Test func `a missing claim never matches`() throws {
        let role = role(try entry("ci", ("absent", .anyOf([text(""), try glob("*")]))))
        let match = role.match(issuer: "ci", claims: push, trust: .all)
        #expect(match == .refused(.claim(entry: 0, .init(claim: "absent", isMissing: true, location: here))))
    }

    @Test func `any entry may match, and the first of the issuer explains a refusal`() throws {
        let role = role(
            try entry("other", ("x", text("y"))),
            try entry("ci", ("event", text("tag"))),
            try entry("ci", ("ref", text("refs/heads/main")))
        )
        #expect(role.match(issuer: "ci", claims: push, trust: .all) == .matched(entry: 2))
        let match = role.match(issuer: "ci", claims: ["event": .string("cron")], trust: .all)
        guard case .refused(let refusal) = match else {
            Issue.record("the identity was let in")
            return
        }
        #expect(refusal.failedClaim == "event")
        #expect(refusal.description == "claim `event` does not match")
    }

    @Test func `an issuer that no entry names is refused`() throws {
        let role = role(try entry("ci", ("ref", text("refs/heads/main"))))
        #expect(role.match(issuer: "CI", claims: push, trust: .all) == .refused(.issuerNotNamed))
        #expect(PosternPolicyTests.role().match(issuer: "ci", claims: push, trust: .all) == .refused(.issuerNotNamed))
    }

    @Test func `an untrusted token matches only an entry that takes such`() throws {
        let plain = try entry("ci", ("ref", text("refs/heads/main")))
        let trust = TrustRule.claim(try #require(ClaimName("event")), text("tag"))
        guard case .refused(let refusal) = role(plain).match(issuer: "ci", claims: push, trust: trust) else {
            Issue.record("the identity was let in")
            return
        }
        #expect(refusal.description == "untrusted trigger: event is push: the issuer's `trust` does not name it")
        #expect(refusal.failedClaim == "event")
        let open = WhoEntry(issuer: "ci", claims: plain.claims, takesUntrusted: true, location: here)
        #expect(role(plain, open).match(issuer: "ci", claims: push, trust: trust) == .matched(entry: 1))
    }

    @Test func `trust by a claim needs the claim`() throws {
        let rule = TrustRule.claim(try #require(ClaimName("event")), .anyOf([text("push"), text("tag")]))
        #expect(rule.untrusted(push) == nil)
        #expect(rule.untrusted(["event": .string("pull_request")])?.finding == "event is pull_request")
        #expect(rule.untrusted([:])?.finding == "event is missing")
        #expect(TrustRule.all.untrusted([:]) == nil)
    }
}

struct PolicySetTests {
    @Test func `the policy hash is SHA-256 over the sorted files`() {
        let files = [
            PolicyFile(path: "b.yaml", contents: Array("two".utf8)),
            PolicyFile(path: "a.yaml", contents: Array("one".utf8)),
        ]
        let set = PolicySet(roles: [], files: files)
        #expect(set.files.map(\.path) == ["a.yaml", "b.yaml"])
        // printf 'a.yaml\0%s\nb.yaml\0%s\n' $(printf one | sha256sum) $(printf two | sha256sum) | sha256sum
        #expect(set.hash == "ba29895d28ddd39e90bfbc6d22c1b4e83ce4d771a852bebe9264a9cdca07311e")
        #expect(set.revision == set.hash.prefix(12))
        #expect(PolicySet(roles: [], files: files.reversed()) == set)
    }

    @Test func `roles are found by name`() {
        let set = PolicySet(roles: [role()], files: [])
        #expect(set.role(named: "r")?.name == "r")
        #expect(set.role(named: "R") == nil)
        #expect(set.roles.map(\.name) == ["r"])
    }

    @Test(arguments: [
        ("a", true), ("orders_migrator-2", true), (String(repeating: "a", count: 38), true),
        (String(repeating: "a", count: 39), false), ("", false), ("A", false), ("a b", false), ("a/b", false),
        ("ä", false),
    ])
    func `role names are short and plain`(name: String, isValid: Bool) {
        #expect(Role.isValid(name: name) == isValid)
    }
}
