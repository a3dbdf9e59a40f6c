package import PosternCore

/// Results for programs.
package enum JSONTestReport {
    /// `{tests: […], passed, failed, errors, coverage?}`.
    package static func json(_ report: PolicyTestReport, coverage: PolicyCoverage?) -> JSONValue {
        var object = JSONObject()
        object.append("tests", .array(report.results.map(test)))
        object.append("passed", .number(JSONNumber(report.passed)))
        object.append("failed", .number(JSONNumber(report.failed)))
        object.append("errors", .number(JSONNumber(report.errors)))
        if let coverage { object.append("coverage", self.coverage(coverage)) }
        return .object(object)
    }

    private static func test(_ result: PolicyTestResult) -> JSONValue {
        var object = JSONObject()
        object.append("name", .string(result.test.name))
        object.append("role", .string(result.test.role))
        object.append("file", .string(result.test.location.file))
        object.append("line", .number(JSONNumber(result.test.location.line)))
        object.append("column", .number(JSONNumber(result.test.location.column)))
        object.append("duration_us", .number(JSONNumber(result.duration.inMicroseconds)))
        switch result.outcome {
        case .pass: object.append("result", .string("pass"))
        case .error(let reason):
            object.append("result", .string("error"))
            object.append("error", .string(reason))
        case .fail(let failure):
            object.append("result", .string("fail"))
            object.append("expected", .string(failure.expected))
            object.append("decided", .string(failure.actual))
            object.append("details", .array(failure.notes.map { .string($0) }))
        }
        object.append("rules", .array(result.rules.map { .string($0.id) }))
        return .object(object)
    }

    private static func coverage(_ coverage: PolicyCoverage) -> JSONValue {
        var object = JSONObject()
        object.append("covered", .number(JSONNumber(coverage.covered)))
        object.append("total", .number(JSONNumber(coverage.total)))
        object.append("percent", .number(JSONNumber(text: coverage.percentInWords)))
        object.append(
            "uncovered",
            .array(
                coverage.uncovered.map { one in
                    var object = JSONObject()
                    object.append("role", .string(one.role))
                    object.append("rule", .string(one.rule.id))
                    object.append("file", .string(one.rule.location.file))
                    object.append("line", .number(JSONNumber(one.rule.location.line)))
                    return .object(object)
                }
            )
        )
        return .object(object)
    }
}
