import Foundation
import PosternConfiguration
import PosternPolicy
import Testing

/// The examples of deploy/ and policies/ are sound, and their tests hold as far as `who` decides them.
struct ExamplePolicyTests {
    private let workspace: PolicyWorkspace

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path(percentEncoded: false)
        let result = PolicyWorkspace.load(
            config: root + "deploy/postern.yaml",
            paths: [root + "policies"]
        )
        #expect(result.diagnostics == [])
        workspace = try #require(result.workspace)
    }

    @Test func `every role has tests of what is allowed, denied and refused`() {
        #expect(workspace.roles.count == 4)
        for role in workspace.roles {
            let tests = workspace.tests.filter { $0.role == role.name }
            #expect(tests.contains { $0.expectation == .allow }, "\(role.name)")
            #expect(tests.contains { $0.expectation == .deny }, "\(role.name)")
            #expect(tests.contains { $0.expectation == .refused }, "\(role.name)")
            #expect(Set(tests.map(\.issuer)) == ["github", "gitlab", "drone"], "\(role.name)")
        }
    }

    @Test func `who may be a role is what the tests say`() throws {
        for test in workspace.tests {
            let role = try #require(workspace.role(named: test.role))
            let trusted = workspace.trust(ofIssuer: test.issuer).covers(test.claims)
            switch role.match(issuer: test.issuer, claims: test.claims, trusted: trusted) {
            case .matched: #expect(test.expectation != .refused, "\(test.location) \(test.name)")
            case .refused(let refusal):
                #expect(test.expectation == .refused, "\(test.location) \(test.name): \(refusal)")
                #expect(test.reason == refusal.description, "\(test.location) \(test.name)")
            }
        }
    }

    @Test func `rules that tests name exist`() throws {
        for test in workspace.tests {
            guard let id = test.rule else { continue }
            guard case .rules(let rules) = try #require(workspace.role(named: test.role)).rules else {
                continue
            }
            #expect(rules.contains { $0.id == id }, "\(test.location) \(id)")
        }
    }
}
