import Foundation
import PosternConfiguration
import PosternIssuer
import Testing

/// docs/issuer.md and the decoder's key lists say the same.
struct IssuerManualTests {
    private let text: String
    /// The lines below each key's title, in the part that is a reference.
    private let sections: [(title: String, lines: [Substring])]

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        text = try String(contentsOf: root.appending(path: "docs/issuer.md"), encoding: .utf8)
        let reference = try #require(text.split(separator: "\n## Reference\n").last)
        sections = reference.components(separatedBy: "\n### ").dropFirst().map { section in
            let lines = section.split(separator: "\n")
            return (String(lines.first ?? ""), Array(lines.dropFirst()))
        }
    }

    @Test func `every key has its section, in the decoder's words`() throws {
        let entries = ConfigurationReference.issuer
        #expect(sections.map(\.title).sorted() == entries.map(\.path).sorted())
        for entry in entries {
            let section = try #require(sections.first { $0.title == entry.path })
            let printed = (entry.key.defaultText ?? "none").replacing("`", with: "")
            let expected = entry.key.support == .required ? "Required." : "Default: " + printed
            #expect(section.lines.last.map(String.init)?.replacing("`", with: "") == expected, "\(entry.path)")
            #expect(section.lines.count >= 2)
        }
    }

    @Test func `the manual's example is sound`() throws {
        let folder = NSTemporaryDirectory() + "postern-issuer-manual-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let example = try #require(text.firstMatch(of: /```yaml\n(# issuer.yaml\n[\s\S]*?)```/)?.1)
        for (name, contents) in [
            ("issuer.yaml", String(example)), ("issuer.crt", "x"), ("issuer.key", "x"), ("drone.secret", "x"),
        ] {
            try contents.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder + "/" + name)
        }
        let load = TokenIssuerLoader.load(path: folder + "/issuer.yaml")
        #expect(load.diagnostics == [])
        #expect(load.configuration?.drone?.environment.map(\.name) == ["PGHOST", "PGSSLMODE"])
    }
}
