extension Walker {
    /// Roles and privileges.
    mutating func roleStatement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        switch tree.type(node) {
        case .createRoleStmt:
            touch(.createRole, .role, named: tree.text(node, .role))
            roleOptions(node)
            return .createRole
        case .alterRoleStmt: return alterRole(node)
        case .alterRoleSetStmt:
            let role = tree.child(node, .role)
            touchRole(.alterRole, role)
            facts.roleChanges.append(RoleChange(target: role.map { target($0) } ?? .all, changesLogin: true))
            if let setting = tree.child(node, .setstmt) { storedSetting(setting) }
            return .alterRole
        case .dropRoleStmt:
            touchRoles(.dropRole, node, .roles)
            return .dropRole
        case .grantStmt: return try grant(node)
        case .grantRoleStmt:
            let tag: CommandTag = tree.flag(node, .isGrant) ? .grantRole : .revokeRole
            for privilege in tree.elements(node, .grantedRoles) {
                enter(privilege)
                touch(tag, .role, named: tree.text(privilege, .privName))
            }
            touchRoles(tag, node, .granteeRoles)
            return tag
        case .alterDefaultPrivilegesStmt: return defaultPrivileges(node)
        case .dropOwnedStmt:
            touchRoles(.dropOwned, node, .roles)
            return .dropOwned
        case .reassignOwnedStmt:
            touchRoles(.reassignOwned, node, .roles)
            touchRole(.reassignOwned, tree.child(node, .newrole))
            return .reassignOwned
        default: throw unexpected(node)
        }
    }

    private mutating func alterRole(_ node: Tree.Node) -> CommandTag {
        let role = tree.child(node, .role)
        touchRole(.alterRole, role)
        let options = roleOptions(node)
        let changesLogin = options.contains("password") || options.contains("validUntil")
        facts.roleChanges.append(RoleChange(target: role.map { target($0) } ?? .all, changesLogin: changesLogin))
        return .alterRole
    }

    /// Enters the options and answers their names. Memberships among them are what GRANT ROLE gives.
    @discardableResult
    private mutating func roleOptions(_ node: Tree.Node) -> Set<String> {
        var names: Set<String> = []
        for option in tree.elements(node, .options) {
            let name = tree.text(option, .defname) ?? ""
            names.insert(name)
            if ["addroleto", "rolemembers", "adminmembers"].contains(name), let roles = tree.child(option, .arg) {
                touchRoles(.grantRole, roles, .items)
            }
            dismiss(option)
        }
        return names
    }

    /// Without a name in the text (CURRENT_USER, SESSION_USER, PUBLIC, ALL) it is done to no object that a rule could
    /// name.
    private mutating func touchRole(_ tag: CommandTag, _ role: Tree.Node?) {
        guard let role else { return touch(tag) }
        dismiss(role)
        touch(tag, .role, named: tree.text(role, .rolename))
    }

    private mutating func touchRoles(_ tag: CommandTag, _ node: Tree.Node, _ field: Field) {
        for role in tree.elements(node, field) { touchRole(tag, role) }
    }

    private func target(_ role: Tree.Node) -> RoleChange.Target {
        tree.identifier(role, .rolename).map { .named($0) } ?? .own
    }

    private mutating func grant(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        let tag: CommandTag = tree.flag(node, .isGrant) ? .grant : .revoke
        for privilege in tree.elements(node, .privileges) {
            enter(privilege)
            noteColumns(privilege, .cols)
        }
        let isWholeSchema = tree.word(node, .targtype, is: "ACL_TARGET_ALL_IN_SCHEMA")
        let granted = try objectType(node, .objtype)
        let type = isWholeSchema ? .schema : granted
        for object in tree.elements(node, .objects) {
            guard let name = objectName(type, object) else { throw .unclassified("GrantStmt of \(type.rawValue)") }
            touch(tag, type.kind, name)
            if isWholeSchema { touchContents(tag, of: name.name, [granted.kind]) }
        }
        return tag
    }

    private mutating func defaultPrivileges(_ node: Tree.Node) -> CommandTag {
        let tag = CommandTag.alterDefaultPrivileges
        if let action = tree.child(node, .action) { dismiss(action) }
        var isLimited = false
        for option in tree.elements(node, .options) {
            if let list = tree.child(option, .arg) {
                for item in tree.elements(list, .items) {
                    if tree.type(item) == .roleSpec {
                        touchRole(tag, item)
                    } else {
                        isLimited = true
                        touch(tag, .schema, named: tree.string(item))
                    }
                }
            }
            dismiss(option)
        }
        // Objects of all schemas.
        if !isLimited { touch(tag) }
        return tag
    }
}
