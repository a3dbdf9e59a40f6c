internal import PosternCore
package import PosternSQL

/// Runs policy tests as the gateway would decide: the same match, the same judge.
package struct PolicyTestRunner {
    /// What the tests are run against.
    package struct Subject {
        package let roles: [Role]
        /// Which tokens of an issuer are trusted, by its name.
        package let trust: (String) -> TrustRule
        package let database: (Role) -> JudgedDatabase
        /// The parser: it wants a large stack, and its caller knows the thread.
        package let analyze: ([UInt8]) -> Result<AnalyzedText, AnalysisError>

        package init(
            roles: [Role],
            trust: @escaping (String) -> TrustRule,
            database: @escaping (Role) -> JudgedDatabase,
            analyze: @escaping ([UInt8]) -> Result<AnalyzedText, AnalysisError>
        ) {
            self.roles = roles
            self.trust = trust
            self.database = database
            self.analyze = analyze
        }
    }

    private let subject: Subject
    private let now: () -> Duration
    private var judges: [String: RoleJudge] = [:]

    /// - Parameter now: any clock that only goes forward.
    package init(_ subject: Subject, now: @escaping () -> Duration) {
        self.subject = subject
        self.now = now
    }

    package mutating func run(_ tests: [PolicyTest]) -> PolicyTestReport {
        PolicyTestReport(results: tests.map { run($0) })
    }

    private mutating func run(_ test: PolicyTest) -> PolicyTestResult {
        guard let role = subject.roles.first(where: { $0.name.utf8.elementsEqual(test.role.utf8) }) else {
            return PolicyTestResult(test: test, outcome: .error("there is no role `\(test.role)`"), duration: .zero)
        }
        let judge = judge(of: role)
        let start = now()
        let match = role.match(
            issuer: test.issuer,
            claims: test.claims,
            trust: subject.trust(test.issuer),
            certificate: test.certificate
        )
        if let refusal = refusal(of: test, role, match) {
            return PolicyTestResult(test: test, outcome: outcome(of: test, refusal), duration: now() - start)
        }
        guard let sql = test.sql else {
            let outcome: PolicyTestResult.Outcome =
                test.expectation == .allow
                ? .pass
                : .fail(PolicyTestFailure(expected: test.wish, actual: "the identity may be the role", notes: []))
            return PolicyTestResult(test: test, outcome: outcome, duration: now() - start)
        }
        let text = Array(sql.utf8)
        let paths = SearchPaths(own: judge.database.searchPath)
        let parsed = subject.analyze(text)
        let judged = judge.judge(parsed, byteCount: text.count, paths: paths)
        let duration = now() - start
        return PolicyTestResult(
            test: test,
            outcome: outcome(of: test, judged) { judge.explain(parsed, byteCount: text.count, paths: paths) },
            duration: duration,
            rules: judged.decidingRules,
            objects: judged.touchedObjects
        )
    }

    private mutating func judge(of role: Role) -> RoleJudge {
        if let judge = judges[role.name] { return judge }
        let judge = RoleJudge(role: role, database: subject.database(role), catalog: nil)
        judges[role.name] = judge
        return judge
    }

    private func refusal(of test: PolicyTest, _ role: Role, _ match: RoleMatch) -> GrantRefusal? {
        switch match {
        case .refused(let refusal): .who(refusal)
        case .matched:
            role.binding.refusal(of: GrantConnection(address: test.clientAddress, tokenAge: test.tokenAge))
        }
    }

    private func outcome(of test: PolicyTest, _ refusal: GrantRefusal) -> PolicyTestResult.Outcome {
        let actual = "refused: \(refusal.reason)"
        if test.expectation == .refused, test.reason.map(refusal.isMet) ?? true { return .pass }
        return .fail(PolicyTestFailure(expected: test.wish, actual: actual, notes: refusal.notes))
    }

    private func outcome(
        of test: PolicyTest,
        _ judged: JudgedText,
        explain: () -> Explanation
    ) -> PolicyTestResult.Outcome {
        let denial = judged.denial ?? judged.wouldDeny
        if let denial, judged.isUnparsed, test.reason != denial.reason, test.sqlState != denial.sqlState {
            // A slip in the statement must not pass for a denial that somebody wanted.
            let place = denial.position.map { " at character \($0)" } ?? ""
            return .error("`sql` is not understood: \(denial.message)\(place)")
        }
        if judged.statements.isEmpty, denial == nil, !judged.isUnparsed { return .error("`sql` has no statement") }
        if test.isMet(by: judged) { return .pass }
        // The first line is the verdict, which `actual` says.
        let notes = explain().text.split(separator: "\n").dropFirst().map(String.init)
        return .fail(PolicyTestFailure(expected: test.wish, actual: judged.verdictInWords, notes: notes))
    }
}

