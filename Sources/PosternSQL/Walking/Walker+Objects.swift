extension Walker {
    /// DROP, RENAME, SET SCHEMA, OWNER TO, DEPENDS ON, COMMENT, SECURITY LABEL.
    mutating func objectStatement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        switch tree.type(node) {
        case .dropStmt:
            let type = try objectType(node, .removeType)
            guard let tag = type.dropTag else { throw .unclassified("DROP of \(type.rawValue)") }
            for object in tree.elements(node, .objects) {
                guard let name = objectName(type, object) else { throw .unclassified("DROP of \(type.rawValue)") }
                touch(tag, type.kind, name)
                if type == .schema, tree.word(node, .behavior, is: "DROP_CASCADE") {
                    touchContents(tag, of: name.name, [.relation, .function])
                }
            }
            return tag
        case .renameStmt: return try renameStatement(node)
        case .alterObjectSchemaStmt: return try setSchemaStatement(node)
        case .alterOwnerStmt:
            let type = try objectType(node, .objectType)
            let tag = try alterTag(type)
            try touchObject(type, tag, node)
            return tag
        case .alterObjectDependsStmt:
            let type = try objectType(node, .objectType)
            let tag = try alterTag(type)
            try touchObject(type, tag, node)
            if let name = tree.child(node, .extname).flatMap({ tree.string($0) }) {
                touch(tag, .extension, named: name)
            }
            return tag
        case .commentStmt, .secLabelStmt:
            let tag: CommandTag = tree.type(node) == .commentStmt ? .comment : .securityLabel
            try touchObject(try objectType(node, .objtype), tag, node)
            return tag
        default: throw unexpected(node)
        }
    }

    func objectType(_ node: Tree.Node, _ field: Field) throws(AnalysisError) -> ObjectType {
        let name = tree.text(node, field) ?? ""
        guard let type = ObjectType(rawValue: name) else { throw .unclassified("\(tree.type(node).name) of \(name)") }
        return type
    }

    /// Touches what `relation` or `object` names, and answers the name.
    @discardableResult
    private mutating func touchObject(
        _ type: ObjectType,
        _ tag: CommandTag,
        _ node: Tree.Node
    ) throws(AnalysisError) -> ObjectName {
        let found: ObjectName? =
            if let relation = tree.child(node, .relation) {
                self.relation(relation)
            } else if let object = tree.child(node, .object) {
                objectName(type, object)
            } else {
                nil
            }
        guard let found else { throw .unclassified("\(tree.type(node).name) of \(type.rawValue)") }
        touch(tag, type.kind, found)
        return found
    }

    /// The old name and the new one; of a part of a table only the table's.
    private mutating func renameStatement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        let type = try objectType(node, .renameType)
        let tag = try alterTag(type == .column ? objectType(node, .relationType) : type)
        let newName = tree.identifier(node, .newname) ?? ""
        let oldName = tree.identifier(node, .subname) ?? ""
        switch type {
        case .column, .attribute:
            try touchObject(type, tag, node)
            note(column: oldName)
            note(column: newName)
        case .tableConstraint, .trigger, .rule, .policy, .domainConstraint:
            try touchObject(type, tag, node)
        case .foreignTable, .index, .materializedView, .sequence, .table, .view, .type, .domain, .aggregate, .function,
            .procedure, .routine, .collation, .conversion, .operatorClass, .operator, .operatorFamily, .statistics,
            .textSearchConfiguration, .textSearchDictionary, .textSearchParser, .textSearchTemplate:
            var name = try touchObject(type, tag, node)
            name.name = newName
            touch(tag, type.kind, name)
        case .accessMethod, .cast, .database, .eventTrigger, .extension, .foreignDataWrapper, .foreignServer,
            .language, .largeObject, .parameter, .publication, .role, .schema, .subscription, .tablespace, .transform:
            // `object` for some of them, `subname` for the others.
            if tree.has(node, .object) {
                try touchObject(type, tag, node)
            } else {
                touch(tag, type.kind, ObjectName(oldName))
                // A login that is renamed loses its way in, and an MD5 password its meaning.
                if type == .role {
                    facts.roleChanges.append(RoleChange(target: .named(oldName), changesLogin: true))
                }
            }
            touch(tag, type.kind, ObjectName(newName))
        }
        return tag
    }

    private mutating func setSchemaStatement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        let type = try objectType(node, .objectType)
        let tag = try alterTag(type)
        var name = try touchObject(type, tag, node)
        let schema = tree.identifier(node, .newschema) ?? ""
        if type == .extension {
            touch(tag, .schema, ObjectName(schema))
        } else {
            name.catalog = nil
            name.schema = schema
            touch(tag, type.kind, name)
        }
        return tag
    }

    /// The name of an object as the grammar puts it for objects of this type; nil for another shape.
    mutating func objectName(_ type: ObjectType, _ node: Tree.Node) -> ObjectName? {
        if tree.entry(node).kind == .constant { return nil }
        switch tree.type(node) {
        case .string:
            return tree.string(node).map { ObjectName(Identifier($0)) }
        case .typeName: return typeName(node)
        case .objectWithArgs: return nameWithArguments(node)
        case .rangeVar: return relation(node)
        case .integer: return ObjectName(Identifier(String(tree.number(node, .ival))))
        case .float: return tree.identifier(node, .fval).map { ObjectName($0) }
        case .list: return listName(type, node)
        default: return nil
        }
    }

    private mutating func listName(_ type: ObjectType, _ node: Tree.Node) -> ObjectName? {
        let items = Array(tree.elements(node, .items))
        let strings = items.compactMap { tree.string($0) }
        switch type {
        case .column, .tableConstraint, .policy, .rule, .trigger:
            // The last part is that of the relation.
            return Self.name(strings.dropLast())
        case .operatorClass, .operatorFamily:
            // The first is the access method's.
            return Self.name(Array(strings.dropFirst()))
        case .domainConstraint:
            // RENAME gives the domain's name alone, COMMENT its type and the constraint.
            return items.first.flatMap { tree.type($0) == .typeName ? typeName($0) : Self.name(strings) }
        case .cast, .transform:
            let words = items.map { item -> String in
                if let text = tree.string(item) { return text }
                return tree.type(item) == .typeName ? typeName(item)?.description ?? "" : ""
            }
            return ObjectName(Identifier(words.joined(separator: type == .cast ? " AS " : " FOR ")))
        default:
            return strings.count == items.count ? Self.name(strings) : nil
        }
    }
}
