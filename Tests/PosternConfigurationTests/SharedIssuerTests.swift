import PosternConfiguration
import Testing

struct SharedIssuerTests {
    private func complaints(issuer: String, claims: String) throws -> [String] {
        try Workspace(
            configuration: Workspace.configuration.replacing("https://ci.example.com", with: issuer),
            policies: ["a.yaml": Workspace.policy.replacing("{ref: refs/heads/main}", with: claims)]
        ).complaints()
    }

    @Test(arguments: [
        (
            "https://token.actions.githubusercontent.com",
            "{repository: acme/orders, ref: refs/heads/main}"
        ),
        ("https://token.actions.githubusercontent.com", "{repository_id: {glob: '12*'}}"),
        ("https://token.actions.githubusercontent.com", "{repository_id: ['12', {glob: '13*'}]}"),
        (
            "https://token.actions.githubusercontent.com/acme",
            "{sub: 'repo:acme/orders:ref:refs/heads/main'}"
        ),
        ("https://GitLab.com", "{project_path: acme/orders}"),
        ("https://agent.buildkite.com", "{organization_slug: acme}"),
        ("https://accounts.google.com", "{email: ci@example.com}"),
    ])
    func `a shared issuer without a tenant claim is refused`(issuer: String, claims: String) throws {
        let found = try complaints(issuer: issuer, claims: claims)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("policies/a.yaml:6:18 anybody at ") == true, "\(found)")
    }

    @Test(arguments: [
        ("https://token.actions.githubusercontent.com", "{repository_id: '12'}"),
        (
            "https://token.actions.githubusercontent.com",
            "{repository_owner_id: ['12', '13'], ref: {glob: 'refs/*'}}"
        ),
        ("https://gitlab.com", "{namespace_id: '72'}"),
        ("https://gitlab.example.com", "{project_path: acme/orders}"),
        ("https://agent.buildkite.com", "{pipeline_id: abc}"),
        ("https://accounts.google.com", "{sub: '12'}"),
        ("https://gitlab.com.example.com", "{project_path: acme/orders}"),
    ])
    func `a tenant's id or an issuer of one's own is enough`(issuer: String, claims: String) throws {
        #expect(try complaints(issuer: issuer, claims: claims) == [])
    }
}
