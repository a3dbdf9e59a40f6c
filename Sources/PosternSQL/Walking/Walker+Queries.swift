extension Walker {
    /// What is left to do of a SELECT and its set operations, which lean to the left without bound.
    private enum Task {
        case enter(Tree.Node)
        /// After the arms: ORDER BY and its like, and the end of the scope of so many names.
        case finish(Tree.Node, names: [Identifier])
    }

    /// A SELECT, VALUES or TABLE with all its arms.
    mutating func query(_ node: Tree.Node, as outerTag: CommandTag = .select) throws(AnalysisError) {
        let (savedTag, savedPart) = (tag, fromPart)
        (tag, fromPart) = (outerTag, .target)
        for index in targets.indices { targets[index].nesting += 1 }
        queryDepth += 1
        var tasks = [Task.enter(node)]
        while let task = tasks.popLast() {
            switch task {
            case .enter(let select):
                enter(select)
                tasks.append(.finish(select, names: try withClause(select)))
                if let left = tree.child(select, .larg), let right = tree.child(select, .rarg) {
                    tasks.append(.enter(right))
                    tasks.append(.enter(left))
                } else {
                    try simpleQuery(select)
                }
            case .finish(let select, let names):
                try queryTail(select)
                leave(names)
            }
        }
        queryDepth -= 1
        for index in targets.indices { targets[index].nesting -= 1 }
        (tag, fromPart) = (savedTag, savedPart)
    }

    /// One arm, without what can follow a set operation as well.
    private mutating func simpleQuery(_ node: Tree.Node) throws(AnalysisError) {
        if let into = tree.child(node, .intoClause) { try intoClause(into, .selectInto) }
        // FROM first: it says which names qualify columns.
        try walk(node, .fromClause)
        let outerSetting = rowSetting
        rowSetting = settingOfRow(node)
        defer { rowSetting = outerSetting }
        try walk(node, .targetList)
        if tree.has(node, .whereClause) {
            if queryDepth == 1 { facts.shape.hasWhere = true }
            try walk(node, .whereClause)
        }
    }

    private mutating func queryTail(_ node: Tree.Node) throws(AnalysisError) {
        try walkChildren(node)
        try walk(node, .limitOffset)
        if tree.has(node, .limitCount) {
            if queryDepth == 1 { facts.shape.hasLimit = true }
            try walk(node, .limitCount)
        }
        if tree.has(node, .lockingClause) { lock(node) }
    }

    mutating func intoClause(_ node: Tree.Node, _ tag: CommandTag) throws(AnalysisError) {
        enter(node)
        guard let relation = tree.child(node, .rel) else { return }
        let name = newRelation(relation)
        touch(tag, .relation, name)
        if tag == .selectInto { madeRelation = true }
        try walkChildren(node)
    }

    // MARK: WITH

    /// Walks the CTEs of a statement. Their names stay visible until `leave`.
    mutating func withClause(_ node: Tree.Node) throws(AnalysisError) -> [Identifier] {
        guard let clause = tree.child(node, .withClause) else { return [] }
        enter(clause)
        var names: [Identifier] = []
        let isRecursive = tree.flag(clause, .recursive)
        if isRecursive {
            names = tree.elements(clause, .ctes).compactMap { tree.identifier($0, .ctename) }
            for name in names { visibleNames[name, default: 0] += 1 }
        }
        for expression in tree.elements(clause, .ctes) {
            enter(expression)
            guard let name = tree.identifier(expression, .ctename), let inner = tree.child(expression, .ctequery)
            else { throw .unclassified("CommonTableExpr") }
            let (savedTag, savedPart) = (tag, fromPart)
            if try innerStatement(inner).changesRows { facts.shape.changesRowsInside = true }
            (tag, fromPart) = (savedTag, savedPart)
            try walk(expression, .searchClause)
            try walk(expression, .cycleClause)
            if !isRecursive {
                names.append(name)
                visibleNames[name, default: 0] += 1
            }
        }
        return names
    }

    mutating func leave(_ names: [Identifier]) {
        for name in names {
            let count = visibleNames[name, default: 1] - 1
            visibleNames[name] = count > 0 ? count : nil
        }
    }

    /// A statement that a query can hold.
    private mutating func innerStatement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        switch tree.type(node) {
        case .selectStmt, .insertStmt, .updateStmt, .deleteStmt, .mergeStmt: return try statement(node)
        case let other: throw .unclassified("\(other.name) in WITH")
        }
    }

    // MARK: FROM

    /// Notes what one item of FROM adds to the names and accesses. Its children are walked by the caller.
    mutating func noteFrom(_ node: Tree.Node) {
        let alias = alias(node)
        switch tree.type(node) {
        case .rangeVar:
            let name = relation(node)
            let isCommonTable = name.schema == nil && visibleNames[name.name] != nil
            if !isCommonTable { add(.read, tag, ObjectReference(.relation, name), part: fromPart) }
            addRange(alias ?? name.name, isCommonTable ? nil : name)
        case .rangeFunction:
            if let name = alias ?? functionName(node) { addRange(name, nil) }
        case .rangeTableSample:
            if let method = name(node, .method) { call(method) }
        case .joinExpr:
            noteColumns(node, .usingClause)
            dismiss(node, .joinUsingAlias)
            if let joined = tree.child(node, .joinUsingAlias).flatMap({ tree.identifier($0, .aliasname) }) {
                addRange(joined, nil)
            }
            if let alias { addRange(alias, nil) }
        case .rangeTableFunc:
            addRange(alias ?? "xmltable", nil)
        default:
            if let alias { addRange(alias, nil) }
        }
    }

    /// What qualifies the columns of a function in FROM that has no alias.
    private func functionName(_ node: Tree.Node) -> Identifier? {
        for item in tree.elements(node, .functions) {
            for call in tree.elements(item, .items) where tree.type(call) == .funcCall {
                return name(call, .funcname)?.name
            }
        }
        return nil
    }

    // MARK: FOR UPDATE

    /// All clauses of one strength at once, so that many clauses over many relations take no longer than both.
    private mutating func lock(_ select: Tree.Node) {
        // In the order of the text; nil names all of FROM.
        var locks: [(tag: CommandTag, names: Set<Identifier>?)] = []
        for clause in tree.elements(select, .lockingClause) {
            enter(clause)
            let tag = lockTag(clause)
            let index = locks.firstIndex { $0.tag == tag } ?? locks.count
            if index == locks.count { locks.append((tag, [])) }
            if !tree.has(clause, .lockedRels) { locks[index].names = nil }
            for locked in tree.elements(clause, .lockedRels) {
                dismiss(locked)
                locks[index].names?.insert(tree.identifier(locked, .relname) ?? "")
            }
        }
        for (tag, names) in locks {
            for relation in lockedRelations(of: select, names) {
                add(.write, tag, ObjectReference(.relation, relation))
            }
        }
    }

    private func lockTag(_ clause: Tree.Node) -> CommandTag {
        switch tree.text(clause, .strength) {
        case "LCS_FORKEYSHARE": .selectForKeyShare
        case "LCS_FORSHARE": .selectForShare
        case "LCS_FORNOKEYUPDATE": .selectForNoKeyUpdate
        default: .selectForUpdate
        }
    }

    /// The relations that a locking clause locks: those of FROM, or of the named items of FROM, and all of the
    /// subqueries there (transformLockingClause).
    private func lockedRelations(of select: Tree.Node, _ names: Set<Identifier>?) -> [ObjectName] {
        var found: [ObjectName] = []
        var commonTables: Set<Identifier> = []
        /// Items with the names to look for among them; nil locks all.
        var items: [(node: Tree.Node, names: Set<Identifier>?)] = []
        func addFrom(_ select: Tree.Node, _ names: Set<Identifier>?) {
            if let with = tree.child(select, .withClause) {
                for expression in tree.elements(with, .ctes) {
                    if let name = tree.identifier(expression, .ctename) { commonTables.insert(name) }
                }
            }
            for field in [Field.larg, .rarg] {
                if let arm = tree.child(select, field) { items.append((arm, names)) }
            }
            for item in tree.elements(select, .fromClause) { items.append((item, names)) }
        }
        addFrom(select, names)
        while let (node, names) = items.popLast() {
            let alias = tree.child(node, .alias).flatMap { tree.identifier($0, .aliasname) }
            switch tree.type(node) {
            case .rangeVar:
                guard
                    let name = Self.name(
                        [.catalogname, .schemaname, .relname].compactMap { tree.text(node, $0) }
                    )
                else { continue }
                let isNamed = names?.contains(alias ?? name.name) ?? true
                let isCommonTable =
                    name.schema == nil && (visibleNames[name.name] != nil || commonTables.contains(name.name))
                if isNamed, !isCommonTable { found.append(name) }
            case .joinExpr:
                for field in [Field.larg, .rarg] {
                    if let arm = tree.child(node, field) { items.append((arm, names)) }
                }
            case .rangeTableSample:
                if let relation = tree.child(node, .relation) { items.append((relation, names)) }
            case .rangeSubselect:
                if let names, alias.map({ !names.contains($0) }) ?? true { continue }
                if let subquery = tree.child(node, .subquery) { addFrom(subquery, nil) }
            case .selectStmt:
                addFrom(node, names)
            default: break
            }
        }
        return found.reversed()
    }
}

extension CommandTag {
    /// It changes rows, and its tag tells how many.
    var changesRows: Bool {
        switch self {
        case .insert, .update, .delete, .merge: true
        default: false
        }
    }
}
