extension Walker {
    /// Schemas, extensions, tablespaces, databases, ALTER SYSTEM.
    mutating func databaseStatement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        switch tree.type(node) {
        case .createSchemaStmt: return try createSchema(node)
        case .createExtensionStmt:
            touch(.createExtension, .extension, named: tree.text(node, .extname))
            for option in tree.elements(node, .options) {
                dismiss(option)
                guard tree.text(option, .defname) == "schema" else { continue }
                if let schema = tree.child(option, .arg).flatMap({ tree.string($0) }) {
                    touch(.createExtension, .schema, named: schema)
                }
            }
            return .createExtension
        case .alterExtensionStmt: return touched(.alterExtension, .extension, tree.text(node, .extname))
        case .alterExtensionContentsStmt:
            touch(.alterExtension, .extension, named: tree.text(node, .extname))
            let type = try objectType(node, .objtype)
            guard let object = tree.child(node, .object), let name = objectName(type, object) else {
                throw .unclassified("AlterExtensionContentsStmt of \(type.rawValue)")
            }
            touch(.alterExtension, type.kind, name)
            return .alterExtension
        case .createTableSpaceStmt: return touched(.createTablespace, .tablespace, tree.text(node, .tablespacename))
        case .dropTableSpaceStmt: return touched(.dropTablespace, .tablespace, tree.text(node, .tablespacename))
        case .alterTableSpaceOptionsStmt:
            return touched(.alterTablespace, .tablespace, tree.text(node, .tablespacename))
        case .createdbStmt:
            touch(.createDatabase, .database, named: tree.text(node, .dbname))
            databaseOptions(node, .createDatabase)
            return .createDatabase
        case .dropdbStmt: return touched(.dropDatabase, .database, tree.text(node, .dbname))
        case .alterDatabaseStmt:
            touch(.alterDatabase, .database, named: tree.text(node, .dbname))
            databaseOptions(node, .alterDatabase)
            return .alterDatabase
        case .alterDatabaseRefreshCollStmt: return touched(.alterDatabase, .database, tree.text(node, .dbname))
        case .alterDatabaseSetStmt:
            if let setting = tree.child(node, .setstmt) { storedSetting(setting) }
            return touched(.alterDatabase, .database, tree.text(node, .dbname))
        case .alterSystemStmt:
            if let setting = tree.child(node, .setstmt) { storedSetting(setting) }
            let name = facts.settings.last?.name
            return touched(.alterSystem, .parameter, name == "all" ? nil : name)
        default: throw unexpected(node)
        }
    }

    /// A copied database is read, and a tablespace is filled.
    private mutating func databaseOptions(_ node: Tree.Node, _ tag: CommandTag) {
        for option in tree.elements(node, .options) {
            dismiss(option)
            let value = tree.child(option, .arg).flatMap { tree.string($0) }
            switch tree.text(option, .defname) {
            case "template": touch(tag, .database, named: value)
            case "tablespace": touch(tag, .tablespace, named: value)
            default: break
            }
        }
    }

    private mutating func createSchema(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        let owner = tree.child(node, .authrole)
        if let owner { dismiss(owner) }
        // AUTHORIZATION alone gives the schema the role's name; that of CURRENT_USER is not in the text.
        let name = tree.identifier(node, .schemaname) ?? owner.flatMap { tree.identifier($0, .rolename) }
        touch(.createSchema, .schema, named: name?.text)
        newSchema = name
        for element in tree.elements(node, .schemaElts) { try statement(element) }
        newSchema = nil
        return .createSchema
    }
}
