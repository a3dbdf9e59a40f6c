extension Walker {
    mutating func copyStatement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        let isFrom = tree.flag(node, .isFrom)
        let own: CommandTag = isFrom ? .copyFrom : .copyTo
        let whole: CommandTag =
            if tree.flag(node, .isProgram) { .copyProgram } else if tree.has(node, .filename) { .copyFile } else { own }
        if whole != own { touch(whole, .file, named: tree.text(node, .filename) ?? "") }
        facts.shape.copy = whole != own ? .server : isFrom ? .fromStdin : .toStdout
        tag = own
        if let relation = tree.child(node, .relation) {
            let name = self.relation(relation)
            touch(own, .relation, name)
            addRange(name.name, name)
        } else if let query = tree.child(node, .query) {
            try statement(query)
        }
        noteColumns(node, .attlist)
        try walk(node, .whereClause)
        facts.shape.countsRows = isFrom || facts.shape.countsRows
        return whole
    }

    /// LOCK, TRUNCATE, VACUUM and their like.
    mutating func maintenanceStatement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        switch tree.type(node) {
        case .lockStmt:
            for relation in tree.elements(node, .relations) { touch(.lockTable, .relation, self.relation(relation)) }
            return .lockTable
        case .truncateStmt:
            for relation in tree.elements(node, .relations) {
                touch(.truncateTable, .relation, self.relation(relation))
            }
            return .truncateTable
        case .vacuumStmt: return vacuumStatement(node)
        case .clusterStmt: return touchedRelation(.cluster, node)
        case .refreshMatViewStmt: return touchedRelation(.refreshMaterializedView, node)
        case .reindexStmt:
            switch tree.text(node, .kind) {
            case "REINDEX_OBJECT_INDEX", "REINDEX_OBJECT_TABLE": return touchedRelation(.reindex, node)
            case "REINDEX_OBJECT_SCHEMA":
                touch(.reindex, .schema, named: tree.text(node, .name))
                if let schema = tree.identifier(node, .name) { touchContents(.reindex, of: schema, [.relation]) }
                return .reindex
            default: return touched(.reindex, .database, tree.text(node, .name))
            }
        default: throw unexpected(node)
        }
    }

    private mutating func vacuumStatement(_ node: Tree.Node) -> CommandTag {
        let tag: CommandTag = tree.flag(node, .isVacuumcmd) ? .vacuum : .analyze
        guard tree.has(node, .rels) else { return touched(tag) }
        for item in tree.elements(node, .rels) {
            enter(item)
            noteColumns(item, .vaCols)
            if let relation = tree.child(item, .relation) { touch(tag, .relation, self.relation(relation)) }
        }
        return tag
    }

    /// The relation of a statement that has one or none.
    mutating func touchedRelation(_ tag: CommandTag, _ node: Tree.Node) -> CommandTag {
        if let name = relation(node, .relation) { touch(tag, .relation, name) } else { touch(tag) }
        return tag
    }
}
