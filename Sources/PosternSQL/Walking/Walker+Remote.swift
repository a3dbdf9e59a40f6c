extension Walker {
    /// Foreign data, publications, subscriptions.
    mutating func remoteStatement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        switch tree.type(node) {
        case .createFdwStmt, .alterFdwStmt:
            tag = tree.type(node) == .createFdwStmt ? .createForeignDataWrapper : .alterForeignDataWrapper
            touch(tag, .foreignDataWrapper, named: tree.text(node, .fdwname))
            callFunctions(in: node, .funcOptions)
            return tag
        case .createForeignServerStmt:
            touch(.createServer, .server, named: tree.text(node, .servername))
            touch(.createServer, .foreignDataWrapper, named: tree.text(node, .fdwname))
            return .createServer
        case .alterForeignServerStmt: return touched(.alterServer, .server, tree.text(node, .servername))
        case .importForeignSchemaStmt:
            touch(.importForeignSchema, .server, named: tree.text(node, .serverName))
            touch(.importForeignSchema, .schema, named: tree.text(node, .localSchema))
            return .importForeignSchema
        case .createUserMappingStmt: return touched(.createUserMapping, .server, tree.text(node, .servername))
        case .alterUserMappingStmt: return touched(.alterUserMapping, .server, tree.text(node, .servername))
        case .dropUserMappingStmt: return touched(.dropUserMapping, .server, tree.text(node, .servername))
        case .createPublicationStmt: return try publication(node, .createPublication)
        case .alterPublicationStmt: return try publication(node, .alterPublication)
        case .createSubscriptionStmt:
            return touched(.createSubscription, .subscription, tree.text(node, .subname))
        case .alterSubscriptionStmt: return touched(.alterSubscription, .subscription, tree.text(node, .subname))
        case .dropSubscriptionStmt: return touched(.dropSubscription, .subscription, tree.text(node, .subname))
        default: throw unexpected(node)
        }
    }

    private mutating func publication(_ node: Tree.Node, _ tag: CommandTag) throws(AnalysisError) -> CommandTag {
        self.tag = tag
        touch(tag, .publication, named: tree.text(node, .pubname))
        // Every table there is and will be.
        if tree.flag(node, .forAllTables) { touch(tag) }
        for item in tree.elements(node, .pubobjects) {
            enter(item)
            guard let table = tree.child(item, .pubtable) else {
                // TABLES IN SCHEMA; that of CURRENT_SCHEMA is not in the text.
                touch(tag, .schema, named: tree.text(item, .name))
                if let schema = tree.identifier(item, .name) { touchContents(tag, of: schema, [.relation]) }
                continue
            }
            enter(table)
            if let relation = relation(table, .relation) { touch(tag, .relation, relation) }
            noteColumns(table, .columns)
            try walkChildren(table)
        }
        return tag
    }
}
