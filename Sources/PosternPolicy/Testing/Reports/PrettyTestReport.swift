internal import PosternCore

/// Results for a person, in the manner of `opa test`.
package enum PrettyTestReport {
    /// - Parameter coverage: nil where nobody asked for it.
    package static func text(_ report: PolicyTestReport, coverage: PolicyCoverage?) -> String {
        var lines: [String] = []
        var file: String?
        for result in report.results {
            if result.test.location.file != file {
                file = result.test.location.file
                lines.append("\(result.test.location.file):")
            }
            lines += self.lines(of: result)
        }
        lines.append(String(repeating: "-", count: 60))
        lines.append(summary(report))
        if let coverage { lines += self.lines(of: coverage) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(of result: PolicyTestResult) -> [String] {
        let place = "    at \(result.test.location.file):\(result.test.location.line)"
        let head = "\(Words.bounded(result.test.name)): "
        let time = " (\(words(result.duration)))"
        switch result.outcome {
        case .pass: return [head + "PASS" + time]
        case .error(let reason): return [head + "ERROR" + time, place, "    \(Words.bounded(reason, 1024))"]
        case .fail(let failure):
            return [head + "FAIL" + time, place, "    expected: \(Words.bounded(failure.expected, 1024))"]
                + ["    decided:  \(failure.actual)"] + failure.notes.map { "    \($0)" }
        }
    }

    private static func summary(_ report: PolicyTestReport) -> String {
        let all = report.results.count
        let parts = [("PASS", report.passed), ("FAIL", report.failed), ("ERROR", report.errors)]
        return parts.filter { $0.0 == "PASS" || $0.1 > 0 }.map { "\($0.0): \($0.1)/\(all)" }.joined(separator: " ")
    }

    private static func lines(of coverage: PolicyCoverage) -> [String] {
        let head = "coverage: \(coverage.percentInWords)% (\(coverage.covered) of \(coverage.total) rules)"
        return [head]
            + coverage.uncovered.map {
                "    \($0.rule.place): rule `\($0.rule.id)` of role `\($0.role)` decided no test"
            }
    }

    /// `12µs`, `1.3ms`.
    private static func words(_ duration: Duration) -> String {
        let microseconds = duration.inMicroseconds
        guard microseconds >= 1000 else { return "\(microseconds)µs" }
        return "\(microseconds / 1000).\(microseconds % 1000 / 100)ms"
    }
}

extension PolicyCoverage {
    /// With one digit behind the point, never rounded up to a hundred.
    package var percentInWords: String {
        let tenths = total == 0 ? 1000 : covered * 1000 / total
        return "\(tenths / 10).\(tenths % 10)"
    }
}
