internal import PosternSQL

/// What was found for one thing that an access's name can stand for.
enum AccessFinding: Sendable {
    case allowed(CompiledRule)
    /// Every role may, or the role's `functions` has it: why.
    case always(String)
    case denied(CompiledRule)
    case refused(AccessRefusal)
}

/// Why an access is not allowed although no rule denies it.
enum AccessRefusal: Hashable, Sendable {
    case noRule
    case obstacle(ResolvedAccess.Obstacle)
    /// DML on the catalogue.
    case readOnlyCatalog
    /// A relation of the catalogue that only a literal `on` covers, and what it does, as "shows passwords".
    case literalNeeded(hazard: String)
    /// A built-in function that is not safe, and what it does, as "reads files of the server".
    case unlistedFunction(hazard: String)
}

/// An access with what was found for each thing that its name can stand for.
struct JudgedAccess: Sendable {
    let resolved: ResolvedAccess
    /// One for each candidate; one alone for an access without candidates.
    let findings: [AccessFinding]
    /// Rules reach it by its tag alone.
    let needsTag: Bool

    init(resolved: ResolvedAccess, findings: [AccessFinding], needsTag: Bool = false) {
        self.resolved = resolved
        self.findings = findings
        self.needsTag = needsTag
    }

    /// The finding that decides, and the candidate that it is about: a denial first, then a refusal.
    var decisive: (finding: AccessFinding, candidate: ObjectName?) {
        var refused: (AccessFinding, ObjectName?)?
        for (index, finding) in findings.enumerated() {
            let candidate = index < resolved.candidates.count ? resolved.candidates[index] : nil
            switch finding {
            case .denied: return (finding, candidate)
            case .refused: if refused == nil { refused = (finding, candidate) }
            case .allowed, .always: break
            }
        }
        return refused ?? (findings[0], resolved.candidates.first)
    }

    var isAllowed: Bool {
        findings.allSatisfy { finding in
            switch finding {
            case .allowed, .always: true
            case .denied, .refused: false
            }
        }
    }

    var isDenied: Bool {
        if case .denied = decisive.finding { true } else { false }
    }

    var decision: AccessDecision {
        let outcome: AccessDecision.Outcome =
            switch decisive.finding {
            case .allowed(let rule): .allowedByRule(rule.reference)
            case .always(let reason): .allowedAlways(reason)
            case .denied(let rule): .deniedByRule(rule.reference)
            case .refused: .notAllowed
            }
        return AccessDecision(access: resolved.access, candidates: resolved.candidates, outcome: outcome)
    }
}
