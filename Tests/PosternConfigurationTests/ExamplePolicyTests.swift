import Foundation
import PosternConfiguration
import PosternPolicy
import PosternSQL
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
        #expect(workspace.roles.count == 8)
        for role in workspace.roles {
            let tests = workspace.tests.filter { $0.role == role.name }
            #expect(tests.contains { $0.expectation == .allow }, "\(role.name)")
            #expect(tests.contains { $0.expectation == .deny }, "\(role.name)")
            #expect(tests.contains { $0.expectation == .refused }, "\(role.name)")
            let issuers = Set(tests.map(\.issuer))
            #expect(issuers == (role.who.count == 1 ? ["github"] : ["github", "gitlab", "drone"]), "\(role.name)")
        }
    }

    /// The texts are short and shallow: any thread's stack holds them.
    private func run() -> PolicyTestReport {
        var runner = PolicyTestRunner(
            PolicyTestRunner.Subject(
                roles: workspace.roles,
                trust: workspace.trust(ofIssuer:),
                database: { role in
                    JudgedDatabase(
                        name: workspace.databaseName(of: role),
                        searchPath: workspace.searchPath(of: role),
                        login: Identifier(role.login)
                    )
                },
                analyze: { text in
                    do throws(AnalysisError) {
                        return .success(try SQLAnalyzer.analyze(text))
                    } catch {
                        return .failure(error)
                    }
                }
            ),
            now: { .zero }
        )
        return runner.run(workspace.tests)
    }

    @Test func `all tests hold, and use every rule`() {
        let report = run()
        for result in report.results {
            #expect(result.outcome == .pass, "\(result.test.location) \(result.test.name)")
        }
        #expect(PolicyCoverage(of: report, roles: workspace.roles).uncovered == [])
    }

    /// What tools need for their work and the linter warns of: these roles say so beside it.
    private static let inherent = [
        "backup.yaml statements/dangerous-function", "backup.yaml statements/secret-relation",
        "sqitch.yaml statements/dangerous-function", "sqitch.yaml statements/dangerous-function",
    ]

    @Test func `the linter finds nothing but what tools cannot do without`() {
        let issuers = (workspace.configuration?.issuers ?? []).map { issuer in
            LintSubject.Issuer(
                name: issuer.name,
                profile: issuer.profile,
                url: issuer.issuer,
                audience: issuer.audience,
                maximumTokenAge: issuer.maximumTokenAge,
                maximumTokenLifetime: issuer.maximumTokenLifetime,
                trust: issuer.trust,
                location: issuer.location
            )
        }
        let subject = LintSubject(issuers: issuers, roles: workspace.roles, tests: run().evidence)
        let findings = Linter.findings(in: subject)
        let found = findings.map { finding in
            "\(URL(filePath: finding.location.file).lastPathComponent) \(finding.rule)"
        }
        #expect(found.sorted() == Self.inherent)
    }
}
