import PosternConfiguration
import PosternCore
import Testing

/// One line per node, for comparing.
private func show(_ node: YAMLNode?) -> String {
    switch node?.content {
    case .null: "null"
    case .bool(let bool): "bool:\(bool)"
    case .number(let number): "number:\(number.text)"
    case .text(let text): "text:\(text)"
    case .sequence(let elements): "[" + elements.map(show).joined(separator: ", ") + "]"
    case .mapping(let members):
        "{" + members.map { "\($0.key)=\(show($0.value))" }.joined(separator: ", ") + "}"
    case .refused: "refused"
    case .none: "nothing"
    }
}

private func complaints(_ text: String) -> [String] {
    YAMLDocument.parse(text, file: "f").diagnostics.map { diagnostic in
        "\(diagnostic.line ?? 0):\(diagnostic.column ?? 0) \(diagnostic.message)"
    }
}

struct YAMLTests {
    @Test(arguments: [
        ("true", "bool:true"), ("false", "bool:false"), ("null", "null"), ("", "null"),
        ("1", "number:1"),
        ("-17", "number:-17"), ("1.5e-3", "number:1.5e-3"), ("0", "number:0"), ("True", "text:True"),
        ("on", "text:on"), ("yes", "text:yes"), ("0123", "text:0123"), ("0x1F", "text:0x1F"),
        ("+1", "text:+1"),
        (".5", "text:.5"), ("1.", "text:1."), ("1e", "text:1e"), ("-", "text:-"), ("~", "text:~"),
        (".inf", "text:.inf"), ("1_000", "text:1_000"), ("2026-11-21", "text:2026-11-21"),
        ("\"1\"", "text:1"),
        ("'true'", "text:true"), ("\"\"", "text:"), ("٣", "text:٣"),
    ])
    func `a plain scalar means what it looks like`(text: String, content: String) {
        let parsed = YAMLDocument.parse("k: [\(text)]".replacing("[-]", with: "\"-\""), file: "f").root
        let single = YAMLDocument.parse("k: \(text == "-" ? "'-'" : text)", file: "f").root
        if text != "", text != "-" { #expect(show(parsed) == "{k=[\(content)]}") }
        #expect(show(single) == "{k=\(content)}")
    }

    @Test func `keys are text whatever they look like`() {
        #expect(
            show(YAMLDocument.parse("{on: 1, true: 2, 12: 3, null: 4}", file: "f").root)
                == "{on=number:1, true=number:2, 12=number:3, null=number:4}"
        )
    }

    @Test func `block and flow, literal and folded text are read`() {
        let text = "a:\n  - b: |\n      two\n      lines\n  - >-\n    one\n    line\nc: {d: [1, x]}\n"
        #expect(
            show(YAMLDocument.parse(text, file: "f").root)
                == "{a=[{b=text:two\nlines\n}, text:one line], c={d=[number:1, text:x]}}"
        )
    }

    @Test(arguments: [
        ("a: &x 1", ["1:4 anchors are not supported"]),
        ("a: &x 1\nb: *x", ["1:4 anchors are not supported", "2:4 aliases are not supported"]),
        ("a: {<<: {b: 1}}", ["1:5 merge keys are not supported"]),
        ("a: !!str 1", ["1:4 tags are not supported"]),
        ("a: 1\nb: 2\na: 3\nb: 4", ["3:1 duplicate key `a`", "4:1 duplicate key `b`"]),
        ("\"a\": 1\na: 2", ["2:1 duplicate key `a`"]),
        ("[x]: 1", ["1:1 a key must be text, not a list"]),
        ("a: 1\n---\nb: 2", ["2:1 a second document begins here"]),
    ])
    func `what this language leaves out is an error in its place`(text: String, expected: [String]) {
        #expect(complaints(text) == expected)
    }

    @Test func `keys that only look alike are two keys`() {
        #expect(complaints("\u{E9}: 1\ne\u{301}: 2") == [])
    }

    @Test(arguments: [
        "a: [1", "a: 'x", "\tb: 1", "a: b: c", "- a\nb: c", "{a: 1]", "a: \u{1}", "@x", "%",
    ])
    func `a syntax error is one diagnostic with a place`(text: String) {
        let parsed = YAMLDocument.parse(text, file: "f")
        #expect(parsed.root == nil)
        #expect(parsed.diagnostics.count == 1)
    }

    @Test func `nesting is bounded`() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(complaints(nested(33)) == [])
        #expect(complaints(nested(34)) == ["1:34 nested more than 32 levels deep"])
        #expect(complaints(String(repeating: "[", count: 500_000)).count == 1)
        #expect(complaints(String(repeating: "- ", count: 500_000)).count == 1)
        #expect(complaints(String(repeating: "{a: ", count: 200_000)).count == 1)
    }

    @Test func `aliases that multiply are refused at once`() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1..<60 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        text += "? *a59\n: x\n"
        #expect(complaints(text).count == 60 + 2 * 59 + 1)
    }

    @Test func `every prefix of a configuration is read without a crash`() {
        let bytes = Array(Workspace.configuration.utf8)
        for length in 0...bytes.count {
            let parsed = YAMLDocument.parse(String(decoding: bytes[..<length], as: UTF8.self), file: "f")
            #expect(parsed.root != nil || !parsed.diagnostics.isEmpty)
        }
    }
}

