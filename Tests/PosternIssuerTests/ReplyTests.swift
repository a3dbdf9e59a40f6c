import PosternCore
import PosternCrypto
import PosternIssuer
import Testing

struct ReplyTests {
    private static let key = Array("xVKAGlWQiY3sOp8JVc0nbuNId3PNCgWh".utf8)

    @Test func `a reply is encrypted as Drone's client decrypts it`() {
        // Sealed by drone-go's own counterpart with the nonce 00 to 0b.
        let plaintext = Array(#"[{"name":"POSTERN_ID_TOKEN","data":"eyJ","mask":true}]"#.utf8)
        let sealed = AESGCM.seal(plaintext, key: Self.key, nonce: Array(0..<12))
        #expect(
            Hex.encode(sealed)
                == "000102030405060708090a0bbbde7428b5528a7699cfe3978b6385cd6821455145029fff2a70366e9e274ebfc0"
                + "7917eaaf6e2bdd2fae6cc7c406f2442dc60d0cca8e02b13acba2b9e7faf609cbb42cee3c83"
        )
        #expect(AESGCM.open(sealed, key: Self.key) == plaintext)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(AESGCM.open(changed, key: Self.key) == nil)
        }
        #expect(AESGCM.open(Array(sealed.prefix(27)), key: Self.key) == nil)
        #expect(AESGCM.open(AESGCM.seal([], key: Self.key), key: Self.key) == [])
    }

    @Test func `the reply's bytes are Drone's`() {
        let variables = [JobVariable(name: "PGHOST", value: "127.0.0.1")]
        func text(_ reply: IssuerReply) -> String { String(decoding: reply.body, as: UTF8.self) }
        let token = Redacted("e.y.J")
        #expect(
            text(DroneReply.environment(token: token, variables: variables, version: .v2))
                == #"[{"name":"POSTERN_ID_TOKEN","data":"e.y.J","mask":true},{"name":"PGHOST","data":"127.0.0.1","mask":false}]"#
        )
        #expect(
            text(DroneReply.environment(token: token, variables: variables, version: .v1))
                == #"{"POSTERN_ID_TOKEN":"e.y.J","PGHOST":"127.0.0.1"}"#
        )
        #expect(
            text(DroneReply.secret("prod", token: token))
                == #"{"name":"prod","data":"e.y.J","pull_request":false,"pull":false}"#
        )
        #expect(
            text(WoodpeckerReply.secrets(token: token, variables: []))
                == #"{"secrets":[{"name":"POSTERN_ID_TOKEN","value":"e.y.J"}]}"#
        )
    }

    @Test func `nonces differ and the longer secret's first 32 bytes are the key`() {
        let secret = Redacted(Self.key + Array("more".utf8))
        let reply = DroneReply.secret("prod", token: Redacted("e.y.J"))
        let (one, two) = (reply.encrypted(with: secret), reply.encrypted(with: secret))
        #expect(one.body != two.body && AESGCM.open(one.body, key: Self.key) == reply.body)
        #expect(one.headers.contains { $0.name == "Content-Encoding" && $0.value == "aesgcm" })
        #expect(IssuerReply.nothing.encrypted(with: secret) == IssuerReply.nothing)
    }

    @Test(arguments: [
        ("{}", BuildRefusal?.some(.unconfirmed("its `id` is another one"))), (known(), nil),
        (known(["status": "\"success\""]), .unconfirmed("it is over")),
        (known(["event": "\"tag\""]), .unconfirmed("its `event` is another one")),
        (known(["parent": "3"]), .unconfirmed("its `parent` is another one")),
        (known(["after": "null"]), .unconfirmed("its `after` is another one")),
        (known(["source": "\"try\""]), .unconfirmed("its `source` is another one")),
        (known(["sender": "\"mallory\""]), .unconfirmed("its `sender` is another one")),
        (known(["author_login": "\"mallory\""]), .unconfirmed("its `author_login` is another one")),
        (known(["deploy_to": "\"production\""]), .unconfirmed("its `deploy_to` is another one")),
        (known(["cron": "\"nightly\""]), .unconfirmed("its `cron` is another one")),
        (known(["debug": "true"]), .unconfirmed("its `debug` is another one")),
        (known(["params": "{\"PGHOST\":\"x\"}"]), .unconfirmed("its `params` are others")),
        (known(["params": "null", "debug": "false"]), nil),
    ])
    func `Drone's own word about a build is compared`(body: String, refusal: BuildRefusal?) throws {
        #expect(try BuildConfirmation.refusal(of: TestBuild.push, status: 200, body: Array(body.utf8)) == refusal)
    }

    @Test(arguments: [
        (repository(), BuildRefusal?.none), (repository(["extra": "1"]), nil),
        ("{}", .unconfirmed("its repository's `id` is another one")),
        (repository(["id": "43"]), .unconfirmed("its repository's `id` is another one")),
        (repository(["uid": "\"158393\""]), .unconfirmed("its repository's `uid` is another one")),
        (repository(["slug": "\"acme/apps\""]), .unconfirmed("its repository's `slug` is another one")),
        (repository(["visibility": "\"public\""]), .unconfirmed("its repository's `visibility` is another one")),
        (repository(["protected": "true"]), .unconfirmed("its repository's `protected` is another one")),
        (repository(["trusted": "true"]), .unconfirmed("its repository's `trusted` is another one")),
    ])
    func `Drone's own word about the repository is compared`(body: String, refusal: BuildRefusal?) throws {
        let found = try BuildConfirmation.repositoryRefusal(of: TestBuild.push, status: 200, body: Array(body.utf8))
        #expect(found == refusal)
    }

    @Test func `a repository that is not there, or has another name, is none`() throws {
        var build = TestBuild.push
        #expect(
            try BuildConfirmation.repositoryRefusal(of: build, status: 404, body: [])
                == .unconfirmed("there is no such repository")
        )
        #expect(throws: BuildConfirmation.Unanswered.self) {
            try BuildConfirmation.repositoryRefusal(of: build, status: 403, body: [])
        }
        build.repository = "acme/other"
        let body = Array(Self.repository().utf8)
        #expect(
            try BuildConfirmation.repositoryRefusal(of: build, status: 200, body: body)
                == .unconfirmed("`acme/other` is not the repository's name")
        )
    }

    @Test func `an answer that says nothing confirms nothing`() throws {
        let build = TestBuild.push
        #expect(
            try BuildConfirmation.refusal(of: build, status: 404, body: []) == .unconfirmed("there is no such build")
        )
        for (status, body) in [(500, "{}"), (401, "{}"), (302, ""), (200, "no JSON"), (200, "[]")] {
            #expect(throws: BuildConfirmation.Unanswered.self) {
                try BuildConfirmation.refusal(of: build, status: status, body: Array(body.utf8))
            }
        }
        var odd = build
        (odd.namespace, odd.name) = ("..", "a/b ?#%")
        #expect(BuildConfirmation.path(of: odd) == "/api/repos/%2E/a%2Fb%20%3F%23%25/builds/7")
    }

    static func known(_ changes: [String: String] = [:]) -> String {
        let members = [
            "id": "1007", "number": "7", "repo_id": "42", "event": "\"push\"", "trigger": "\"@hook\"",
            "ref": "\"refs/heads/main\"", "after": "\"0123456789abcdef0123456789abcdef01234567\"",
            "source_repo": "\"\"", "source": "\"main\"", "sender": "\"octo\"", "author_login": "\"octo\"",
            "target": "\"main\"", "status": "\"running\"",
        ].merging(changes) { $1 }
        return object(members)
    }

    static func repository(_ changes: [String: String] = [:]) -> String {
        let members = [
            "id": "42", "uid": "\"158392\"", "slug": "\"acme/app\"", "namespace": "\"acme\"", "name": "\"app\"",
            "visibility": "\"private\"", "protected": "false", "trusted": "false",
        ]
        return object(members.merging(changes) { $1 })
    }

    private static func object(_ members: [String: String]) -> String {
        "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }
}
