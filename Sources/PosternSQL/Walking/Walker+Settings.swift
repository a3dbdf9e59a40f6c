extension Walker {
    /// SET and RESET of the session.
    mutating func setStatement(_ node: Tree.Node) -> CommandTag {
        let kind = tree.text(node, .kind)
        let name = Self.setting(tree.text(node, .name) ?? "")
        let changes = settingChanges(node)
        facts.settings += changes
        switch (kind, name) {
        case ("VAR_RESET", _), ("VAR_RESET_ALL", _): return touched(.reset)
        case ("VAR_SET_MULTI", _): return touched(.setTransaction)
        case ("VAR_SET_DEFAULT", "role"), ("VAR_SET_DEFAULT", "session_authorization"): return touched(.reset)
        case (_, "role"): return touched(.setRole, .role, changes.first?.constant)
        case (_, "session_authorization"):
            return touched(.setSessionAuthorization, .role, changes.first?.constant)
        default: return touched(.set)
        }
    }

    /// The SET of an ALTER ROLE, ALTER DATABASE, ALTER SYSTEM or CREATE FUNCTION.
    mutating func storedSetting(_ node: Tree.Node) {
        enter(node)
        facts.settings += settingChanges(node).map {
            SettingChange(name: $0.name, value: $0.value, route: .stored, isLocal: false)
        }
    }

    private mutating func settingChanges(_ node: Tree.Node) -> [SettingChange] {
        let kind = tree.text(node, .kind)
        let name = Self.setting(tree.text(node, .name) ?? "")
        let isLocal = tree.flag(node, .isLocal)
        for argument in tree.elements(node, .args) { dismiss(argument) }
        switch kind {
        case "VAR_RESET_ALL": return [SettingChange(name: "all", value: .default, route: .reset, isLocal: false)]
        case "VAR_RESET", "VAR_SET_DEFAULT":
            return [SettingChange(name: name, value: .default, route: .reset, isLocal: isLocal)]
        case "VAR_SET_VALUE":
            return [SettingChange(name: name, value: constants(node), route: .set, isLocal: isLocal)]
        case "VAR_SET_MULTI": return transactionSettings(node, name)
        default: return [SettingChange(name: name, value: .unknown, route: .set, isLocal: isLocal)]
        }
    }

    /// SET TRANSACTION, SET SESSION CHARACTERISTICS AS TRANSACTION, SET TRANSACTION SNAPSHOT.
    private func transactionSettings(_ node: Tree.Node, _ name: String) -> [SettingChange] {
        if name == "transaction snapshot" {
            return [
                SettingChange(name: "transaction_snapshot", value: constants(node), route: .set, isLocal: true)
            ]
        }
        let isLocal = name == "transaction"
        return tree.elements(node, .args).map { option in
            let option = (name: tree.text(option, .defname) ?? "", value: tree.child(option, .arg))
            let value = option.value.flatMap { text($0) }
            return SettingChange(
                name: (isLocal ? "" : "default_") + option.name,
                value: value.map { .constants([$0]) } ?? .unknown,
                route: .set,
                isLocal: isLocal
            )
        }
    }

    private func constants(_ node: Tree.Node) -> SettingChange.Value {
        var values: [String] = []
        for argument in tree.elements(node, .args) {
            guard let value = text(argument) else { return .unknown }
            values.append(value)
        }
        return .constants(values)
    }

    /// A constant as a setting's value; nil for what is no plain constant.
    private func text(_ node: Tree.Node) -> String? {
        switch tree.constant(node) {
        case .text(let text), .number(let text): text
        case .boolean(let value): value ? "true" : "false"
        case .bits, .null, nil: nil
        }
    }

    /// Names of settings are compared without regard to case, in ASCII (guc_name_compare).
    private static func setting(_ name: String) -> String {
        String(decoding: name.utf8.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }, as: UTF8.self)
    }
}

extension Walker {
    /// The setting that `SELECT … FROM pg_settings WHERE name = '…'` reads, and nothing else: pg_dump sets one that only
    /// newer servers have by `set_config(name, …)` there.
    func settingOfRow(_ query: Tree.Node) -> String? {
        let sources = Array(tree.elements(query, .fromClause))
        guard sources.count == 1, tree.type(sources[0]) == .rangeVar, !tree.has(sources[0], .alias),
            tree.text(sources[0], .relname) == "pg_settings", visibleNames["pg_settings"] == nil,
            ["pg_catalog", nil].contains(tree.text(sources[0], .schemaname)), !tree.has(sources[0], .catalogname),
            let condition = tree.child(query, .whereClause), tree.type(condition) == .aExpr,
            tree.word(condition, .kind, is: "AEXPR_OP"), tree.strings(condition, .name) == ["="],
            let column = tree.child(condition, .lexpr), isColumn(column, "name"),
            let value = tree.child(condition, .rexpr), case .text(let name) = textConstant(value)
        else { return nil }
        return name
    }

    private func isColumn(_ node: Tree.Node, _ name: String) -> Bool {
        tree.type(node) == .columnRef && tree.elements(node, .fields).map { tree.string($0) } == [name]
    }

    private func settingName(_ argument: Tree.Node) -> String? {
        if case .text(let name) = textConstant(argument) { return name }
        return isColumn(argument, "name") ? rowSetting : nil
    }

    /// What a call of set_config changes; nil for other calls, and for one whose name is not a constant.
    func settingChange(of call: Tree.Node) -> SettingChange? {
        let parts = tree.strings(call, .funcname)
        guard parts.last == "set_config", parts.count == 1 || parts == ["pg_catalog", "set_config"] else { return nil }
        for field in [Field.aggStar, .aggDistinct, .funcVariadic, .aggOrder, .aggFilter, .over, .aggWithinGroup]
        where tree.has(call, field) { return nil }
        let arguments = Array(tree.elements(call, .args))
        guard arguments.count == 3, let name = settingName(arguments[0]),
            !arguments.contains(where: { tree.type($0) == .namedArgExpr && tree.entry($0).kind == .object })
        else { return nil }
        let value: SettingChange.Value =
            switch textConstant(arguments[1]) {
            case .text(let text): .constants([text])
            case .null: .default
            case .number, .boolean, .bits, nil: .unknown
            }
        return SettingChange(
            name: Self.setting(name),
            value: value,
            route: .setConfig,
            isLocal: tree.constant(arguments[2]) != .boolean(false)
        )
    }

    /// A constant, perhaps cast to text. Other casts may change it.
    private func textConstant(_ node: Tree.Node) -> Tree.Constant? {
        guard tree.entry(node).kind == .object, tree.type(node) == .typeCast,
            let type = tree.child(node, .typeName), let argument = tree.child(node, .arg)
        else { return tree.constant(node) }
        let names = tree.strings(type, .names)
        guard names == ["text"] || names == ["pg_catalog", "text"], !tree.has(type, .arrayBounds),
            !tree.has(type, .typmods)
        else { return nil }
        return tree.constant(argument)
    }
}

extension SettingChange {
    /// The one constant that it is set to.
    fileprivate var constant: String? {
        guard case .constants(let values) = value, values.count == 1 else { return nil }
        return values[0]
    }
}
