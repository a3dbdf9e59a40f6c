extension Walker {
    /// Functions, triggers, rules, policies, languages.
    mutating func routineStatement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        switch tree.type(node) {
        case .createFunctionStmt: return try createFunction(node)
        case .alterFunctionStmt:
            let type = try objectType(node, .objtype)
            tag = try alterTag(type)
            let name = tree.child(node, .func).flatMap { nameWithArguments($0) }
            touch(tag, .function, name ?? ObjectName(""))
            functionOptions(node, .actions)
            return tag
        case .createTrigStmt:
            tag = .createTrigger
            if let relation = tree.child(node, .relation) {
                let name = ownRelation(relation)
                touch(tag, .relation, name)
                addRowNames(of: name)
            }
            if let other = relation(node, .constrrel) { touch(tag, .relation, other) }
            if let function = name(node, .funcname) { call(function) }
            noteColumns(node, .columns)
            try walkChildren(node)
            return .createTrigger
        case .createEventTrigStmt:
            tag = .createEventTrigger
            touch(tag, .eventTrigger, named: tree.text(node, .trigname))
            if let function = name(node, .funcname) { call(function) }
            return .createEventTrigger
        case .alterEventTrigStmt: return touched(.alterEventTrigger, .eventTrigger, tree.text(node, .trigname))
        case .ruleStmt: return try createRule(node)
        case .createPolicyStmt, .alterPolicyStmt:
            tag = tree.type(node) == .createPolicyStmt ? .createPolicy : .alterPolicy
            if let relation = relation(node, .table) { touch(tag, .relation, relation) }
            try walkChildren(node)
            return tag
        case .createPLangStmt:
            tag = .createLanguage
            touch(tag, .language, named: tree.text(node, .plname))
            for field in [Field.plhandler, .plinline, .plvalidator] {
                if let function = name(node, field) { call(function) }
            }
            return .createLanguage
        case .createAmStmt:
            tag = .createAccessMethod
            touch(tag, .accessMethod, named: tree.text(node, .amname))
            if let function = name(node, .handlerName) { call(function) }
            return .createAccessMethod
        default: throw unexpected(node)
        }
    }

    private mutating func createFunction(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        tag = tree.flag(node, .isProcedure) ? .createProcedure : .createFunction
        let own = tag
        touch(own, .function, name(node, .funcname) ?? ObjectName(""))
        try walkChildren(node)
        functionOptions(node, .options)
        guard let body = tree.child(node, .sqlBody) else { return own }
        isInBody = true
        if tree.type(body) == .list {
            // BEGIN ATOMIC: a list of one list of statements.
            for block in tree.elements(body, .items) {
                for inner in tree.elements(block, .items) { try bodyStatement(inner) }
            }
        } else {
            try bodyStatement(body)
        }
        isInBody = false
        return own
    }

    private mutating func bodyStatement(_ node: Tree.Node) throws(AnalysisError) {
        if tree.isNothing(node) { return }
        // What the body does is done when the function is called.
        let shape = facts.shape
        if tree.type(node) == .returnStmt { try walk(node) } else { try statement(node) }
        facts.shape = shape
    }

    private mutating func functionOptions(_ node: Tree.Node, _ field: Field) {
        for option in tree.elements(node, field) where tree.text(option, .defname) == "set" {
            if let setting = tree.child(option, .arg), tree.type(setting) == .variableSetStmt { storedSetting(setting) }
        }
        callFunctions(in: node, field)
    }

    private mutating func createRule(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        tag = .createRule
        if let relation = relation(node, .relation) {
            touch(tag, .relation, relation)
            addRowNames(of: relation)
        }
        try walkChildren(node)
        isInBody = true
        for action in tree.elements(node, .actions) { try bodyStatement(action) }
        isInBody = false
        return .createRule
    }

    /// NEW and OLD are rows of the relation.
    private mutating func addRowNames(of relation: ObjectName) {
        for name: Identifier in ["new", "old"] { addRange(name, relation) }
    }

    func alterTag(_ type: ObjectType) throws(AnalysisError) -> CommandTag {
        guard let tag = type.alterTag else { throw .unclassified("ALTER of \(type.rawValue)") }
        return tag
    }
}
