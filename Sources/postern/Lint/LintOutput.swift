internal import ArgumentParser
internal import PosternConfiguration
internal import PosternCore
internal import PosternPolicy

/// How a linter says what it found, and what of it makes the answer no.
struct LintOutput: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case pretty
        case json
        case github
        case sarif
    }

    @Option(name: .long, help: "What makes the answer no: error or warning.")
    var failLevel = LintSeverity.error

    @Option(
        name: .long,
        help: "pretty for people, json for programs, github for annotations in a pull request, sarif for code scanning."
    )
    var format = Format.pretty

    /// Prints the findings, and exits with 1 where they are a no.
    func finish(_ findings: [LintFinding], of tool: LintTool, pretty: String) throws {
        switch format {
        case .pretty: Output.result(pretty)
        case .json: Output.result(LintJSONReport.json(findings, of: tool).text + "\n")
        case .github: Output.result(GitHubReport.text(findings))
        case .sarif: Output.result(SARIFReport.json(findings, of: tool, version: Version.text).text + "\n")
        }
        let isBad = findings.contains { finding in
            switch failLevel {
            case .error: finding.severity == .error
            case .warning: true
            }
        }
        if isBad { throw ExitCode.no }
    }
}

extension LintSeverity: ExpressibleByArgument {}

/// How many of what there is.
struct LintCounts {
    let errors: String
    private let warnings: String
    private let isEmpty: Bool

    init(_ findings: [LintFinding]) {
        errors = Self.text(findings.count { $0.severity == .error }, "error")
        warnings = Self.text(findings.count { $0.severity == .warning }, "warning")
        isEmpty = findings.isEmpty
    }

    static func text(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// The last line for people.
    func summary(of what: String) -> String {
        isEmpty ? "ok: \(what), nothing found\n" : "\(errors), \(warnings) in \(what)\n"
    }
}

extension LintFinding {
    /// For people: the rule's id stands behind the message.
    var diagnostic: Diagnostic {
        Diagnostic(
            Diagnostic.Severity(severity),
            at: location,
            "\(message) [\(rule)]",
            hint: hint,
            hidesSource: hidesSource
        )
    }
}

extension LintSeverity {
    init(_ severity: Diagnostic.Severity) {
        switch severity {
        case .error: self = .error
        case .warning: self = .warning
        }
    }
}

extension Diagnostic.Severity {
    init(_ severity: LintSeverity) {
        switch severity {
        case .error: self = .error
        case .warning: self = .warning
        }
    }
}
