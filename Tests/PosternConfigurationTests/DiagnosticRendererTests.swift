import PosternConfiguration
import PosternCore
import PosternPolicy
import Testing

struct DiagnosticRendererTests {
    private let place = SourceLocation(file: "f.yaml", line: 2, column: 3)

    private func pretty(_ diagnostics: [Diagnostic], _ source: String) -> String {
        DiagnosticRenderer.pretty(diagnostics) { $0 == "f.yaml" ? Array(source.utf8) : nil }
    }

    @Test func `a diagnostic has place, line, caret and hint`() {
        let text = pretty([Diagnostic(.error, at: place, "bad `x`", hint: "be good")], "one\n  x: 1\n")
        #expect(text == "f.yaml:2:3: error: bad `x`\n      x: 1\n      ^\nhint: be good\n")
    }

    @Test func `a place outside the file or a file without text leaves the line out`() {
        #expect(pretty([Diagnostic(.warning, at: place, "odd")], "one") == "f.yaml:2:3: warning: odd\n")
        #expect(pretty([Diagnostic(.warning, file: "g", "odd")], "one") == "g: warning: odd\n")
    }

    @Test func `a line that may hold a secret is shown by no diagnostic`() {
        let diagnostics = [
            Diagnostic(.error, at: place, "bad"),
            Diagnostic(.error, at: place, "secret", hidesSource: true),
        ]
        #expect(!pretty(diagnostics, "one\n  hunter2\n").contains("hunter2"))
    }

    @Test(arguments: [
        ("{password: {file: secret}}", "{password: hunter2}"),
        ("{password: {file: secret}}", "hunter2"),
        ("{password: {file: secret}}", "{password: {value: hunter2}}"),
        ("{password: {file: secret}}", "{pasword: hunter2}"), ("com}", "com, authorization: hunter2}"),
        ("com}", "com, proxy: \"http://me:hunter2@proxy:3128\"}"),
    ])
    func `a secret that stands in the configuration is not printed`(old: String, new: String) throws {
        try #require(Workspace.configuration.contains(old))
        let workspace = try Workspace(configuration: Workspace.configuration.replacing(old, with: new))
        let diagnostics = workspace.load().diagnostics
        #expect(diagnostics.contains { $0.severity == .error })
        #expect(!DiagnosticRenderer.pretty(diagnostics).contains("hunter2"))
        #expect(!DiagnosticRenderer.json(diagnostics).text.contains("hunter2"))
    }

    @Test func `a long line is cut around the caret`() {
        let line = String(repeating: "a", count: 5000) + "X" + String(repeating: "b", count: 5000)
        let far = SourceLocation(file: "f.yaml", line: 1, column: 5001)
        let lines = pretty([Diagnostic(.error, at: far, "bad")], line).split(separator: "\n")
        #expect(lines[1].count <= 104)
        let column = lines[2].distance(
            from: lines[2].startIndex,
            to: lines[2].firstIndex(of: "^") ?? lines[2].endIndex
        )
        #expect(Array(lines[1])[column] == "X")
    }

    @Test func `what could steer a terminal is not printed`() {
        let text = pretty(
            [Diagnostic(.error, at: place, "bad `\u{1B}[2J`", hint: "\u{202E}x")],
            "a\n  \u{1B}]0;x\u{7}\n"
        )
        #expect(!text.contains("\u{1B}") && !text.contains("\u{7}") && !text.contains("\u{202E}"))
    }

    @Test func `JSON has the members that are there`() {
        let diagnostics = [
            Diagnostic(.error, at: place, "bad", hint: "h"), Diagnostic(.warning, file: "g", "odd"),
        ]
        #expect(
            DiagnosticRenderer.json(diagnostics).text
                == #"[{"severity":"error","file":"f.yaml","line":2,"column":3,"message":"bad","hint":"h"},"#
                + #"{"severity":"warning","file":"g","message":"odd"}]"#
        )
    }
}
