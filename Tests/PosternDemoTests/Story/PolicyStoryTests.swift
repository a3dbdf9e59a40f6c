import PosternDemo
import Testing

struct PolicyStoryTests {
    private static let configuration = """
        gateway: {name: story}
        listeners: [{address: "127.0.0.1:6432", tls: {certificate: none.crt, key: none.key}}]
        issuers:
          ci: {profile: generic, issuer: "https://ci.example.com", audience: story, trust: all}
        databases:
          orders:
            hosts: ["127.0.0.1:5432"]
            dbname: orders
            tls: {mode: disable}
            logins: {app: {password: {env: NONE}}}
        policies: policies/
        audit: {directory: journal}

        """

    private static let policy = """
        roles:
          app:
            database: orders
            login: app
            who: [{issuer: ci, claims: {ref: refs/heads/main}}]
            rules:
              - {id: look, allow: read, on: [public.orders]}
              - {id: keep, deny: DROP TABLE, message: keep it}

        """

    private func write(to folder: DemoFolder) throws {
        try Files.writePrivate(Self.configuration, to: folder.file("postern.yaml"))
        try Files.makeFolder(folder.file("policies"))
        try Files.writePrivate(Self.policy, to: folder.file("policies/app.yaml"))
    }

    @Test func `a denied statement is explained rule by rule, with files as seen from the folder`() async throws {
        try await withFolder { folder in
            try write(to: folder)
            let text = try await PolicyStory(folder: folder.path).explain("drop table orders", role: "app")
            #expect(
                text.hasPrefix("role app: deny\n  42501 permission denied by policy: DROP TABLE on public.orders\n")
            )
            #expect(text.contains("rule keep at policies/app.yaml:8 denies"))
            #expect(text.contains("hint: keep it"))
            #expect(text.contains("allow look  policies/app.yaml:7  does not match"))
            #expect(!text.contains(folder.path))
        }
    }

    @Test func `an allowed statement is explained as allowed`() async throws {
        try await withFolder { folder in
            try write(to: folder)
            let text = try await PolicyStory(folder: folder.path).explain("select * from orders", role: "app")
            #expect(text.hasPrefix("role app: allow\n"))
        }
    }

    @Test func `a role that is not there is an error`() async throws {
        try await withFolder { folder in
            try write(to: folder)
            await #expect(throws: DemoError.self) {
                try await PolicyStory(folder: folder.path).explain("select 1", role: "nobody")
            }
        }
    }
}