extension PolicyTest {
    /// What the test asks for, in words.
    fileprivate var wish: String {
        var words = expectation.rawValue
        if let would { words += ", would \(would.rawValue)" }
        if let rule { words += " by rule `\(rule)`" }
        if let reason { words += ", reason `\(reason)`" }
        if let sqlState { words += ", SQLSTATE \(sqlState)" }
        if let message { words += ", saying `\(message)`" }
        return words
    }

    fileprivate func isMet(by judged: JudgedText) -> Bool {
        switch expectation {
        case .refused: return false
        case .deny:
            guard let denial = judged.denial else { return false }
            return isMet(by: denial) && (rule.map { $0 == judged.denyingRule?.id } ?? true)
        case .allow:
            guard judged.denial == nil else { return false }
            switch would {
            case .deny?:
                guard let denial = judged.wouldDeny else { return false }
                return isMet(by: denial) && (rule.map { $0 == judged.denyingRule?.id } ?? true)
            case .allow?:
                guard judged.wouldDeny == nil else { return false }
            case nil: break
            }
            return rule.map { wanted in judged.decidingRules.contains { $0.id == wanted } } ?? true
        }
    }

    private func isMet(by denial: Denial) -> Bool {
        let texts = [denial.message, denial.detail, denial.hint].compactMap(\.self)
        return reason.map { $0 == denial.reason } ?? true
            && sqlState.map { $0 == denial.sqlState } ?? true
            && message.map { wanted in texts.contains { $0.contains(wanted) } } ?? true
    }
}

extension GrantRefusal {
    /// Whether it is refused for this reason: all of it, or as far as a colon, as in `untrusted trigger`.
    fileprivate func isMet(by wish: String) -> Bool {
        reason == wish || reason.hasPrefix(wish + ": ")
    }

    fileprivate var notes: [String] {
        switch self {
        case .who(.claim(_, let mismatch)): [Self.note(mismatch.location)]
        case .who(.certificate(_, let mismatch)): [Self.note(mismatch.location)]
        case .who(.issuerNotNamed), .who(.untrustedTrigger), .unknownRole, .unknownIssuer, .databaseNotGranted,
            .clientNetwork, .tokenAge, .tokenUsed, .tooManyTokens, .unknownDatabase:
            []
        }
    }

    private static func note(_ location: SourceLocation) -> String {
        "asked for at \(location.file):\(location.line)"
    }
}

extension JudgedText {
    /// Those that decided some access, each once.
    package var decidingRules: [RuleReference] {
        var rules: [RuleReference] = []
        func add(_ rule: RuleReference?) {
            if let rule, !rules.contains(rule) { rules.append(rule) }
        }
        for statement in statements {
            add(statement.decision.rule)
            for access in statement.decision.accesses {
                switch access.outcome {
                case .allowedByRule(let rule), .deniedByRule(let rule): add(rule)
                case .allowedAlways, .notAllowed: break
                }
            }
        }
        return rules
    }

    /// The rule of the first statement that is denied.
    fileprivate var denyingRule: RuleReference? {
        statements.lazy.map(\.decision).first { $0.verdict == .deny }?.rule
    }

    fileprivate var touchedObjects: Set<ObjectReference> {
        var objects: Set<ObjectReference> = []
        for access in statements.flatMap(\.decision.accesses) {
            guard let object = access.access.object else { continue }
            objects.insert(object)
            for candidate in access.candidates { objects.insert(ObjectReference(object.kind, candidate)) }
        }
        return objects
    }

    fileprivate var verdictInWords: String {
        let rule = denyingRule.map { " by rule `\($0.id)`" } ?? ""
        if let denial { return "deny\(rule), reason `\(denial.reason)`" }
        if let wouldDeny { return "allow, would deny\(rule), reason `\(wouldDeny.reason)`" }
        let rules = decidingRules.map { "`\($0.id)`" }
        return rules.isEmpty ? "allow" : "allow by rule " + rules.joined(separator: ", ")
    }
}
