import PosternCore
import PosternPolicy
import Testing

/// Payloads as the CI systems send them, good and bad, each judged.
struct IssuerFixtureTests {
    @Test(arguments: IssuerProfile.allCases)
    func `every profile has good payloads, and bad ones where a trigger can be untrusted`(profile: IssuerProfile) {
        let fixtures = IssuerFixture.of(profile)
        #expect(fixtures.contains { $0.untrusted == nil })
        #expect(fixtures.contains { $0.untrusted != nil } == (profile != .generic))
        #expect(fixtures.contains { $0.run != nil })
    }

    @Test(arguments: IssuerFixture.all)
    func `a payload is trusted or not`(fixture: IssuerFixture) {
        #expect(fixture.profile.trust.untrusted(fixture.payload)?.finding == fixture.untrusted)
    }

    @Test(arguments: IssuerFixture.all.filter { $0.run != nil })
    func `a payload's run is found`(fixture: IssuerFixture) {
        let run = fixture.profile.facts.run(of: fixture.payload, issuer: fixture.issuer)
        let found = [
            "repository": run.repository, "ref": run.ref, "sha": run.sha, "id": run.id, "url": run.url,
        ].compactMapValues(\.self)
        let wanted = (fixture.run?.members ?? []).map { ($0.name, $0.value.stringValue ?? "") }
        #expect(found == Dictionary(uniqueKeysWithValues: wanted))
    }

    /// Types as a token has them; those of `ssh-rerun` and `parent` that some fixtures get wrong on purpose are untrusted.
    @Test(arguments: IssuerFixture.all.filter { $0.untrusted == nil && $0.profile != .generic })
    func `the claims of a good payload are known, with their types`(fixture: IssuerFixture) throws {
        let table = try #require(fixture.profile.facts.claims)
        for member in fixture.payload.members {
            #expect(table.admits(member.name), "\(member.name)")
            guard let known = table.claim(named: member.name) else { continue }
            #expect(known.admits(member.value), "\(member.name)")
        }
        for known in table.claims where known.name.hasPrefix("/") {
            guard let value = ClaimName(known.name)?.value(in: fixture.payload) else { continue }
            #expect(known.admits(value), "\(known.name)")
        }
    }

    @Test(arguments: IssuerFixture.all)
    func `a payload's issuer is the profile's, as far as URLs tell`(fixture: IssuerFixture) {
        #expect(ProfileDoubt(profile: fixture.profile, url: fixture.issuer) == nil)
    }

    @Test(arguments: IssuerProfile.allCases)
    func `journals keep what tells the run, and no address of a person`(profile: IssuerProfile) {
        let kept = profile.facts.journaledClaims.map(\.description)
        #expect(!kept.isEmpty && Set(kept).count == kept.count)
        for name in ["user_email", "email", "user_identities", "groups_direct", "aud", "iss", "sub"] {
            #expect(!kept.contains(name))
        }
        let left = (profile.facts.claims?.claims ?? []).filter { !$0.isJournaled && $0.type != .object }.map(\.name)
        let personal = Set(left).subtracting(["iss", "aud", "sub", "iat", "nbf", "exp"])
        #expect(personal == (profile == .gitlab ? ["user_email", "groups_direct", "user_identities"] : []))
        for claim in profile.facts.triggers?.claims ?? [] where claim != "sub" { #expect(kept.contains(claim)) }
    }
}
