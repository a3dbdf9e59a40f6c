import PosternDeployLint
import PosternPolicy
import Testing

struct DeployYAMLTests {
    private func problems(_ text: String) -> [String] {
        DeployFile(path: "compose.yaml", contents: Array(text.utf8), kind: nil)?.problems.map {
            "\($0.location.line):\($0.location.column) \($0.message)"
        } ?? []
    }

    @Test(arguments: [
        ("a: [", "2:1 did not find expected node content while parsing a flow node"),
        ("a: *b", "1:4 there is no anchor `&b` before this alias"),
        ("a: &b [*b]", "1:8 `*b` stands inside of itself"),
        ("a: {<<: 5}", "1:5 `<<` takes a mapping or a list of mappings"),
        ("a: 1\na: 2", "2:1 duplicate key `a`"),
        ("\ta: 1", "1:1 found character that cannot start any token while scanning for the next token"),
    ])
    func `what is no YAML has a place`(text: String, wanted: String) {
        #expect(problems(text).first?.hasPrefix(wanted.prefix(40)) == true, "\(problems(text))")
    }

    @Test func `aliases of aliases are counted as what they stand for`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let alias = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(alias)]\n"
        }
        #expect(problems(text).count == 1)
        #expect(problems(text)[0].contains("more than 100000 values"))
    }

    @Test func `a tree is as deep as its aliases make it`() {
        var text = "a0: &a0 [x]\n"
        for level in 1...60 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
        #expect(problems(text).first?.contains("levels deep") == true)
        #expect(problems(String(repeating: "[", count: 100)).first?.contains("levels deep") == true)
    }

    @Test func `documents are counted`() {
        #expect(problems(String(repeating: "---\na\n", count: 101)).first?.contains("documents") == true)
        #expect(problems("---\na\n---\nb\n") == [])
    }

    @Test func `merged keys come after the mapping's own, and keep their place`() {
        let text = """
            x-base: &base
              image: postgres:latest
              volumes: [/var/lib/postgresql]
            services:
              one: {<<: *base, image: "postgres:17.5", volumes: ["db-data:/var/lib/postgresql/data"]}
              two: {<<: [*base, {image: "postgres:18.1"}]}
            name: shop
            volumes: {db-data: }
            """
        #expect(findings(["compose.yaml": text]) == ["2:10 images/floating-tag", "3:13 data/anonymous-volume"])
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            String(repeating: "${A:-", count: 100_000), String(repeating: "postgres://{", count: 50_000),
            String(repeating: "a://b:c@d ", count: 50_000), String(repeating: "${{ secrets", count: 50_000),
            String(repeating: "://", count: 200_000),
        ]
    )
    func `long values take no long time`(value: String) {
        let text = """
            name: shop
            services:
              db:
                image: "\(value)"
                volumes: ["\(value):/var/lib/postgresql/data"]
                environment: {DATABASE_URL: "\(value)", POSTGRES_PASSWORD: "\(value)"}
            """
        _ = findings(["compose.yaml": text])
        let block = "on: push\njobs: {a: {steps: [run: \"\(value)\"]}}\n"
        _ = findings([".github/workflows/a.yml": block])
    }

    @Test(.timeLimit(.minutes(1)))
    func `many entries take no long time`() {
        let names = (0..<20_000).map { "      N\($0): x" }.joined(separator: "\n")
        let volumes = (0..<20_000).map { "      - v\($0):/v\($0)" }.joined(separator: "\n")
        let text = "services:\n  a:\n    image: x\n    environment:\n\(names)\n    volumes:\n\(volumes)\n"
        #expect(findings(["compose.yaml": text]).count == 20_000)
        let urls = (0..<10_000).map { "        psql postgres://a:b@c\($0)/d" }.joined(separator: "\n")
        let script = "a:\n  script:\n    - |\n\(urls)\n"
        #expect(findings([".gitlab-ci.yml": script]).count == 10_000)
    }

    @Test func `a byte that is no text is a problem, not a crash`() {
        for contents: [UInt8] in [[0xff, 0xfe], [0x00], [], [0xef, 0xbb, 0xbf], Array("a: \u{0}".utf8)] {
            let file = DeployFile(path: "compose.yaml", contents: contents, kind: nil)
            #expect(file != nil)
        }
    }
}