struct ValueTextTests {
    @Test(arguments: [
        ("0s", Duration.zero, "0s"), ("250ms", .milliseconds(250), "250ms"),
        ("30s", .seconds(30), "30s"),
        ("90s", .seconds(90), "90s"), ("5m", .seconds(300), "5m"), ("60m", .seconds(3600), "1h"),
        ("24h", .seconds(86_400), "24h"), ("400d", .seconds(400 * 86_400), "400d"),
        ("1000ms", .seconds(1), "1s"),
    ])
    func `durations`(text: String, duration: Duration, shortest: String) {
        #expect(DurationText.parse(text) == duration)
        #expect(DurationText.print(duration) == shortest)
    }

    @Test(arguments: [
        "", "s", "30", "-1s", "+1s", "1.5h", "1 s", "30S", "1w", "1h30m", "99999999999999999999s", "٣s",
    ])
    func `no durations`(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(arguments: [
        ("0B", 0, "0B"), ("512B", 512, "512B"), ("64KiB", 65_536, "64KiB"),
        ("1024KiB", 1 << 20, "1MiB"),
        ("256MiB", 256 << 20, "256MiB"), ("1GiB", 1 << 30, "1GiB"),
    ])
    func `sizes`(text: String, bytes: Int, shortest: String) {
        #expect(SizeText.parse(text) == bytes)
        #expect(SizeText.print(bytes) == shortest)
    }

    @Test(arguments: ["", "64", "64kB", "64KB", "-1B", "1.5MiB", "9223372036854775807GiB", "KiB"])
    func `no sizes`(text: String) {
        #expect(SizeText.parse(text) == nil)
    }

    @Test(arguments: [
        ("0.0.0.0:6432", false), ("127.0.0.1:1", true), ("127.1.2.3:1", true), ("localhost:5432", true),
        ("[::1]:5432", true), ("[2001:db8::1]:65535", false), ("db1.internal:5432", false),
        ("my_db-1:0", false), ("unix:/run/x.sock", true), ("[::ffff:127.0.0.1]:1", false),
    ])
    func `endpoints print as they were written`(text: String, isLocal: Bool) throws {
        let endpoint = try Endpoint(text)
        #expect(endpoint.description == text)
        #expect(endpoint.isLocal == isLocal)
    }

    @Test(arguments: [
        "", "db", "db:", ":5432", "db:65536", "db:-1", "db:5x", "::1:5432", "[::1]", "[::g]:1",
        "300.1.1.1:1",
        "1.2.3:1", "127.1:1", "a..b:1", "-a:1", "a b:1", "unix:relative", "unix:", "a/b:1", "db:٣",
        "localhost.evil/127.0.0.1:1", "[127.0.0.1]:1",
    ])
    func `no endpoints`(text: String) {
        #expect(throws: Endpoint.Invalid.self) { try Endpoint(text) }
    }

    @Test func `a socket's path fits sun_path`() {
        let longest = "unix:/" + String(repeating: "x", count: 106)
        #expect(throws: Never.self) { try Endpoint(longest) }
        #expect(throws: Endpoint.Invalid.self) { try Endpoint(longest + "x") }
    }
}
