import Foundation
import PosternSQL
import Testing

/// docs/statements.md against the lists themselves.
struct BuiltinDocumentTests {
    @Test func `the manual prints every tag under its class`() throws {
        let rows = StatementClass.allCases.map { statementClass in
            let tags = CommandTag.allCases.filter { $0.statementClass == statementClass }
            let covered = quoted(tags.filter { !$0.isOnlyByName }.map(\.rawValue))
            let byName = quoted(tags.filter(\.isOnlyByName).map(\.rawValue))
            return "| \(statementClass.rawValue) | \(covered) \(byName)"
        }
        #expect(try table("tags", "end of tags") == rows)
    }

    @Test func `the manual prints every restricted function with its reason`() throws {
        let rows = FunctionHazard.allCases.filter { !$0.functions.isEmpty }.map {
            "| \($0.reason) | " + quoted($0.functions.map(\.text))
        }
        #expect(try table("functions: made by generate.py", "end of functions") == rows)
    }

    @Test func `the manual prints every relation of the catalogue`() throws {
        let catalog = rows(BuiltinRelations.readableInCatalog, \.catalogRelations)
        #expect(try table("pg_catalog: made by generate.py", "end of pg_catalog") == catalog)
        let information = rows(BuiltinRelations.readableInInformationSchema, \.informationSchemaRelations)
        #expect(try table("information_schema: made by generate.py", "end of information_schema") == information)
    }

    @Test func `the manual prints every setting`() throws {
        for (section, groups) in [
            ("free settings", SettingGroup.free), ("restricted settings", SettingGroup.restricted),
        ] {
            let rows = groups.map { "| \($0.reason) | " + quoted($0.identifiers.map(\.text)) }
            #expect(try table(section, "end of \(section)") == rows)
        }
    }

    @Test func `every setting that the manual says a tool sends is free or judged by its value`() throws {
        let text = try manual()
        let tools = try #require(text.range(of: "| Tool | Settings |"))
        let own: Set<String> = ["client_encoding", "search_path", "standard_conforming_strings"]
        let free = Set(SettingGroup.free.flatMap(\.identifiers).map(\.text))
        let names = text[tools.upperBound...].split(separator: "`", omittingEmptySubsequences: false)
            .enumerated().filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
        #expect(names.count > 40)
        for name in names { #expect(own.contains(name) || free.contains(name), "\(name)") }
    }

    private func rows(_ readable: [Identifier], _ restricted: (RelationHazard) -> [Identifier]) -> [String] {
        ["| may be read | " + quoted(readable.map(\.text))]
            + RelationHazard.allCases.filter { !restricted($0).isEmpty }.map {
                "| \($0.reason) | " + quoted(restricted($0).map(\.text))
            }
    }

    /// The cells of names, with the bar that ends them.
    private func quoted(_ names: [String]) -> String {
        let cell = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { "`\($0)`" }
        return cell.isEmpty ? "|" : cell.joined(separator: " ") + " |"
    }

    /// The rows between two marks, without the two of the heading.
    private func table(_ start: String, _ end: String) throws -> [String] {
        let lines = try manual().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let first = try #require(lines.firstIndex(of: "<!-- \(start) -->"))
        let last = try #require(lines.firstIndex(of: "<!-- \(end) -->"))
        return Array(lines[first + 1..<last].dropFirst(2))
    }

    private func manual() throws -> String {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: tests.appending(path: "../docs/statements.md"), encoding: .utf8)
    }
}
