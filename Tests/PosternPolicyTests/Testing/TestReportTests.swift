import Foundation
import PosternCore
import PosternPolicy
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

struct TestReportTests {
    private static let report = RunnerFixture.run([
        RunnerFixture.test("read", .allow, name: "main reads"),
        RunnerFixture.test("read", .deny, name: "a <b> & \"c\"\n"),
        RunnerFixture.test("no sql", .allow, name: "not SQL"),
    ])

    @Test func `for people a line each, and the sum`() throws {
        let roles = [RunnerFixture.role()]
        let text = PrettyTestReport.text(Self.report, coverage: PolicyCoverage(of: Self.report, roles: roles))
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.first == "policies/p_test.yaml:")
        #expect(lines.contains("main reads: PASS (12µs)"))
        #expect(lines.contains("    at policies/p_test.yaml:4"))
        #expect(lines.contains("    expected: deny") && lines.contains("    decided:  allow by rule `read`"))
        #expect(lines.contains("not SQL: ERROR (12µs)"))
        #expect(lines.contains("PASS: 1/3 FAIL: 1/3 ERROR: 1/3"))
        #expect(lines.contains("coverage: 50.0% (1 of 2 rules)"))
        #expect(lines.last == "    policies/p.yaml:8: rule `no-delete` of role `r` decided no test")
        #expect(text.contains("a <b> & \"c\"\\u{a}: FAIL"))
    }

    @Test func `for programs every result with its place`() throws {
        let json = try #require(JSONTestReport.json(Self.report, coverage: nil).objectValue)
        #expect(json["passed"] == .number(JSONNumber(1)) && json["errors"] == .number(JSONNumber(1)))
        let tests = try #require(json["tests"]?.arrayValue).compactMap(\.objectValue)
        #expect(tests.map { $0["result"] } == [.string("pass"), .string("fail"), .string("error")])
        #expect(tests[1]["decided"] == .string("allow by rule `read`"))
        #expect(tests[0]["duration_us"] == .number(JSONNumber(12)))
        #expect(json["coverage"] == nil)
    }

    @Test func `for CI systems well-formed XML whose names come back whole`() throws {
        let collector = Collector()
        let parser = XMLParser(data: Data(JUnitReport.text(Self.report).utf8))
        parser.delegate = collector
        #expect(parser.parse())
        #expect(collector.names == ["main reads", "a <b> & \"c\"\n", "not SQL"])
        #expect(collector.elements["failure"] == 1 && collector.elements["error"] == 1)
        #expect(collector.suite["tests"] == "3" && collector.suite["failures"] == "1")
        #expect(collector.suite["time"] == "0.000036")
    }

    private final class Collector: NSObject, XMLParserDelegate {
        var names: [String] = []
        var elements: [String: Int] = [:]
        var suite: [String: String] = [:]

        func parser(
            _ parser: XMLParser,
            didStartElement name: String,
            namespaceURI: String?,
            qualifiedName: String?,
            attributes: [String: String]
        ) {
            elements[name, default: 0] += 1
            if name == "testcase", let test = attributes["name"] { names.append(test) }
            if name == "testsuite" { suite = attributes }
        }
    }
}
