import Foundation
import PosternConfiguration
import PosternPolicy
import PosternSQL
import Testing

struct PolicyWorkspaceTests {
    private static let rules = Workspace.policy.replacing(
        "unrestricted",
        with: "[{id: r, allow: read, on: any}]"
    )
    private static let test =
        "tests: [{name: t, role: migrator, issuer: ci, claims: {}, expect: refused}]"

    private func load(_ workspace: Workspace, config: String? = nil, _ paths: String...) -> (
        workspace: PolicyWorkspace?, complaints: [String]
    ) {
        let result = PolicyWorkspace.load(
            config: config.map { workspace.path + "/" + $0 },
            paths: paths.map { workspace.path + "/" + $0 }
        )
        return (result.workspace, result.diagnostics.map(\.message))
    }

    @Test func `the nearest configuration upwards is taken`() throws {
        let configuration = Workspace.configuration.replacing(
            "5432]",
            with: "5432]\n    search_path: [app, public]"
        )
        let workspace = try Workspace(
            configuration: configuration,
            policies: ["deep/er/a.yaml": Self.rules]
        )
        for path in ["policies", "policies/", "policies/deep/er/a.yaml"] {
            let loaded = try #require(load(workspace, path).workspace, "\(path)")
            let role = try #require(loaded.role(named: "migrator"))
            #expect(loaded.configurationPath?.hasSuffix("/postern.yaml") == true)
            #expect(loaded.searchPath(of: role) == ["app", "public"])
            #expect(loaded.databaseName(of: role) == "orders")
            #expect(loaded.trust(ofIssuer: "ci") == .all)
        }
    }

    @Test func `policies elsewhere are held against a named configuration`() throws {
        let workspace = try Workspace()
        try workspace.write("other/b.yaml", Self.rules.replacing("  migrator:", with: "  other:"))
        try workspace.write(
            "other/c.yaml",
            Workspace.policy.replacing("database: orders", with: "database: order")
        )
        #expect(
            load(workspace, config: "postern.yaml", "other/b.yaml").workspace?.roles.map(\.name) == [
                "other"
            ]
        )
        let wrong = load(workspace, config: "postern.yaml", "other")
        #expect(
            wrong.complaints == ["role `migrator` leads to the database `order`, which does not exist"]
        )
    }

    @Test func `certificates and secrets need not be there`() throws {
        let tls = "{address: \"127.0.0.1:6432\", tls: {certificate: nope.crt, key: nope.key}}"
        let text = Workspace.configuration.replacing("{address: \"127.0.0.1:6432\"}", with: tls)
            .replacing("{file: secret}", with: "{env: POSTERN_NOT_SET}")
        let workspace = try Workspace(configuration: text)
        #expect(workspace.load().snapshot == nil)
        let loaded = load(workspace, "policies")
        #expect(loaded.workspace != nil)
        #expect(loaded.complaints == [])
    }

    @Test func `tests alone are held against the configuration's policies`() throws {
        let workspace = try Workspace()
        try workspace.write("tests/a_test.yaml", Self.test)
        try workspace.write("policies/b_test.yaml", Self.test)
        for path in ["tests", "tests/a_test.yaml", "policies/b_test.yaml"] {
            let loaded = try #require(load(workspace, path).workspace, "\(path)")
            #expect(loaded.tests.count == 1)
            #expect(loaded.roles.map(\.name) == ["migrator"])
        }
    }

    @Test func `no paths stand for the configuration's policies`() throws {
        let workspace = try Workspace(policies: ["a.yaml": Workspace.policy, "a_test.yaml": Self.test])
        let loaded = try #require(load(workspace, config: "postern.yaml").workspace)
        #expect(loaded.files.map { URL(filePath: $0.path).lastPathComponent } == ["a.yaml"])
        #expect(loaded.tests.count == 1)
        #expect(loaded.roles.map(\.location.file) == loaded.files.map(\.path))
    }

    @Test func `a file that is named twice is read once`() throws {
        let workspace = try Workspace(policies: ["a.yaml": Workspace.policy, "a_test.yaml": Self.test])
        let loaded = load(workspace, "policies", "policies/a.yaml", "policies/../policies/a_test.yaml")
        #expect(loaded.workspace?.files.count == 1)
        #expect(loaded.workspace?.testFiles.count == 1)
    }

    @Test func `without a configuration it works with what can be known, and says so`() throws {
        let workspace = try Workspace(policies: ["a.yaml": Self.rules, "a_test.yaml": Self.test])
        try FileManager.default.removeItem(atPath: workspace.path + "/postern.yaml")
        let result = PolicyWorkspace.load(config: nil, paths: [workspace.path + "/policies"])
        let loaded = try #require(result.workspace)
        #expect(result.diagnostics.map(\.severity) == [.warning])
        #expect(
            result.diagnostics.first?.message.hasPrefix("there is no `postern.yaml` here or above")
                == true
        )
        let role = try #require(loaded.role(named: "migrator"))
        #expect(loaded.configuration == nil)
        #expect(loaded.searchPath(of: role) == ["public"])
        #expect(loaded.databaseName(of: role) == "orders")
    }

    @Test func `what cannot be read is told`() throws {
        let workspace = try Workspace()
        #expect(
            load(workspace, "nope").complaints == ["cannot read the file: no such file or directory"]
        )
        #expect(
            load(workspace, "secret").complaints == ["cannot read the file: policies end in `.yaml`"]
        )
        #expect(
            load(workspace, "nope.yaml").complaints == ["cannot read the file: no such file or directory"]
        )
        let missing = load(workspace, config: "none.yaml", "policies")
        #expect(missing.workspace == nil)
        #expect(missing.complaints == ["cannot read the configuration: no such file or directory"])
        let broken = try Workspace(configuration: "gateway: [")
        #expect(load(broken, "policies").workspace == nil)
    }
}
