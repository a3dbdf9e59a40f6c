extension Walker {
    /// `[catalog.][schema.]name`. Of longer lists the last three count; the server refuses those.
    static func name(_ parts: some BidirectionalCollection<String>) -> ObjectName? {
        var rest = parts[...]
        guard let last = rest.popLast() else { return nil }
        let schema = rest.popLast().map { Identifier($0) }
        return ObjectName(catalog: rest.popLast().map { Identifier($0) }, schema: schema, Identifier(last))
    }

    func name(_ node: Tree.Node, _ field: Field) -> ObjectName? { Self.name(tree.strings(node, field)) }

    /// The name in a RangeVar, which counts as entered.
    mutating func relation(_ node: Tree.Node) -> ObjectName {
        dismiss(node)
        return ObjectName(
            catalog: tree.identifier(node, .catalogname),
            schema: tree.identifier(node, .schemaname),
            tree.identifier(node, .relname) ?? ""
        )
    }

    mutating func relation(_ node: Tree.Node, _ field: Field) -> ObjectName? {
        tree.child(node, field).map { relation($0) }
    }

    /// The name of a relation that is made: a temporary one is in pg_temp.
    mutating func newRelation(_ node: Tree.Node) -> ObjectName {
        var name = relation(node)
        if name.schema == nil, tree.text(node, .relpersistence) == "t" { name.schema = "pg_temp" }
        if let schema = name.schema?.text, schema == "pg_temp" || schema.hasPrefix("pg_temp_") { addTemporary(name) }
        return name
    }

    /// The alias of a FROM item, which counts as entered.
    mutating func alias(_ node: Tree.Node) -> Identifier? {
        guard let alias = tree.child(node, .alias) else { return nil }
        dismiss(alias)
        return tree.identifier(alias, .aliasname)
    }

    /// The name in a TypeName, which counts as entered. `names` is read here only.
    mutating func typeName(_ node: Tree.Node) -> ObjectName? {
        dismiss(node)
        return name(node, .names)
    }

    /// The name in an ObjectWithArgs, which counts as entered.
    mutating func nameWithArguments(_ node: Tree.Node) -> ObjectName? {
        dismiss(node)
        return name(node, .objname)
    }
}
