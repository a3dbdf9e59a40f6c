internal import PosternSQL

extension AccessJudge {
    /// What would let an access through that no rule allows: what the rule says that came nearest, else what a rule
    /// would have to say.
    func hint(for judged: JudgedAccess, _ candidate: ObjectName?) -> String? {
        let access = judged.resolved.access
        let words = Words.access(access, candidate)
        var near: [RuleMismatch: CompiledRule] = [:]
        for rule in table.rules where rule.rule.effect == .allow {
            if let mismatch = mismatch(rule, access, candidate), near[mismatch] == nil { near[mismatch] = rule }
        }
        if let rule = near[.condition], let candidate {
            return conditionHint(rule, access, candidate)
        }
        if let hint = nameHint(judged, candidate) { return hint }
        if let rule = near[.systemSchema], let candidate {
            return rule.rule.scope == .any || candidate.schema.map(SystemSchemas.isTemporary) != true
                ? "rule \(rule.reference.id) never reaches into PostgreSQL's own schemas by `*`"
                : "temporary relations need `pg_temp.*` in `on`"
        }
        if let rule = near[.withoutObject] {
            return
                "rule \(rule.reference.id) names objects in `on`; \(access.tag.rawValue) has none and needs `on: any`"
        }
        if let rule = near[.onlyByTag] {
            return "rule \(rule.reference.id) allows the class; \(access.tag.rawValue) has to be named by its tag"
        }
        if let rule = near[.object], case .patterns(let patterns) = rule.rule.scope {
            let covered = Words.list(patterns.map { Words.bounded($0.description, 140) })
            return "rule \(rule.reference.id) allows it on \(covered)"
        }
        if near[.otherRelation] != nil {
            return
                "a rule with a tag covers its target only; \(words) needs a rule that allows `\(access.statementClass.rawValue)`"
        }
        return subjectHint(access, candidate)
    }

    private func conditionHint(_ rule: CompiledRule, _ access: Access, _ target: ObjectName) -> String {
        let words = "rule \(rule.reference.id) needs a WHERE that names a column of \(Words.name(target))"
        guard case .ambiguous = access.restriction else { return words }
        return words + "; write the table before the column's name"
    }

    /// What is wrong with the name, where it has no schema or is not known.
    private func nameHint(_ judged: JudgedAccess, _ candidate: ObjectName?) -> String? {
        guard let object = judged.resolved.access.object, let candidate, let schema = candidate.schema else {
            return nil
        }
        let access = judged.resolved.access
        let isUnqualified = object.name.schema == nil
        if isUnqualified {
            let temporary = ObjectName(schema: SystemSchemas.temporary, candidate.name)
            if table.rules.contains(where: { $0.rule.effect == .allow && mismatch($0, access, temporary) == nil }) {
                return "if it is a temporary relation, write \(Words.name(temporary))"
            }
        }
        if isUnqualified, judged.resolved.candidates.count > 1 {
            let all = Words.list(judged.resolved.candidates.map(Words.name))
            return "\(Words.identifier(candidate.name)) can stand for \(all), and all must be allowed; write the schema"
        }
        if isUnqualified, schema == SystemSchemas.catalog {
            return "the name is taken for pg_catalog's; write the schema"
        }
        guard access.part != .target || access.statementClass != .ddl else { return nil }
        return unknownHint(object.kind, candidate, schema)
    }

    private func unknownHint(_ kind: ObjectKind, _ candidate: ObjectName, _ schema: Identifier) -> String? {
        guard let catalog = names.catalog, !SystemSchemas.contains(schema) else { return nil }
        if kind == .relation, catalog.columns(ofSchema: schema, name: candidate.name) == nil {
            return "the database has no relation \(Words.name(candidate))"
        }
        if kind == .function, !catalog.functions(named: candidate.name).contains(where: { $0.schema == schema }) {
            return "the database has no function \(Words.name(candidate))"
        }
        return nil
    }

    private func subjectHint(_ access: Access, _ candidate: ObjectName?) -> String {
        let place: String =
            if let object = access.object, let candidate { " on \(Words.object(object.kind, candidate))" } else {
                " with `on: any`"
            }
        let byClass = access.part == .target && access.tag.isOnlyByName ? nil : "`\(access.statementClass.rawValue)`"
        let byTag = access.part == .target ? "`\(access.tag.rawValue)`" : nil
        let subjects = [byTag, byClass].compactMap { $0 }.joined(separator: " or ")
        let byName =
            access.statementClass == .function && candidate != nil ? ", or `functions` has to name it" : ""
        return "a rule has to allow \(subjects)\(place)\(byName)"
    }
}
