import PosternCore
import PosternPolicy
import Testing

private let here = SourceLocation(file: "roles.yaml", line: 1, column: 1)

struct GrantTests {
    private let policies: PolicySet

    init() throws {
        let claim = WhoEntry.Claim(
            name: try #require(ClaimName("ref")),
            matcher: .exactly(.string("main")),
            location: here
        )
        let role = Role(
            name: "migrator",
            database: "orders",
            login: "l",
            who: [WhoEntry(issuer: "ci", claims: [claim], location: here)],
            rules: .unrestricted,
            location: here
        )
        policies = PolicySet(roles: [role], files: [])
    }

    private func refusal(
        role: String = "migrator",
        database: String = "orders",
        issuer: String = "ci",
        claims: String = #"{"ref":"main"}"#,
        trust: TrustRule? = .all
    ) throws -> GrantRefusal? {
        let value = try JSONParser.parse(claims.utf8, limits: .init(bytes: 1024, depth: 4))
        guard case .object(let object) = value else { return nil }
        let identity = GrantIdentity(issuer: issuer, claims: object, trust: trust)
        do throws(GrantRefusal) {
            #expect(try policies.grant(role: role, database: database, to: identity).name == "migrator")
            return nil
        } catch { return error }
    }

    @Test func `a token whose claims match gets the role and its database`() throws {
        #expect(try refusal() == nil)
    }

    @Test func `every refusal has its own reason`() throws {
        #expect(try refusal(role: "other") == .unknownRole)
        #expect(try refusal(database: "billing") == .databaseNotGranted)
        #expect(try refusal(trust: nil) == .unknownIssuer)
        #expect(try refusal(issuer: "elsewhere") == .who(.issuerNotNamed))
        let trust = TrustRule.claim(try #require(ClaimName("event")), .exactly(.string("push")))
        let untrusted = try #require(try refusal(claims: #"{"ref":"main","event":"fork"}"#, trust: trust))
        #expect(untrusted.claim == "event")
        #expect(untrusted.reason == "untrusted trigger: event is fork: the issuer's `trust` does not name it")
        let missing = try #require(try refusal(claims: "{}"))
        #expect(missing.claim == "ref")
        #expect(missing.reason == "claim `ref` is missing")
        #expect(GrantRefusal.unknownDatabase.reason == "unknown database")
    }

    @Test func `the identity is looked at before the database`() throws {
        #expect(try refusal(database: "billing", claims: "{}")?.claim == "ref")
    }
}
