import PosternCore
import PosternIssuer
import Testing

struct TokenClaimsTests {
    private func claims(lifetime: Duration = .seconds(3600), _ change: (inout Build) -> Void = { _ in }) -> TokenClaims
    {
        var build = TestBuild.push
        change(&build)
        return TokenClaims(
            of: build,
            issuer: "https://ci.test",
            audience: "postern.test",
            host: "drone.test:8443",
            lifetime: lifetime,
            now: Timestamp(microseconds: 1_795_224_580_999_999),
            id: "t1"
        )
    }

    @Test(arguments: [
        (60, 3600, 3660), (5, 3600, 360), (600, 3600, 3660), (0, 7200, 3660), (0, 60, 120), (1, 3600, 120),
    ])
    func `a token outlives the build's timeout by a minute`(timeout: Int64, lifetime: Int, expected: Int64) {
        let claims = claims(lifetime: .seconds(lifetime)) { $0.timeout = timeout }
        #expect(claims.issuedAt.seconds == 1_795_224_580)
        #expect(claims.expiry.seconds - claims.issuedAt.seconds == expected)
    }

    @Test func `no value of the subject can look like another part of it`() {
        let claims = claims {
            $0.repositoryUID = "1:event"
            $0.ref = "refs/heads/a:ref%3A"
        }
        #expect(claims.subject == "drone:drone.test%3A8443:uid:1%3Aevent:event:push:ref:refs/heads/a%3Aref%253A")
    }

    @Test func `what the CI system left out is left out`() {
        let names = Set(claims().members.map(\.name))
        #expect(names.isDisjoint(with: ["source_repository", "deploy_to", "cron", "woodpecker_host"]))
        let tag = claims { ($0.event, $0.ref, $0.target) = ("tag", "refs/tags/v1", "v1") }
        #expect(!tag.members.map(\.name).contains("branch"))
        let pull = claims {
            ($0.event, $0.ref, $0.source, $0.sourceRepository) = ("pull_request", "refs/pull/3/head", "x", "m/app")
        }
        let members = Dictionary(uniqueKeysWithValues: pull.members.map { ($0.name, $0.value) })
        #expect(members["branch"] == .string("main") && members["source_branch"] == .string("x"))
        #expect(members["fork"] == .bool(true) && members["ref_type"] == .string("pull_request"))
    }

    @Test func `the kinds of claims are those that the gateway's profile has`() {
        var kinds: [String: String] = [:]
        for member in claims({ $0.parameters = ["A"] }).members { kinds[member.name] = member.value.kind }
        let numbers: Set = ["iat", "nbf", "exp", "parent", "build_number"]
        let flags: Set = ["fork", "protected", "trusted", "params"]
        for (name, kind) in kinds {
            #expect(kind == (numbers.contains(name) ? "a number" : flags.contains(name) ? "a boolean" : "a string"))
        }
        #expect(Set(kinds.keys).isSuperset(of: numbers.union(flags)))
    }
}
