package import PosternSQL

/// What became of a policy test.
package struct PolicyTestResult: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case pass
        case fail(PolicyTestFailure)
        /// The test could not be asked: its role is missing, or its SQL is none.
        case error(String)
    }

    package let test: PolicyTest
    package let outcome: Outcome
    /// How long matching, parsing and judging took.
    package let duration: Duration
    /// The rules that decided some access of the test's statements.
    package let rules: [RuleReference]
    /// What the accesses of its statements can stand for.
    package let objects: Set<ObjectReference>

    package init(
        test: PolicyTest,
        outcome: Outcome,
        duration: Duration,
        rules: [RuleReference] = [],
        objects: Set<ObjectReference> = []
    ) {
        self.test = test
        self.outcome = outcome
        self.duration = duration
        self.rules = rules
        self.objects = objects
    }
}

/// Why a test failed, in words.
package struct PolicyTestFailure: Hashable, Sendable {
    /// What the test asks for: `allow by rule \`migrate\``.
    package let expected: String
    /// What was decided instead.
    package let actual: String
    /// What each rule said, a line each; lines that begin with blanks belong to the one before.
    package let notes: [String]

    package init(expected: String, actual: String, notes: [String]) {
        self.expected = expected
        self.actual = actual
        self.notes = notes
    }
}

/// The results of a run.
package struct PolicyTestReport: Hashable, Sendable {
    package let results: [PolicyTestResult]

    package init(results: [PolicyTestResult]) {
        self.results = results
    }

    package var passed: Int { results.count { $0.outcome == .pass } }

    package var failed: Int {
        results.count { result in
            if case .fail = result.outcome { true } else { false }
        }
    }

    package var errors: Int {
        results.count { result in
            if case .error = result.outcome { true } else { false }
        }
    }

    package var isGood: Bool { passed == results.count }

    /// What the linter wants to know of the tests.
    package var evidence: TestEvidence {
        TestEvidence(
            cases: results.map { result in
                TestEvidence.Case(
                    role: result.test.role,
                    expectsNo: result.test.expectation != .allow || result.test.would == .deny,
                    rules: Set(result.rules.map(\.id)),
                    objects: result.objects
                )
            }
        )
    }
}
