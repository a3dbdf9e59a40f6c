import PosternCore
import PosternPolicy
import Testing

struct LintReportTests {
    private static let finding = LintFinding(
        rule: "style/description",
        severity: .warning,
        location: SourceLocation(file: "policies/a,b: c.yaml", line: 3, column: 7),
        message: "100 % of `x`,\nno: more",
        hint: "do it"
    )

    @Test func `workflow commands escape what would end them`() {
        #expect(
            GitHubReport.text([Self.finding])
                == "::warning file=policies/a%2Cb%3A c.yaml,line=3,col=7,title=style/description"
                + "::100 %25 of `x`,%0Ano: more%0Ahint: do it\n"
        )
    }

    @Test func `SARIF names the rule, the place and every other rule`() throws {
        let json = SARIFReport.json([Self.finding], of: Linter.tool, version: "1.2.3")
        let run = try #require(json.objectValue?["runs"]?.arrayValue?.first?.objectValue)
        let driver = try #require(run["tool"]?.objectValue?["driver"]?.objectValue)
        let rules = try #require(driver["rules"]?.arrayValue)
        #expect(rules.count == Linter.rules.count)
        let result = try #require(run["results"]?.arrayValue?.first?.objectValue)
        let index = try #require(result["ruleIndex"]?.numberValue?.integer)
        #expect(rules[Int(index)].objectValue?["id"] == .string("style/description"))
        let place = result["locations"]?.arrayValue?.first?.objectValue?["physicalLocation"]?.objectValue
        #expect(place?["artifactLocation"]?.objectValue?["uri"] == .string("policies/a%2Cb%3A%20c.yaml"))
        #expect(place?["region"]?.objectValue?["startColumn"] == .number(JSONNumber(7)))
    }

    @Test func `SARIF knows what the loader reports`() throws {
        let load = LintFinding(
            rule: "load/policy",
            severity: .error,
            location: SourceLocation(file: "/etc/p.yaml", line: 1, column: 1),
            message: "m"
        )
        let run = try #require(
            SARIFReport.json([load], of: Linter.tool, version: "1").objectValue?["runs"]?.arrayValue?.first?.objectValue
        )
        let rules = try #require(run["tool"]?.objectValue?["driver"]?.objectValue?["rules"]?.arrayValue)
        #expect(rules.last?.objectValue?["id"] == .string("load/policy"))
    }
}
