extension Walker {
    /// Types, domains, operators, aggregates, casts and what else extends the type system.
    mutating func typeStatement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        switch tree.type(node) {
        case .compositeTypeStmt:
            tag = .createType
            if let name = relation(node, .typevar) { touch(tag, .relation, name) }
            try walkChildren(node)
            return .createType
        case .createEnumStmt: return touched(.createType, .type, name(node, .typeName))
        case .createRangeStmt:
            tag = .createType
            callFunctions(in: node, .params)
            return touched(.createType, .type, name(node, .typeName))
        case .createDomainStmt:
            tag = .createDomain
            touch(tag, .type, name(node, .domainname) ?? ObjectName(""))
            try walkChildren(node)
            return .createDomain
        case .alterDomainStmt:
            tag = .alterDomain
            touch(tag, .type, name(node, .typeName) ?? ObjectName(""))
            try walkChildren(node)
            return .alterDomain
        case .alterTypeStmt:
            tag = .alterType
            callFunctions(in: node, .options)
            return touched(.alterType, .type, name(node, .typeName))
        case .alterEnumStmt: return touched(.alterType, .type, name(node, .typeName))
        case .defineStmt: return try defineStatement(node)
        case .alterOperatorStmt:
            tag = .alterOperator
            let name = tree.child(node, .opername).flatMap { nameWithArguments($0) }
            callFunctions(in: node, .options)
            return touched(.alterOperator, .schemaObject, name)
        case .createOpClassStmt: return operatorClass(node, .createOperatorClass, name(node, .opclassname))
        case .createOpFamilyStmt: return touched(.createOperatorFamily, .schemaObject, name(node, .opfamilyname))
        case .alterOpFamilyStmt: return operatorClass(node, .alterOperatorFamily, name(node, .opfamilyname))
        case .alterCollationStmt: return touched(.alterCollation, .schemaObject, name(node, .collname))
        case .createCastStmt: return createCast(node)
        case .createTransformStmt: return createTransform(node)
        case .createConversionStmt:
            tag = .createConversion
            if let function = name(node, .funcName) { call(function) }
            return touched(.createConversion, .schemaObject, name(node, .conversionName))
        case .alterTSDictionaryStmt:
            return touched(.alterTextSearchDictionary, .schemaObject, name(node, .dictname))
        case .alterTSConfigurationStmt:
            return touched(.alterTextSearchConfiguration, .schemaObject, name(node, .cfgname))
        default: throw unexpected(node)
        }
    }

    mutating func touched(_ tag: CommandTag, _ kind: ObjectKind, _ name: ObjectName?) -> CommandTag {
        if let name { touch(tag, kind, name) } else { touch(tag) }
        return tag
    }

    /// CREATE AGGREGATE, OPERATOR, TYPE, TEXT SEARCH …, COLLATION.
    private mutating func defineStatement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        let type = try objectType(node, .kind)
        switch type {
        case .aggregate: tag = .createAggregate
        case .operator: tag = .createOperator
        case .type: tag = .createType
        case .textSearchParser: tag = .createTextSearchParser
        case .textSearchDictionary: tag = .createTextSearchDictionary
        case .textSearchTemplate: tag = .createTextSearchTemplate
        case .textSearchConfiguration: tag = .createTextSearchConfiguration
        case .collation: tag = .createCollation
        default: throw .unclassified("DefineStmt of \(type.rawValue)")
        }
        let own = tag
        touch(own, type.kind, name(node, .defnames) ?? ObjectName(""))
        callFunctions(in: node, .definition)
        try walkChildren(node)
        return own
    }

    private mutating func operatorClass(
        _ node: Tree.Node,
        _ tag: CommandTag,
        _ name: ObjectName?
    ) -> CommandTag {
        self.tag = tag
        touch(tag, .schemaObject, name ?? ObjectName(""))
        for item in tree.elements(node, .items) {
            enter(item)
            // OPCLASS_ITEM_FUNCTION; operators are resolved by the server, as in expressions.
            guard let object = tree.child(item, .name), let name = nameWithArguments(object) else { continue }
            if tree.number(item, .itemtype) == 2 { call(name) }
        }
        return tag
    }

    private mutating func createCast(_ node: Tree.Node) -> CommandTag {
        tag = .createCast
        let types = [Field.sourcetype, .targettype].map { field in
            tree.child(node, field).flatMap { typeName($0)?.description } ?? ""
        }
        touch(.createCast, .cast, named: types.joined(separator: " AS "))
        callFunction(node, .func)
        return .createCast
    }

    private mutating func createTransform(_ node: Tree.Node) -> CommandTag {
        tag = .createTransform
        let type = tree.child(node, .typeNameUnderscored).flatMap { typeName($0)?.description } ?? ""
        touch(.createTransform, .transform, named: type + " FOR " + (tree.text(node, .lang) ?? ""))
        callFunction(node, .fromsql)
        callFunction(node, .tosql)
        return .createTransform
    }

    // MARK: Functions that definitions name

    private mutating func callFunction(_ node: Tree.Node, _ field: Field) {
        if let function = tree.child(node, field).flatMap({ nameWithArguments($0) }) { call(function) }
    }

    /// Options whose value is a function: CREATE OPERATOR, AGGREGATE, TYPE, TEXT SEARCH PARSER and TEMPLATE,
    /// FOREIGN DATA WRAPPER.
    private static let functionOptions: Set<String> = [
        "procedure", "function", "restrict", "join", "sfunc", "sfunc1", "finalfunc", "combinefunc", "serialfunc",
        "deserialfunc", "msfunc", "minvfunc", "mfinalfunc", "input", "output", "receive", "send", "typmod_in",
        "typmod_out", "analyze", "subscript", "start", "gettoken", "end", "headline", "lextypes", "init", "lexize",
        "subtype_diff", "canonical", "handler", "validator", "support",
    ]

    /// Enters a list of options, and calls the functions in it.
    mutating func callFunctions(in node: Tree.Node, _ field: Field) {
        for option in tree.elements(node, field) {
            dismiss(option)
            guard let value = tree.child(option, .arg), tree.entry(value).kind == .object,
                Self.functionOptions.contains(tree.text(option, .defname) ?? "")
            else { continue }
            let found: ObjectName? =
                switch tree.type(value) {
                case .typeName: name(value, .names)
                case .list: name(value, .items)
                case .string: tree.string(value).map { ObjectName(Identifier($0)) }
                default: nil
                }
            if let found { call(found) }
        }
    }
}
