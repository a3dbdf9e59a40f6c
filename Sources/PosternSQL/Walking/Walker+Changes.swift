extension Walker {
    mutating func insertStatement(_ node: Tree.Node) throws(AnalysisError) {
        guard let relation = tree.child(node, .relation) else { throw .unclassified("InsertStmt") }
        let names = try beginChange(node, .insert)
        let alias = alias(relation)
        let target = self.relation(relation)
        touch(.insert, .relation, target)
        addRange(alias ?? target.name, target)
        for column in tree.elements(node, .cols) { try assigned(column) }
        if let source = tree.child(node, .selectStmt) {
            let isValues = tree.has(source, .valuesLists)
            try query(source, as: isValues ? .insert : .select)
        }
        targets.append(TargetUse(alias: alias ?? target.name, hasOthers: isInBody))
        if let conflict = tree.child(node, .onConflictClause) { try onConflict(conflict, target) }
        try walk(node, .returningList)
        endChange(.insert, target, names)
    }

    private mutating func onConflict(_ node: Tree.Node, _ target: ObjectName) throws(AnalysisError) {
        enter(node)
        try walk(node, .infer)
        guard tree.word(node, .action, is: "ONCONFLICT_UPDATE") else { return }
        addRange("excluded", target)
        // The rows are those with the same key: chosen, though not by WHERE.
        add(.write, .update, ObjectReference(.relation, target), restriction: .usesTarget)
        for assignment in tree.elements(node, .targetList) { try assigned(assignment) }
        try walk(node, .whereClause)
    }

    mutating func updateStatement(_ node: Tree.Node) throws(AnalysisError) {
        guard let relation = tree.child(node, .relation) else { throw .unclassified("UpdateStmt") }
        let names = try beginChange(node, .update)
        let position = facts.accesses.count
        let target = beginTarget(relation, hasOthers: tree.has(node, .fromClause))
        for assignment in tree.elements(node, .targetList) { try assigned(assignment) }
        try walk(node, .fromClause)
        let restriction = try condition(node, .whereClause)
        try walk(node, .returningList)
        insert(Access(.write, .update, ObjectReference(.relation, target), restriction: restriction), at: position)
        endChange(.update, target, names)
    }

    mutating func deleteStatement(_ node: Tree.Node) throws(AnalysisError) {
        guard let relation = tree.child(node, .relation) else { throw .unclassified("DeleteStmt") }
        let names = try beginChange(node, .delete)
        let position = facts.accesses.count
        let target = beginTarget(relation, hasOthers: tree.has(node, .usingClause))
        try walk(node, .usingClause)
        let restriction = try condition(node, .whereClause)
        try walk(node, .returningList)
        insert(Access(.write, .delete, ObjectReference(.relation, target), restriction: restriction), at: position)
        endChange(.delete, target, names)
    }

    /// MERGE, and what its branches do: PostgreSQL asks for the same privileges.
    mutating func mergeStatement(_ node: Tree.Node) throws(AnalysisError) {
        guard let relation = tree.child(node, .relation) else { throw .unclassified("MergeStmt") }
        let names = try beginChange(node, .merge)
        let position = facts.accesses.count
        let target = beginTarget(relation, hasOthers: true)
        try walk(node, .sourceRelation)
        let restriction = try condition(node, .joinCondition)
        let object = ObjectReference(.relation, target)
        insert(Access(.write, .merge, object, restriction: restriction), at: position)
        for branch in tree.elements(node, .mergeWhenClauses) {
            enter(branch)
            switch tree.text(branch, .commandType) {
            case "CMD_INSERT": add(.write, .insert, object)
            case "CMD_UPDATE": add(.write, .update, object, restriction: restriction)
            case "CMD_DELETE": add(.write, .delete, object, restriction: restriction)
            default: break
            }
            try walkChildren(branch)
            for assignment in tree.elements(branch, .targetList) { try assigned(assignment) }
            try walk(branch, .values)
        }
        endChange(.merge, target, names)
    }

    // MARK: What they share

    /// WITH comes before the target is known: its queries cannot see it.
    private mutating func beginChange(_ node: Tree.Node, _ tag: CommandTag) throws(AnalysisError) -> [Identifier] {
        enter(node)
        queryDepth += 1
        let names = try withClause(node)
        self.tag = tag
        fromPart = .other
        return names
    }

    private mutating func beginTarget(_ relation: Tree.Node, hasOthers: Bool) -> ObjectName {
        let alias = alias(relation)
        let target = self.relation(relation)
        addRange(alias ?? target.name, target)
        targets.append(TargetUse(alias: alias ?? target.name, hasOthers: hasOthers || isInBody))
        return target
    }

    private mutating func condition(_ node: Tree.Node, _ field: Field) throws(AnalysisError) -> Access.Restriction {
        guard let condition = tree.child(node, field) else { return .none }
        if queryDepth == 1 { facts.shape.hasWhere = true }
        let index = targets.count - 1
        targets[index].isInCondition = true
        try walk(condition)
        targets[index].isInCondition = false
        return targets[index].restriction
    }

    private mutating func endChange(_ tag: CommandTag, _ target: ObjectName, _ names: [Identifier]) {
        if let use = targets.popLast(), use.reads { add(.read, tag, ObjectReference(.relation, target)) }
        queryDepth -= 1
        leave(names)
    }

    /// `column = value`, or a column of INSERT.
    private mutating func assigned(_ node: Tree.Node) throws(AnalysisError) {
        if let column = tree.identifier(node, .name) { note(column: column) }
        try walk(node)
    }
}
