/// Findings as workflow commands of GitHub Actions, which show them beside the lines of a pull request.
package enum GitHubReport {
    package static func text(_ findings: [LintFinding]) -> String {
        findings.map { finding in
            let message = finding.message + (finding.hint.map { "\nhint: \($0)" } ?? "")
            return "::\(finding.severity.rawValue) file=\(property(finding.location.file))"
                + ",line=\(finding.location.line),col=\(finding.location.column)"
                + ",title=\(property(finding.rule))::\(data(message))\n"
        }
        .joined()
    }

    /// What stands behind the second `::` (actions/toolkit, packages/core, command).
    private static func data(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "%": "%25"
            case "\r": "%0D"
            case "\n": "%0A"
            default: String(scalar)
            }
        }
        .joined()
    }

    private static func property(_ text: String) -> String {
        data(text).unicodeScalars.map { scalar in
            switch scalar {
            case ":": "%3A"
            case ",": "%2C"
            default: String(scalar)
            }
        }
        .joined()
    }
}
