/// What a statement does to its session: names that later statements use, and the transaction.
package enum SessionEffect: Hashable, Sendable {
    case begin
    /// COMMIT and END; PREPARE TRANSACTION has a case of its own.
    case commit(chain: Bool)
    case rollback(chain: Bool)
    case savepoint
    case release
    case rollbackToSavepoint
    case prepareTransaction
    case commitPrepared
    case rollbackPrepared
    /// PREPARE; the accesses of the inner statement are the statement's own.
    case prepare(name: Identifier)
    /// EXECUTE, and EXPLAIN or CREATE TABLE AS EXECUTE: what it does was decided under this name.
    case execute(name: Identifier)
    /// nil is ALL.
    case deallocate(name: Identifier?)
    case declareCursor(name: Identifier)
    /// FETCH and MOVE.
    case fetch(cursor: Identifier)
    /// nil is ALL.
    case closeCursor(name: Identifier?)
    case discardAll
    case discardPlans
    case discardTemporary
}
