internal import PosternCore

/// Results as CI systems read them: the XML of JUnit, a suite for each file.
package enum JUnitReport {
    package static func text(_ report: PolicyTestReport) -> String {
        var files: [String] = []
        for result in report.results where !files.contains(result.test.location.file) {
            files.append(result.test.location.file)
        }
        var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        xml += "<testsuites name=\"postern policy test\" \(counts(report))>\n"
        for file in files {
            let suite = PolicyTestReport(results: report.results.filter { $0.test.location.file == file })
            xml += "  <testsuite name=\"\(escaped(file))\" \(counts(suite))>\n"
            for result in suite.results { xml += testcase(result) }
            xml += "  </testsuite>\n"
        }
        return xml + "</testsuites>\n"
    }

    private static func counts(_ report: PolicyTestReport) -> String {
        let time = report.results.reduce(Duration.zero) { $0 + $1.duration }
        return "tests=\"\(report.results.count)\" failures=\"\(report.failed)\" errors=\"\(report.errors)\""
            + " time=\"\(seconds(time))\""
    }

    private static func testcase(_ result: PolicyTestResult) -> String {
        let place = result.test.location
        let head =
            "    <testcase classname=\"\(escaped(result.test.role))\" name=\"\(escaped(result.test.name))\""
            + " file=\"\(escaped(place.file))\" line=\"\(place.line)\" time=\"\(seconds(result.duration))\""
        switch result.outcome {
        case .pass: return head + "/>\n"
        case .error(let reason):
            return head + ">\n      <error message=\"\(escaped(reason))\">"
                + escaped("\(place.file):\(place.line)") + "</error>\n    </testcase>\n"
        case .fail(let failure):
            let message = "expected \(failure.expected); decided \(failure.actual)"
            let details = (["\(place.file):\(place.line)"] + failure.notes).joined(separator: "\n")
            return head
                + ">\n      <failure message=\"\(escaped(message))\">\(escaped(details, keepsLines: true))</failure>\n"
                + "    </testcase>\n"
        }
    }

    private static func seconds(_ duration: Duration) -> String {
        let microseconds = duration.inMicroseconds
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }

    /// For text and for attributes in double quotes. What XML 1.0 has no character for is replaced.
    private static func escaped(_ text: String, keepsLines: Bool = false) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            case "\n": keepsLines ? "\n" : "&#10;"
            case "\r": "&#13;"
            case "\t": "&#9;"
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": "\u{FFFD}"
            default: String(scalar)
            }
        }
        .joined()
    }
}
