internal import PosternSQL

/// What every role may do (contract, section 4): statements that decide nothing themselves.
enum AlwaysAllowed {
    /// Why a statement of this tag needs no rule; nil where it does. A deny has to name its tag.
    static func reason(for access: Access, in facts: StatementFacts) -> String? {
        guard access.statementClass == .misc else { return nil }
        // A SET whose setting is not known is decided by rules like any other statement.
        if access.tag == .set, facts.settings.isEmpty { return nil }
        return reasons[access.tag]
    }

    private static let reasons: [CommandTag: String] = {
        var reasons: [CommandTag: String] = [:]
        for (reason, tags) in groups {
            for tag in tags { reasons[tag] = reason }
        }
        return reasons
    }()

    private static let groups: [(reason: String, tags: [CommandTag])] = [
        (
            "transaction control",
            [
                .begin, .startTransaction, .commit, .rollback, .savepoint, .release, .prepareTransaction,
                .commitPrepared, .rollbackPrepared, .setTransaction, .setConstraints,
            ]
        ),
        (
            "housekeeping of the session",
            [
                .show, .reset, .discardAll, .discardPlans, .discardSequences, .discardTemp, .deallocate, .unlisten,
                .closeCursor,
            ]
        ),
        ("decided by what it runs", [.prepare, .execute, .explain, .declareCursor, .fetch, .move]),
        ("decided by its setting", [.set]),
    ]
}
