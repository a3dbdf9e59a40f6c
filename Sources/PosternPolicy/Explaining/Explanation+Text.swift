internal import PosternSQL

extension Explanation {
    /// The explanation for a terminal: the verdict with the words that the job reads, then each access and rule.
    package var text: String {
        var lines = [verdict]
        if let denial {
            lines.append("  \(denial.sqlState) \(denial.message)")
            if let detail = denial.detail { lines.append("  detail: \(detail)") }
            if let hint = denial.hint { lines.append("  hint: \(hint)") }
            if let position = denial.position { lines.append("  position: \(position)") }
        }
        for (index, statement) in statements.enumerated() {
            lines += ["", "statement \(index + 1): " + statement.heading] + statement.lines
        }
        for (index, statement) in otherReading.enumerated() {
            lines += ["", "with standard_conforming_strings = off, statement \(index + 1): " + statement.heading]
            lines += statement.lines
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var verdict: String {
        let note: String =
            if isUnrestricted { " (the role is unrestricted: no rule decides)" } else if judged.wouldDeny != nil {
                " (mode observe: enforce would deny)"
            } else if judged.isUnparsed, judged.denial == nil {
                " (not understood, and forwarded: `unparsed: allow`)"
            } else {
                ""
            }
        return "role \(role): \(judged.denial == nil ? "allow" : "deny")\(note)"
    }
}

extension Explanation.Statement {
    fileprivate var heading: String { "\(tag.rawValue) (\(statementClass.rawValue)): \(decision.verdict.rawValue)" }

    fileprivate var lines: [String] {
        var lines: [String] = []
        if accesses.isEmpty, settings.isEmpty { lines.append("  no access: allowed to every role") }
        for access in accesses { lines += access.lines }
        for setting in settings {
            lines.append("  SET \(Words.bounded(setting.change.name, 64)): \(setting.isAllowed ? "allow" : "deny")")
            lines.append("    \(setting.reason)")
            if let access = setting.access { lines += access.lines.map { "  " + $0 } }
        }
        return lines
    }
}

extension Explanation.Access {
    fileprivate var lines: [String] {
        var lines = ["  \(Words.access(access, nil, isDetailed: true)): \(isAllowed ? "allow" : "deny")"]
        for candidate in candidates {
            let name = candidate.name.map { name in
                "as \(Words.object(access.object?.kind ?? .relation, name)): "
            }
            lines.append("    \(name ?? "")\(candidate.finding.words)")
            let width = candidate.trials.map(\.rule.id.count).max() ?? 0
            for trial in candidate.trials {
                let id = trial.rule.id + String(repeating: " ", count: width - trial.rule.id.count)
                let result = trial.mismatch == nil ? "matches" : "does not match: \(trial.reason)"
                let effect = trial.effect == .allow ? "allow" : "deny "
                lines.append("      \(effect) \(id)  \(trial.rule.place)  \(result)")
            }
        }
        return lines
    }
}

extension Explanation.Finding {
    /// As `allowed by rule migrate at policies/orders.yaml:14`.
    package var words: String {
        switch self {
        case .allowedByRule(let rule): "allowed by rule \(rule.id) at \(rule.place)"
        case .allowedAlways(let reason): "allowed without a rule: \(reason)"
        case .deniedByRule(let rule): "denied by rule \(rule.id) at \(rule.place)"
        case .notAllowed(let reason): "not allowed: \(reason)"
        }
    }
}
