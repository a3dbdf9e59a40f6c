import Foundation
import PosternPolicy
import Testing

/// The pages in docs/lint say what the rules say. Tests/Integration/test_policy_lint.py runs their examples.
struct LintPageTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/lint")

    private func page(_ name: String) throws -> String {
        try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
    }

    @Test(arguments: Linter.rules.map(\.id))
    func `a rule has a page with the same words`(id: String) throws {
        let rule = try #require(Linter.rules.first { $0.id == id })
        let text = try page("\(rule.category)-\(rule.name).md")
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(rule.page == "docs/lint/\(rule.category)-\(rule.name).md")
        #expect(
            words.hasPrefix("# \(id) **\(rule.severity.rawValue.capitalized).** \(rule.title). ## Why \(rule.reason)")
        )
        let sections = text.split(separator: "\n").filter { $0.hasPrefix("## ") }
        #expect(sections == ["## Why", "## Bad", "## Good"])
    }

    @Test func `the index lists every rule and nothing else`() throws {
        let index = try page("README.md")
        let rows = index.split(separator: "\n").filter { $0.hasPrefix("| [") }.map(String.init)
        let wanted = Linter.rules.map {
            "| [\($0.id)](\($0.category)-\($0.name).md) | \($0.severity.rawValue) | \($0.title) |"
        }
        #expect(rows.sorted() == wanted.sorted())
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path())
        #expect(files.count == Linter.rules.count + 1)
    }

    @Test func `ids are unique and in a known category`() {
        #expect(Set(Linter.rules.map(\.id)).count == Linter.rules.count)
        let categories: Set = ["identity", "roles", "statements", "limits", "style", "testing"]
        #expect(Set(Linter.rules.map(\.category)) == categories)
    }
}
