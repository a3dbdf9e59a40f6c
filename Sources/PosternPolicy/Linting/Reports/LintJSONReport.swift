package import PosternCore

/// Findings for programs.
package enum LintJSONReport {
    /// `{findings: [{rule, severity, file, line, column, message, hint, page}], errors, warnings}`.
    package static func json(_ findings: [LintFinding], of tool: LintTool) -> JSONValue {
        let pages = Dictionary(uniqueKeysWithValues: tool.rules.map { ($0.id, $0.page) })
        var report = JSONObject()
        report.append(
            "findings",
            .array(
                findings.map { finding in
                    var object = JSONObject()
                    object.append("rule", .string(finding.rule))
                    object.append("severity", .string(finding.severity.rawValue))
                    object.append("file", .string(finding.location.file))
                    object.append("line", .number(JSONNumber(finding.location.line)))
                    object.append("column", .number(JSONNumber(finding.location.column)))
                    object.append("message", .string(finding.message))
                    if let hint = finding.hint { object.append("hint", .string(hint)) }
                    if let page = pages[finding.rule] { object.append("page", .string(page)) }
                    return .object(object)
                }
            )
        )
        report.append("errors", .number(JSONNumber(findings.count { $0.severity == .error })))
        report.append("warnings", .number(JSONNumber(findings.count { $0.severity == .warning })))
        return .object(report)
    }
}
