package import PosternCore

/// Findings in the Static Analysis Results Interchange Format, OASIS Standard 2.1.0, for code scanning.
package enum SARIFReport {
    /// - Parameter version: Postern's own.
    package static func json(_ findings: [LintFinding], of tool: LintTool, version: String) -> JSONValue {
        let known = Set(tool.rules.map(\.id))
        // What the loader reports has ids as well, and no page.
        let others = Set(findings.map(\.rule)).subtracting(known).sorted()
        let rules = tool.rules.map(rule) + others.map(loadRule)
        let indices = Dictionary(
            uniqueKeysWithValues: (tool.rules.map(\.id) + others).enumerated().map { ($1, $0) }
        )
        let driver = object([
            ("name", .string(tool.name)), ("semanticVersion", .string(version)), ("rules", .array(rules)),
        ])
        let run = object([
            ("tool", object([("driver", driver)])), ("columnKind", .string("unicodeCodePoints")),
            ("results", .array(findings.map { result($0, index: indices[$0.rule] ?? -1) })),
        ])
        return object([
            (
                "$schema",
                .string("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json")
            ),
            ("version", .string("2.1.0")), ("runs", .array([run])),
        ])
    }

    private static func rule(_ rule: LintRuleText) -> JSONValue {
        object([
            ("id", .string(rule.id)), ("shortDescription", text(rule.title + ".")),
            ("fullDescription", text(rule.reason)),
            // `helpUri` must be absolute (3.49.12), and only the reader knows where the documentation is served.
            ("help", text("\(rule.reason) Examples: \(rule.page)")),
            ("defaultConfiguration", object([("level", .string(rule.severity.rawValue))])),
            ("properties", object([("tags", .array([.string(rule.category)]))])),
        ])
    }

    private static func loadRule(_ id: String) -> JSONValue {
        object([("id", .string(id)), ("shortDescription", text("The file cannot be loaded as it is."))])
    }

    private static func result(_ finding: LintFinding, index: Int) -> JSONValue {
        let region = object([
            ("startLine", .number(JSONNumber(finding.location.line))),
            ("startColumn", .number(JSONNumber(finding.location.column))),
        ])
        let place = object([
            ("artifactLocation", object([("uri", .string(uri(finding.location.file)))])), ("region", region),
        ])
        return object([
            ("ruleId", .string(finding.rule)), ("ruleIndex", .number(JSONNumber(index))),
            ("level", .string(finding.severity.rawValue)),
            ("message", text(finding.message + (finding.hint.map { "; \($0)" } ?? ""))),
            ("locations", .array([object([("physicalLocation", place)])])),
        ])
    }

    private static func text(_ text: String) -> JSONValue { object([("text", .string(text))]) }

    private static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        var object = JSONObject()
        for (name, value) in members { object.append(name, value) }
        return .object(object)
    }

    /// A path as a URI reference (RFC 3986): everything but unreserved characters and `/` is escaped.
    private static func uri(_ path: String) -> String {
        var escaped = path.hasPrefix("/") ? "file://" : ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default: escaped += "%" + Hex.encode([byte]).uppercased()
            }
        }
        return escaped
    }
}
