import Foundation
import PosternConfiguration
import PosternPolicy
import Testing

/// docs/policies.md and the decoders say the same.
struct PolicyManualTests {
    private let text: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        text = try String(contentsOf: root.appending(path: "docs/policies.md"), encoding: .utf8)
    }

    private var blocks: [String] { text.matches(of: /```yaml\n([\s\S]*?)```/).map { String($0.1) } }

    /// The rows of the last table, which the page ends with.
    private var defaults: [String] {
        text.split(separator: "\n").reversed().prefix { $0.hasPrefix("| `") }.reversed().map(
            String.init
        )
    }

    @Test func `every key of a role is there with its default`() {
        let expected = ConfigurationReference.policies.filter { $0.path != "roles" }.map { entry -> String in
            let value =
                switch entry.key.support {
                case .required: "required"
                case .optional: entry.key.defaultText ?? "none"
                }
            return "| `\(entry.path.dropFirst("roles.NAME.".count))` | \(value) |"
        }
        #expect(defaults == expected, "\(expected.joined(separator: "\n"))")
    }

    @Test func `the policies of the page are sound, and so are its tests`() throws {
        let issuer =
            "ci: {profile: generic, issuer: \"https://ci.example.com\", audience: postern.example.com}"
        let tls = "tls: {certificate: gateway.crt, key: gateway.key, client_ca: db-ca.crt}"
        let github = issuer.replacing("ci", with: "github")
        let configuration = Workspace.configuration.replacing(issuer, with: issuer + "\n  " + github)
            .replacing("{address: \"127.0.0.1:6432\"}", with: "{address: \"127.0.0.1:6432\", \(tls)}")
            .replacing("{migrator: {", with: "{orders_migrator: {password: {file: secret}}, migrator: {")
        let policies = blocks.filter { $0.hasPrefix("roles:") }
        let tests = blocks.filter { $0.hasPrefix("tests:") }
        let parts = blocks.filter { $0.hasPrefix("    ") }
        try #require(policies.count == 1 && tests.count == 1 && parts.count == blocks.count - 2)
        for part in parts {
            // A part with a `who` of its own stands in place of the other.
            let base =
                part.contains("    who:\n")
                ? Workspace.policy.replacing(/[ ]{4}who:\n.*\n/, with: "") : Workspace.policy
            let role = base.replacing("    rules: unrestricted", with: part)
            let workspace = try Workspace(
                configuration: configuration,
                policies: ["a.yaml": policies[0], "a_test.yaml": tests[0], "b.yaml": role]
            )
            #expect(workspace.complaints() == [])
            let result = PolicyWorkspace.load(config: nil, paths: [workspace.path + "/policies"])
            #expect(result.diagnostics == [])
            #expect(result.workspace?.tests.count == 3)
        }
    }

    @Test func `the table of shared issuers is the code's`() {
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `https://") }.map(String.init)
        let expected = SharedIssuer.all.map { issuer in
            "| `https://\(issuer.host)` | "
                + issuer.tenantClaims.map { "`\($0)`" }.joined(separator: ", ") + " |"
        }
        #expect(rows == expected)
    }
}
