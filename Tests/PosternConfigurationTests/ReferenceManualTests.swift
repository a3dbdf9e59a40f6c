import Foundation
import PosternConfiguration
import PosternPolicy
import Testing

/// docs/configuration.md and the decoders' key lists say the same.
struct ReferenceManualTests {
    private struct Section {
        var title: String
        var lines: [Substring] = []
    }

    private let text: String
    private let sections: [Section]

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        text = try String(contentsOf: root.appending(path: "docs/configuration.md"), encoding: .utf8)
        var sections: [Section] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("### ") {
                sections.append(Section(title: String(line.dropFirst(4))))
            } else if line.hasPrefix("## ") {
                sections.append(Section(title: String(line)))
            } else if !sections.isEmpty {
                sections[sections.count - 1].lines.append(line)
            }
        }
        self.sections = sections
    }

    private var entries: [ConfigurationReference.Entry] {
        ConfigurationReference.configuration + ConfigurationReference.policies
            + ConfigurationReference.tests
    }

    @Test func `every key has its section and every section its key`() {
        let titles = sections.map(\.title).filter { !$0.hasPrefix("## ") }
        #expect(titles.count == Set(titles).count)
        let known = entries.map(\.path)
        #expect(Set(known).subtracting(titles) == [])
        #expect(Set(titles).subtracting(known) == [])
    }

    @Test func `every default in the manual is the code's`() throws {
        for entry in entries {
            let section = try #require(sections.first { $0.title == entry.path }, "\(entry.path)")
            #expect(section.lines.count >= 2, "\(entry.path) has no prose")
            let last = (section.lines.last ?? "").replacing("`", with: "")
            let expected: String
            switch entry.key.support {
            case .required: expected = "Required."
            case .optional:
                expected = "Default: " + (entry.key.defaultText ?? "none").replacing("`", with: "")
            }
            #expect(last == expected, "\(entry.path)")
        }
    }

    @Test func `the manual's example is sound`() throws {
        let blocks = text.matches(of: /```yaml\n([\s\S]*?)```/).map { String($0.1) }
        try #require(blocks.count == 2)
        let workspace = try Workspace(configuration: blocks[0], policies: ["orders.yaml": blocks[1]])
        let result = workspace.load()
        #expect(result.diagnostics == [])
        #expect(result.snapshot?.policies.roles.map(\.name) == ["orders_migrator"])
    }
}
