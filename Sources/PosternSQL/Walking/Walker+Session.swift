extension Walker {
    /// PREPARE, EXECUTE, cursors, EXPLAIN.
    mutating func namingStatement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        switch tree.type(node) {
        case .prepareStmt:
            touch(.prepare)
            facts.effects.append(.prepare(name: tree.identifier(node, .name) ?? ""))
            try inner(node)
            facts.shape.isDeferred = true
            return .prepare
        case .executeStmt:
            touch(.execute)
            tag = .execute
            facts.effects.append(.execute(name: tree.identifier(node, .name) ?? ""))
            try walk(node, .params)
            return .execute
        case .deallocateStmt:
            touch(.deallocate)
            facts.effects.append(.deallocate(name: tree.identifier(node, .name)))
            return .deallocate
        case .declareCursorStmt:
            touch(.declareCursor)
            facts.effects.append(.declareCursor(name: tree.identifier(node, .portalname) ?? ""))
            try inner(node)
            facts.shape.isDeferred = true
            return .declareCursor
        case .fetchStmt:
            let tag: CommandTag = tree.flag(node, .ismove) ? .move : .fetch
            touch(tag)
            facts.effects.append(.fetch(cursor: tree.identifier(node, .portalname) ?? ""))
            return tag
        case .closePortalStmt:
            touch(.closeCursor)
            facts.effects.append(.closeCursor(name: tree.identifier(node, .portalname)))
            return .closeCursor
        case .explainStmt:
            try explainStatement(node)
            return .explain
        default: throw unexpected(node)
        }
    }

    @discardableResult
    private mutating func inner(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        guard let query = tree.child(node, .query) else { throw .unclassified("\(tree.type(node).name) without query") }
        return try statement(query)
    }

    private mutating func explainStatement(_ node: Tree.Node) throws(AnalysisError) {
        touch(.explain)
        var runs = false
        for option in tree.elements(node, .options) where tree.text(option, .defname) == "analyze" {
            runs = isTrue(option)
        }
        for option in tree.elements(node, .options) { dismiss(option) }
        try inner(node)
        if runs {
            facts.shape.explainsByRunning = true
            facts.shape.changesRowsInside = facts.shape.changesRowsInside || facts.shape.countsRows
        } else {
            facts.shape.isDeferred = true
            facts.shape.changesRowsInside = false
        }
        // The tag will be EXPLAIN, and tells no number.
        facts.shape.countsRows = false
    }

    /// As defGetBoolean reads an option: no value is true.
    private func isTrue(_ option: Tree.Node) -> Bool {
        guard let value = tree.child(option, .arg) else { return true }
        if tree.type(value) == .integer { return tree.number(value, .ival) != 0 }
        return !["false", "off", "0", "no"].contains(tree.string(value)?.lowercased() ?? "")
    }

    mutating func transactionStatement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        let chain = tree.flag(node, .chain)
        let (tag, effect): (CommandTag, SessionEffect) =
            switch tree.text(node, .kind) {
            case "TRANS_STMT_BEGIN": (.begin, .begin)
            case "TRANS_STMT_START": (.startTransaction, .begin)
            case "TRANS_STMT_COMMIT": (.commit, .commit(chain: chain))
            case "TRANS_STMT_SAVEPOINT": (.savepoint, .savepoint)
            case "TRANS_STMT_RELEASE": (.release, .release)
            case "TRANS_STMT_ROLLBACK_TO": (.rollback, .rollbackToSavepoint)
            case "TRANS_STMT_PREPARE": (.prepareTransaction, .prepareTransaction)
            case "TRANS_STMT_COMMIT_PREPARED": (.commitPrepared, .commitPrepared)
            case "TRANS_STMT_ROLLBACK_PREPARED": (.rollbackPrepared, .rollbackPrepared)
            case "TRANS_STMT_ROLLBACK": (.rollback, .rollback(chain: chain))
            default: throw unexpected(node)
            }
        touch(tag)
        facts.effects.append(effect)
        return tag
    }

    mutating func sessionStatement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        switch tree.type(node) {
        case .variableShowStmt: return touched(.show)
        case .constraintsSetStmt: return touched(.setConstraints)
        case .checkPointStmt: return touched(.checkpoint)
        case .doStmt: return touched(.do)
        case .discardStmt: return discardStatement(node)
        case .listenStmt: return touched(.listen, .channel, tree.text(node, .conditionname))
        case .notifyStmt: return touched(.notify, .channel, tree.text(node, .conditionname))
        case .unlistenStmt: return touched(.unlisten, .channel, tree.text(node, .conditionname))
        case .loadStmt: return touched(.load, .file, tree.text(node, .filename))
        case .callStmt:
            guard let call = tree.child(node, .funccall), let name = name(call, .funcname) else {
                throw .unclassified("CallStmt")
            }
            enter(call)
            tag = .call
            touch(.call, .function, name)
            try walk(call, .args)
            return .call
        default: throw unexpected(node)
        }
    }

    private mutating func discardStatement(_ node: Tree.Node) -> CommandTag {
        switch tree.text(node, .target) {
        case "DISCARD_PLANS":
            facts.effects.append(.discardPlans)
            return touched(.discardPlans)
        case "DISCARD_SEQUENCES":
            return touched(.discardSequences)
        case "DISCARD_TEMP":
            facts.effects.append(.discardTemporary)
            return touched(.discardTemp)
        default:
            facts.effects.append(.discardAll)
            return touched(.discardAll)
        }
    }

    mutating func touched(_ tag: CommandTag) -> CommandTag {
        touch(tag)
        return tag
    }

    mutating func touched(_ tag: CommandTag, _ kind: ObjectKind, _ name: String?) -> CommandTag {
        touch(tag, kind, named: name)
        return tag
    }
}
