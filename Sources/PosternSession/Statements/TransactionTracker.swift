internal import PosternSQL
internal import PostgresWire

/// Numbers the session's transactions and tells how each ended.
///
/// A statement gets its number when it is forwarded, by what the statements before it will have done; how a
/// transaction ended is told by the server alone: by the tags of COMMIT and ROLLBACK, and by ReadyForQuery.
struct TransactionTracker {
    /// The number of the statement that comes next.
    private(set) var current: UInt64 = 1
    /// The highest number that was given.
    private var highest: UInt64 = 1
    /// Whether it will run in a block that BEGIN opened.
    private var expectsBlock = false
    private var isUsed = false
    /// The transaction of the statement that the server answered last, if it is not over.
    private(set) var open: UInt64?
    private var openHasFailed = false

    // MARK: Forwarding

    /// A statement goes upstream.
    ///
    /// - Returns: its transaction's number.
    mutating func forward(_ facts: StatementFacts?) -> UInt64 {
        let number = current
        isUsed = true
        for effect in facts?.effects ?? [] {
            switch effect {
            case .begin: expectsBlock = true
            case .commit(let chain), .rollback(let chain): leave(staysInBlock: chain)
            case .prepareTransaction: leave(staysInBlock: false)
            case .savepoint, .release, .rollbackToSavepoint, .commitPrepared, .rollbackPrepared, .prepare, .execute,
                .deallocate, .declareCursor, .fetch, .closeCursor, .discardAll, .discardPlans, .discardTemporary:
                break
            }
        }
        return number
    }

    /// A Query's or Sync's end was forwarded: outside a block the transaction ends with it.
    mutating func cycleForwarded() {
        if !expectsBlock, isUsed { leave(staysInBlock: false) }
    }

    private mutating func leave(staysInBlock: Bool) {
        highest += 1
        current = highest
        isUsed = false
        expectsBlock = staysInBlock
    }

    // MARK: Answers

    /// The server has run the statement.
    ///
    /// - Parameter tag: what it reported.
    /// - Returns: the end of its transaction, if this was it.
    mutating func completed(_ run: StatementRun, tag: borrowing Span<UInt8>) -> SessionRecord? {
        enter(run)
        let isCommit = tag.equals("COMMIT")
        guard isCommit || tag.equals("ROLLBACK") || tag.equals("PREPARE TRANSACTION") else { return nil }
        if let facts = run.facts, facts.effects.contains(.rollbackToSavepoint) { return nil }
        return end(isCommit ? .commit : tag.equals("ROLLBACK") ? .rollback : .unknown)
    }

    /// The server has run a statement that has no tag: a FunctionCall.
    mutating func ran(_ run: StatementRun) {
        enter(run)
    }

    mutating func failed(_ run: StatementRun?) {
        if let run { enter(run) }
        openHasFailed = true
    }

    /// ReadyForQuery.
    ///
    /// - Parameter isLast: nothing else is under way.
    mutating func ready(_ status: TransactionStatus, isLast: Bool) -> SessionRecord? {
        if isLast {
            if status == .idle, expectsBlock || isUsed { leave(staysInBlock: false) }
            expectsBlock = status != .idle
            // A COMMIT or ROLLBACK that went up was not reached: what comes next is still in the same block.
            if expectsBlock, let open {
                current = open
                isUsed = true
            }
        }
        guard status == .idle else { return nil }
        defer { openHasFailed = false }
        return open == nil ? nil : end(openHasFailed ? .rollback : .commit)
    }

    /// The session is over.
    mutating func sessionEnded(commitMayHavePassed: Bool) -> SessionRecord? {
        open == nil ? nil : end(commitMayHavePassed ? .unknown : .rollback)
    }

    /// A transaction is over when the server says so, not when a statement comes that was taken for the next one's.
    private mutating func enter(_ run: StatementRun) {
        if open == nil { open = run.transaction }
    }

    private mutating func end(_ result: TransactionResult) -> SessionRecord? {
        guard let number = open else { return nil }
        open = nil
        openHasFailed = false
        return .transactionEnd(number: number, result: result)
    }
}

extension Span where Element == UInt8 {
    /// Whether these are the text's bytes.
    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { other in
            for index in indices where self[index] != other[index] { return false }
            return true
        }
    }
}
