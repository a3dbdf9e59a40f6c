import Foundation
import PosternSQL
import Testing

/// A block of a fixture: SQL, and the lines that its facts are expected to be.
struct FactsCase: Sendable, CustomTestStringConvertible {
    let sql: String
    let expected: [String]
    let withNames: Bool

    var testDescription: String { sql }

    var found: [String] {
        do throws(AnalysisError) {
            return FactsNotation(withNames: withNames).lines(try SQLAnalyzer.analyze(Array(sql.utf8)))
        } catch {
            return ["error \(error)"]
        }
    }

    /// All cases of a file in Fixtures: blocks between empty lines, `#` before comments.
    static func read(_ file: String) -> [FactsCase] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        let text = (try? String(contentsOf: folder.appending(path: file + ".txt"), encoding: .utf8)) ?? ""
        return text.components(separatedBy: "\n\n").compactMap { block in
            let lines = block.split(separator: "\n").filter { !$0.hasPrefix("#") }
            let sql = lines.prefix { !$0.hasPrefix("=>") && !$0.hasPrefix("error ") }
            guard !sql.isEmpty else { return nil }
            return FactsCase(
                sql: sql.joined(separator: "\n"),
                expected: lines.dropFirst(sql.count).map(String.init),
                withNames: file == "names"
            )
        }
    }
}

@Suite("Facts")
struct FactsTests {
    @Test(arguments: ["queries", "changes", "session", "definitions", "roles", "readings", "tricks", "names"])
    func `facts are as the fixture says`(file: String) {
        let cases = FactsCase.read(file)
        #expect(cases.count > 10, "\(file) is missing or short")
        for one in cases { #expect(one.found == one.expected, "\(one.sql)") }
    }

    @Test func `accesses are named once`() throws {
        let text = try SQLAnalyzer.analyze(Array("select f(a), f(b) from t, t as u, (select f(1) from t) v".utf8))
        let accesses = try #require(text.statements.first).accesses
        #expect(Set(accesses).count == accesses.count)
        #expect(accesses.count == 2)
    }

    @Test(arguments: [
        (
            "select 'é'; delete from t where a = 1 ;\n-- end\n update t set a = 2",
            [
                "select 'é'", "delete from t where a = 1", "update t set a = 2",
            ]
        ),
        (
            " \t\r\n/* a /* b */ */ select 1 -- one\n ; -- two;\n\nselect /* c */ 2 /* d */",
            [
                "select 1", "select /* c */ 2",
            ]
        ),
        (";; select ';' /* ; */ ;;", ["select ';'"]),
        ("select $$ -- a $$ -- b", ["select $$ -- a $$"]),
        (
            "create function f() returns int begin atomic select 1; end; select 2",
            [
                "create function f() returns int begin atomic select 1; end", "select 2",
            ]
        ),
    ])
    func `statements stand from their first word to their last`(sql: String, expected: [String]) throws {
        let text = try SQLAnalyzer.analyze(Array(sql.utf8))
        let parts = text.statements.map { String(decoding: Array(sql.utf8)[$0.range], as: UTF8.self) }
        #expect(parts == expected)
    }

    @Test func `a text without statements has none`() throws {
        for sql in ["", " \n", ";", ";;;", "-- x", "/* /* */ */"] {
            #expect(
                try SQLAnalyzer.analyze(Array(sql.utf8)) == AnalyzedText(statements: [], otherReading: nil),
                "\(sql)"
            )
        }
    }

    @Test func `what is no text is refused before it is parsed`() {
        let texts: [[UInt8]] = [
            Array("select 1".utf8) + [0],
            Array("select 1\0; drop table t".utf8),
            Array("select '".utf8) + [0xC0, 0xA7] + Array("'".utf8),
            [0xED, 0xA0, 0x80], [0xFF], [0xF5, 0x80, 0x80, 0x80], [0x80],
            Array("select '".utf8) + [0x95, 0x5C] + Array("'".utf8),
        ]
        for text in texts {
            #expect(throws: AnalysisError.notText) { try SQLAnalyzer.analyze(text) }
        }
    }

    @Test func `a name of more than 63 bytes is cut as the server cuts it`() throws {
        let long = String(repeating: "é", count: 40)
        let text = try SQLAnalyzer.analyze(Array("select * from \"\(long)\"".utf8))
        let name = try #require(text.statements.first?.accesses.first?.object).name
        #expect(name == ObjectName(Identifier(String(repeating: "é", count: 31))))
    }

    @Test func `a setting of the parser's thread does not outlive a text`() throws {
        // The second reading ends in a syntax error; the next text is read as ever.
        _ = try SQLAnalyzer.analyze(Array("select 'x\\' from t".utf8))
        let text = try SQLAnalyzer.analyze(Array("select '\\' as a, '; drop table t; --'".utf8))
        #expect(text.statements.count == 1)
        #expect(text.otherReading?.count == 2)
    }
}
