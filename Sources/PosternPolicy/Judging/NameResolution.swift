internal import PosternSQL

/// Finds what names stand for.
struct NameResolution: Sendable {
    let database: JudgedDatabase
    let table: RuleTable
    let catalog: CatalogSnapshot?

    func resolve(_ access: Access, in facts: StatementFacts, _ paths: SearchPaths) -> ResolvedAccess {
        guard let object = access.object else { return ResolvedAccess(access, candidates: []) }
        switch object.kind {
        case .relation, .type, .schemaObject, .function:
            break
        case .schema, .extension, .channel, .language, .role, .database, .tablespace, .server, .foreignDataWrapper,
            .publication, .subscription, .eventTrigger, .accessMethod, .cast, .transform, .largeObject, .parameter,
            .file:
            return ResolvedAccess(access, candidates: [object.name])
        }
        if let catalog = object.name.catalog, catalog != database.name {
            return ResolvedAccess(access, candidates: [object.name], obstacle: .otherDatabase)
        }
        if access.makesTemporary(facts) {
            let name = ObjectName(schema: object.name.schema ?? SystemSchemas.temporary, object.name.name)
            return ResolvedAccess(access, candidates: [name], obstacle: temporaryObstacle(object.name.name))
        }
        if let schema = object.name.schema {
            return ResolvedAccess(access, candidates: [ObjectName(schema: schema, object.name.name)])
        }
        let candidates = candidates(object.kind, object.name.name, paths)
        return ResolvedAccess(access, candidates: candidates, obstacle: candidates.isEmpty ? .emptyPath : nil)
    }

    /// What an unqualified name stands for: the built-in catalogue's object if it has one of that name, else one in
    /// each schema of every path in use.
    private func candidates(_ kind: ObjectKind, _ name: Identifier, _ paths: SearchPaths) -> [ObjectName] {
        let everywhere = paths.schemas.map { ObjectName(schema: $0, name) }
        let builtin = [ObjectName(schema: SystemSchemas.catalog, name)]
        if kind == .function, BuiltinFunctions.standing(of: name) != nil { return builtin + shadows(of: name, paths) }
        if kind == .relation, BuiltinRelations.standing(ofCatalog: name) != nil { return builtin }
        return everywhere
    }

    /// User functions with a built-in function's name in a schema of the path: the server calls them where their
    /// arguments fit better. Without a catalogue they are not seen.
    func shadows(of name: Identifier, _ paths: SearchPaths) -> [ObjectName] {
        guard let functions = catalog?.functions(named: name), !functions.isEmpty else { return [] }
        return paths.schemas
            .filter { schema in functions.contains { $0.schema == schema } }
            .map { ObjectName(schema: $0, name) }
    }

    /// A temporary relation hides every other of its name, the catalogue's included.
    private func temporaryObstacle(_ name: Identifier) -> ResolvedAccess.Obstacle? {
        if let rule = table.literalNames[name] { return .temporaryName(usedBy: rule) }
        return BuiltinRelations.standing(ofCatalog: name) == nil ? nil : .temporaryName(usedBy: nil)
    }
}

extension Access {
    /// It makes or alters a temporary relation.
    fileprivate func makesTemporary(_ facts: StatementFacts) -> Bool {
        guard let object, object.kind == .relation, statementClass == .ddl else { return false }
        if let schema = object.name.schema { return SystemSchemas.isTemporary(schema) }
        return facts.temporaryRelations.contains { $0.name == object.name.name }
    }
}
