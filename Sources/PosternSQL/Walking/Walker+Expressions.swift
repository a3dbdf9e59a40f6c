extension Walker {
    /// Walks a node and all below it.
    mutating func walk(_ node: Tree.Node) throws(AnalysisError) {
        let floor = pending.count
        pending.append(node)
        while pending.count > floor, let next = pending.popLast() { try step(next) }
    }

    mutating func walk(_ node: Tree.Node, _ field: Field) throws(AnalysisError) {
        if let child = tree.child(node, field) { try walk(child) }
    }

    /// Walks what the classification calls children of this node.
    mutating func walkChildren(_ node: Tree.Node) throws(AnalysisError) {
        let floor = pending.count
        pushChildren(node)
        while pending.count > floor, let next = pending.popLast() { try step(next) }
    }

    /// In reverse, so that the first is the next.
    private mutating func pushChildren(_ node: Tree.Node) {
        let start = pending.count
        for child in tree.elements(node) {
            let entry = tree.entry(child)
            switch entry.kind {
            case .object, .list: if entry.isChild { pending.append(child) }
            case .nothing, .constant, .string, .escaped, .number, .yes, .no: break
            }
        }
        pending[start...].reverse()
    }

    private mutating func push(_ node: Tree.Node, _ field: Field) {
        if let child = tree.child(node, field) { pending.append(child) }
    }

    private mutating func step(_ node: Tree.Node) throws(AnalysisError) {
        let entry = tree.entry(node)
        switch entry.kind {
        case .list: return pushChildren(node)
        case .nothing, .constant, .string, .escaped, .number, .yes, .no: return
        case .object: break
        }
        switch entry.type {
        case .columnRef: noteColumn(node)
        case .funcCall: noteCall(node)
        case .aIndirection:
            noteAttributes(node)
            pushChildren(node)
        case .resTarget:
            // Its name is a column where it is written, and was noted there.
            pushChildren(node)
        case .subLink:
            push(node, .subselect)
            push(node, .testexpr)
        case .currentOfExpr:
            for index in targets.indices.suffix(1) where targets[index].nesting == 0 { targets[index].restrict() }
        case .selectStmt: try query(node)
        case .rangeVar, .rangeSubselect, .rangeFunction, .rangeTableFunc, .rangeTableSample, .joinExpr:
            noteFrom(node)
            push(node, .subquery)
            pushChildren(node)
        case .indexElem, .statsElem, .partitionElem:
            if let column = tree.identifier(node, .name) { noteColumn(nil, column) }
            pushChildren(node)
        case .defElem:
            noteOption(node)
            push(node, .arg)
        case .columnDef, .constraint, .tableLikeClause, .partitionCmd, .replicaIdentityStmt, .roleSpec:
            try tablePart(node)
        case .list, .intList, .string, .integer, .float, .boolean, .bitString, .aConst, .aStar, .namedArgExpr,
            .groupingFunc, .boolExpr, .caseExpr, .caseWhen, .rowExpr, .coalesceExpr, .minMaxExpr, .sqlValueFunction,
            .xmlExpr, .xmlSerialize, .nullTest, .booleanTest, .setToDefault, .aExpr, .paramRef, .aIndices,
            .aArrayExpr, .multiAssignRef, .typeCast, .collateClause, .sortBy, .windowDef, .rangeTableFuncCol,
            .typeName, .groupingSet, .inferClause, .partitionSpec, .partitionBoundSpec, .functionParameter,
            .returnStmt, .cteCycleClause, .cteSearchClause:
            pushChildren(node)
        default:
            // Statements, and nodes that only the code for their statement can read.
            throw .unclassified("\(entry.type.name) in \(entry.field.name)")
        }
        enter(node)
    }

    private mutating func noteColumn(_ node: Tree.Node) {
        var parts: [Identifier] = []
        var isStar = false
        for field in tree.elements(node, .fields) {
            if let text = tree.string(field) { parts.append(Identifier(text)) } else { isStar = true }
        }
        let name = isStar ? nil : parts.popLast()
        noteColumn(parts.last, name)
        if let name, !parts.isEmpty { noteQualified(parts, name) }
    }

    /// - Parameter name: nil for `*`.
    mutating func noteColumn(_ qualifier: Identifier?, _ name: Identifier?) {
        if let name { note(column: name) }
        for index in targets.indices { targets[index].note(qualifier: qualifier, name: name) }
    }

    /// `(expression).f`, which may be a call of `f`.
    private mutating func noteAttributes(_ node: Tree.Node) {
        for step in tree.elements(node, .indirection) {
            if let text = tree.string(step) {
                note(column: Identifier(text))
                noteQualified([], Identifier(text))
            } else if tree.type(step) != .aStar {
                pending.append(step)
            }
        }
    }

    private mutating func noteQualified(_ qualifier: [Identifier], _ name: Identifier) {
        let column = QualifiedColumn(qualifier: qualifier, name: name)
        if knownColumns.insert(column).inserted { facts.qualifiedColumns.append(column) }
    }

    private mutating func noteCall(_ node: Tree.Node) {
        if let setting = settingChange(of: node) {
            facts.settings.append(setting)
        } else if let name = name(node, .funcname) {
            call(name)
        }
        for field in [Field.over, .aggFilter, .aggOrder, .args] { push(node, field) }
    }
}
