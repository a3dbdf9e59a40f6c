extension Walker {
    /// Tables, views, indexes, sequences, statistics.
    mutating func tableStatement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        switch tree.type(node) {
        case .createStmt: return try createTable(node, .createTable)
        case .createForeignTableStmt:
            guard let base = tree.child(node, .base) else { throw .unclassified("CreateForeignTableStmt") }
            enter(base)
            touch(.createForeignTable, .server, named: tree.text(node, .servername))
            return try createTable(base, .createForeignTable)
        case .createTableAsStmt: return try createTableAs(node)
        case .viewStmt:
            tag = .createView
            if let view = tree.child(node, .view) { touch(.createView, .relation, ownRelation(view)) }
            try walkChildren(node)
            if let query = tree.child(node, .query) { try statement(query) }
            return .createView
        case .indexStmt: return try createIndex(node)
        case .createSeqStmt, .alterSeqStmt:
            tag = tree.type(node) == .createSeqStmt ? .createSequence : .alterSequence
            if let sequence = tree.child(node, .sequence) {
                touch(tag, .relation, tag == .createSequence ? ownRelation(sequence) : relation(sequence))
            }
            try walk(node, .options)
            return tag
        case .alterTableStmt: return try alterTable(node)
        case .alterTableMoveAllStmt:
            let tag = try alterTag(objectType(node, .objtype))
            touch(tag, .tablespace, named: tree.text(node, .origTablespacename))
            touch(tag, .tablespace, named: tree.text(node, .newTablespacename))
            return tag
        case .createStatsStmt:
            tag = .createStatistics
            if let name = name(node, .defnames) { touch(tag, .schemaObject, name) }
            for relation in tree.elements(node, .relations) {
                // The grammar takes all that FROM takes, the server only relations.
                if tree.type(relation) == .rangeVar {
                    touch(tag, .relation, self.relation(relation))
                } else {
                    try walk(relation)
                }
            }
            try walkChildren(node)
            return .createStatistics
        case .alterStatsStmt:
            if let name = name(node, .defnames) { touch(.alterStatistics, .schemaObject, name) }
            return .alterStatistics
        default: throw unexpected(node)
        }
    }

    /// The relation that a statement makes, or that an element of CREATE SCHEMA is about: there the schema is given.
    mutating func ownRelation(_ node: Tree.Node) -> ObjectName {
        var name = newRelation(node)
        if name.schema == nil { name.schema = newSchema }
        return name
    }

    private mutating func createTable(_ node: Tree.Node, _ tag: CommandTag) throws(AnalysisError) -> CommandTag {
        self.tag = tag
        guard let relation = tree.child(node, .relation) else { throw .unclassified("CreateStmt") }
        ownTable = ownRelation(relation)
        touch(tag, .relation, ownTable)
        // Parents, and the table of PARTITION OF.
        for parent in tree.elements(node, .inhRelations) { touch(tag, .relation, self.relation(parent)) }
        if let type = tree.child(node, .ofTypename), let name = typeName(type) { touch(tag, .relation, name) }
        try walkChildren(node)
        try walk(node, .options)
        return tag
    }

    private mutating func createTableAs(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        let isView = try objectType(node, .objtype) == .materializedView
        let tag: CommandTag = isView ? .createMaterializedView : .createTableAs
        guard let into = tree.child(node, .into), let query = tree.child(node, .query) else {
            throw .unclassified("CreateTableAsStmt")
        }
        self.tag = tag
        try intoClause(into, tag)
        try statement(query)
        facts.shape.countsRows = !isView
        return tag
    }

    private mutating func createIndex(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        tag = .createIndex
        guard let relation = tree.child(node, .relation) else { throw .unclassified("IndexStmt") }
        ownTable = ownRelation(relation)
        touch(tag, .relation, ownTable)
        touchBesideOwnTable(tree.identifier(node, .idxname))
        try walkChildren(node)
        return .createIndex
    }

    private mutating func alterTable(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        tag = try alterTag(objectType(node, .objtype))
        guard let relation = tree.child(node, .relation) else { throw .unclassified("AlterTableStmt") }
        ownTable = self.relation(relation)
        touch(tag, .relation, ownTable)
        for command in tree.elements(node, .cmds) {
            enter(command)
            noteColumn(of: command)
            guard let definition = tree.child(command, .def) else { continue }
            switch tree.entry(definition).kind == .object ? tree.type(definition) : .aConst {
            case .rangeVar:
                // INHERIT and NO INHERIT.
                touch(tag, .relation, self.relation(definition))
            case .typeName:
                if let name = typeName(definition) { touch(tag, .relation, name) }
            default: try walk(definition)
            }
        }
        return tag
    }

    private mutating func noteColumn(of command: Tree.Node) {
        switch tree.text(command, .subtype) {
        case "AT_ColumnDefault", "AT_DropNotNull", "AT_SetNotNull", "AT_DropExpression", "AT_SetStatistics",
            "AT_SetOptions", "AT_ResetOptions", "AT_SetStorage", "AT_SetCompression", "AT_DropColumn",
            "AT_AlterColumnType", "AT_AlterColumnGenericOptions", "AT_AddIdentity", "AT_SetIdentity",
            "AT_DropIdentity":
            if let name = tree.identifier(command, .name) { note(column: name) }
        default: break
        }
    }

    /// An index lies in its table's schema.
    private mutating func touchBesideOwnTable(_ name: Identifier?) {
        guard let name else { return }
        touch(tag, .relation, ObjectName(schema: ownTable.schema, name))
    }

    /// What CREATE TABLE and ALTER TABLE share.
    mutating func tablePart(_ node: Tree.Node) throws(AnalysisError) {
        switch tree.type(node) {
        case .columnDef:
            if let name = tree.identifier(node, .colname) { note(column: name) }
            if let sequence = relation(node, .identitySequence) { touch(tag, .relation, sequence) }
            try walk(node, .fdwoptions)
        case .constraint:
            if let key = relation(node, .pktable) { touch(tag, .relation, key) }
            for field in [Field.keys, .fkAttrs] { noteColumns(node, field) }
            touchBesideOwnTable(tree.identifier(node, .indexname))
            try walk(node, .exclusions)
            try walk(node, .options)
        case .tableLikeClause:
            if let relation = relation(node, .relation) { touch(tag, .relation, relation) }
        case .partitionCmd:
            if let relation = relation(node, .name) { touch(tag, .relation, relation) }
        default: break
        }
        try walkChildren(node)
    }

    /// Options that name objects: OWNED BY and the name of an identity's sequence.
    mutating func noteOption(_ node: Tree.Node) {
        guard let value = tree.child(node, .arg), tree.entry(value).kind == .object, tree.type(value) == .list else {
            return
        }
        let parts = tree.strings(value, .items)
        switch tree.text(node, .defname) {
        case "owned_by":
            // `table.column`; a lone NONE has no table.
            if let name = Self.name(parts.dropLast()) { touch(tag, .relation, name) }
        case "sequence_name":
            if let name = Self.name(parts) { touch(tag, .relation, name) }
        default: break
        }
    }
}
