import Foundation
import PosternConfiguration

/// A folder with a sound configuration, made for one test and gone with it.
final class Workspace: Sendable {
    static let configuration = """
        gateway: {name: gw-1}
        listeners:
          - {address: "127.0.0.1:6432"}
        issuers:
          ci: {profile: generic, issuer: "https://ci.example.com", audience: postern.example.com}
        databases:
          orders:
            hosts: [db.internal:5432]
            logins: {migrator: {password: {file: secret}}}
        policies: policies/
        audit: {directory: journal}
        """
    static let policy = """
        roles:
          migrator:
            database: orders
            login: migrator
            who:
              - {issuer: ci, claims: {ref: refs/heads/main}}
            rules: unrestricted
        """

    let path: String

    init(
        configuration: String = Workspace.configuration,
        policies: [String: String] = ["a.yaml": Workspace.policy]
    )
        throws
    {
        path = NSTemporaryDirectory() + "postern-configuration-" + UUID().uuidString
        try write("postern.yaml", configuration)
        for name in ["gateway.crt", "gateway.key", "db-ca.crt", "secret", "secrets/orders_migrator"] {
            try write(name, "x")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600],
                ofItemAtPath: path + "/" + name
            )
        }
        for (name, contents) in policies { try write("policies/" + name, contents) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ contents: String) throws {
        let file = path + "/" + name
        let folder = (file as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try contents.write(toFile: file, atomically: true, encoding: .utf8)
    }

    func load() -> LoadResult { ConfigurationLoader.load(path: path + "/postern.yaml") }

    /// The diagnostics as `line:column message`, files shown only when they are not the configuration.
    func complaints(_ severity: Diagnostic.Severity = .error) -> [String] {
        load().diagnostics.filter { $0.severity == severity }.map { diagnostic in
            let file =
                diagnostic.file.hasSuffix("/postern.yaml")
                ? "" : String(diagnostic.file.dropFirst(path.count + 1)) + ":"
            let place = diagnostic.line.map { "\($0):\(diagnostic.column ?? 0) " } ?? ""
            return file + place + diagnostic.message
        }
    }
}
