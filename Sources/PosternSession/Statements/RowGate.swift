internal import PosternPolicy
internal import PosternSQL
internal import PostgresWire

/// Holds every point at which a transaction could commit until the rows that it changed are known, for a role with
/// `limits.rows_changed`.
///
/// The promise: no transaction commits in which the row counts that the server reported for its statements (INSERT,
/// UPDATE, DELETE, MERGE, COPY FROM, CREATE TABLE AS, SELECT INTO) exceed the limit. What changes rows that no tag counts
/// (TRUNCATE, DO, CALL, a WITH that changes rows) is denied. How a counted statement is held depends on how it came:
///
/// - Execute: a Flush follows it, and Sync, Query, FunctionCall and transaction control wait for its answer. Over the
///   limit a poisoned Parse follows instead.
/// - Query in a block: everything waits for ReadyForQuery. Over the limit that is kept, and a poisoned Query follows.
/// - Query outside a block: BEGIN goes before it, COMMIT or ROLLBACK behind it, and the job sees one Query. All of
///   these statements may run in a block, and errors of the commit itself take their place.
struct RowGate {
    /// What an operation is to the gate.
    enum Part: Hashable {
        case none
        case execute
        case blockQuery
        /// Of a Query outside a block, in this order.
        case begin
        case query
        case commit
        case rollback

        /// Nothing of the job's may follow before it is answered.
        var holdsEverything: Bool {
            switch self {
            case .blockQuery, .begin, .query, .commit, .rollback: true
            case .none, .execute: false
            }
        }
    }

    /// Rows that the transaction at hand has changed.
    private(set) var changed: UInt64 = 0
    /// The limit was exceeded: nothing but the transaction's end is let through.
    private(set) var isDoomed = false
    /// Answers up to the next error are not for the job.
    var isSwallowing = false
    /// The CommandComplete of a Query whose commit is under way.
    var heldCompletion: [UInt8] = []
    /// Settings that the server reported behind it.
    var heldSettings: [UInt8] = []

    /// Counts a statement's rows.
    ///
    /// - Returns: whether they are more than the limit.
    mutating func count(_ rows: UInt64, limit: UInt64) -> Bool {
        changed = changed.addingReportingOverflow(rows).overflow ? .max : changed + rows
        if changed > limit { isDoomed = true }
        return isDoomed
    }

    mutating func transactionEnded() {
        changed = 0
        isDoomed = false
    }

    /// What the job reads when a transaction is over the limit.
    func denial(limit: UInt64, role: String) -> Denial {
        Denial(
            sqlState: "53400",
            reason: "rows changed",
            message: "the transaction changes more than \(limit) rows",
            detail: "role \(role): limits.rows_changed is \(limit), the statements so far changed \(changed)",
            hint: "change fewer rows in one transaction, or ask for a higher limit"
        )
    }

    /// What the job reads for every statement that comes after that.
    func doomed(limit: UInt64, role: String) -> Denial {
        Denial(
            sqlState: "53400",
            reason: "rows changed",
            message: "the transaction changed more than \(limit) rows and can only be rolled back",
            detail: "role \(role): limits.rows_changed is \(limit); a savepoint gives nothing back",
            hint: "ROLLBACK, and change fewer rows in one transaction"
        )
    }

    static func severe(_ denial: Denial, session: String) -> [UInt8] {
        BackendMessage.errorResponse(
            ErrorFields(
                severity: .error,
                sqlState: .configurationLimitExceeded,
                message: "\(denial.message) (session \(session))",
                detail: denial.detail,
                hint: denial.hint
            )
        ).encoded
    }
}

extension StatementFacts {
    /// COMMIT, ROLLBACK and their like: what ends a transaction or moves inside it.
    var controlsTransaction: Bool {
        effects.contains { effect in
            switch effect {
            case .begin, .commit, .rollback, .savepoint, .release, .rollbackToSavepoint, .prepareTransaction,
                .commitPrepared, .rollbackPrepared:
                true
            case .prepare, .execute, .deallocate, .declareCursor, .fetch, .closeCursor, .discardAll, .discardPlans,
                .discardTemporary:
                false
            }
        }
    }

    /// COMMIT or ROLLBACK of the whole transaction.
    var endsTransaction: Bool {
        effects.contains { effect in
            switch effect {
            case .commit, .rollback, .prepareTransaction: true
            case .begin, .savepoint, .release, .rollbackToSavepoint, .commitPrepared, .rollbackPrepared, .prepare,
                .execute, .deallocate, .declareCursor, .fetch, .closeCursor, .discardAll, .discardPlans,
                .discardTemporary:
                false
            }
        }
    }
}

extension Denial {
    /// What may change rows that nothing counts.
    static func uncountable(_ what: String, _ role: String) -> Denial {
        Denial(
            sqlState: "53400",
            reason: "rows changed",
            message: "\(what) may not run in this role",
            detail: "role \(role) has limits.rows_changed, and the server does not report how many rows this changes",
            hint: "use INSERT, UPDATE, DELETE or COPY by themselves"
        )
    }

    /// Execute for a part of the rows, of a statement whose rows count: its tag would tell of that part only.
    static func partialExecute(_ role: String) -> Denial {
        Denial(
            sqlState: "53400",
            reason: "rows changed",
            message: "a statement that changes rows must be executed in one piece",
            detail: "role \(role) has limits.rows_changed, and the row count of a part tells nothing of the rest",
            hint: "execute it without a row limit (JDBC: setFetchSize(0))"
        )
    }
}
