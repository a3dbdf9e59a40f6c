import Foundation
import PosternSQL
import Testing

@Suite("Classification of the parse tree")
struct ClassificationTests {
    @Test func `every node and field of the schema is classified`() {
        #expect(Classification.shared.missing == [])
    }

    @Test func `the classification names nothing that the schema has not`() {
        #expect(Classification.shared.mistakes == [])
    }

    @Test func `a node, a field and a word that are not classified are found`() {
        let short = Classification(nodes: "Alias h: aliasname x: p: aliasname\nNothing p: at", unexpected: "Alias Var")
        #expect(short.mistakes == ["Alias x:", "Alias aliasname", "Nothing p: at", "Alias"])
        #expect(short.missing.contains("Alias.colnames"))
        #expect(short.missing.contains("SelectStmt.targetList"))
        #expect(!short.missing.contains("Var.varno"))
    }

    @Test func `the schema is that of the installed library`() throws {
        let sources = URL(filePath: #filePath).appending(path: "../../../Sources/PosternSQL/Tree").standardizedFileURL
        let files = FileManager.default
        let written = files.temporaryDirectory.appending(path: "postern-schema-\(UUID().uuidString)")
        try files.createDirectory(at: written, withIntermediateDirectories: true)
        defer { try? files.removeItem(at: written) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", sources.appending(path: "generate.py").path(), written.path()]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        for name in ["NodeType.swift", "Field.swift", "Schema.swift"] {
            let checkedIn = try Data(contentsOf: sources.appending(path: name))
            #expect(try Data(contentsOf: written.appending(path: name)) == checkedIn, "\(name)")
        }
    }
}
