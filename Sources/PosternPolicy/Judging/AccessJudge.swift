internal import PosternSQL

/// Decides one access: a deny that matches wins, then what is always allowed, then an allow.
final class AccessJudge: Sendable {
    let table: RuleTable
    /// The role's `functions`, built-in ones under `pg_catalog`.
    let functions: Set<ObjectName>
    let names: NameResolution

    init(rules: [Rule], functions: [ObjectName], database: JudgedDatabase, catalog: CatalogSnapshot?) {
        table = RuleTable(rules)
        self.functions = Set(
            functions.map { ObjectName(schema: $0.schema ?? SystemSchemas.catalog, $0.name) }
        )
        names = NameResolution(database: database, table: table, catalog: catalog)
    }

    func judge(_ access: Access, in facts: StatementFacts, _ paths: SearchPaths) -> JudgedAccess {
        let resolved = names.resolve(access, in: facts, paths)
        if let obstacle = resolved.obstacle {
            return JudgedAccess(resolved: resolved, findings: [.refused(.obstacle(obstacle))])
        }
        let entries = table.entries(for: access)
        if let reason = AlwaysAllowed.reason(for: access, in: facts) {
            let deny = entries.denies.first {
                $0.match == .byTag && mismatch($0, access, candidate(access, resolved.candidates.first)) == nil
            }
            let finding: AccessFinding = deny.map { .denied($0.rule) } ?? .always(reason)
            return JudgedAccess(resolved: resolved, findings: [finding], needsTag: true)
        }
        if resolved.candidates.isEmpty {
            return JudgedAccess(resolved: resolved, findings: [judge(access, nil, entries)])
        }
        return JudgedAccess(
            resolved: resolved,
            findings: resolved.candidates.map { judge(access, candidate(access, $0), entries) }
        )
    }

    /// A change of a setting that is not in the printed list: a rule has to name the tag SET, or the tag of its own.
    func judge(_ change: SettingChange, tag: CommandTag) -> JudgedAccess {
        let object = ObjectReference(.parameter, ObjectName(Identifier(change.name)))
        let access = Access(.misc, tag, object)
        let entries = table.entries(for: access)
        let parameter = candidate(access, object.name)
        let finding: AccessFinding =
            if let deny = first(entries.denies.filter { $0.match == .byTag }, access, parameter) {
                .denied(deny)
            } else if let allow = first(entries.allows.filter { $0.match == .byTag }, access, parameter) {
                .allowed(allow)
            } else {
                .refused(.noRule)
            }
        return JudgedAccess(
            resolved: ResolvedAccess(access, candidates: [object.name]),
            findings: [finding],
            needsTag: true
        )
    }

    private func judge(
        _ access: Access,
        _ candidate: Candidate?,
        _ entries: RuleTable.Entries
    ) -> AccessFinding {
        if let deny = first(entries.denies, access, candidate) { return .denied(deny) }
        switch Standing(of: access, candidate, functions: functions) {
        case .always(let reason): return .always(reason)
        case .never(let refusal): return .refused(refusal)
        case .byRule(let refusal):
            return first(entries.allows, access, candidate).map { .allowed($0) } ?? .refused(refusal)
        }
    }

    /// The first deny that matches.
    func firstDeny(_ access: Access, _ name: ObjectName?) -> CompiledRule? {
        first(table.entries(for: access).denies, access, candidate(access, name))
    }

    private func candidate(_ access: Access, _ name: ObjectName?) -> Candidate? {
        guard let object = access.object, let name else { return nil }
        return Candidate(object.kind, name)
    }

    private func first(_ entries: [RuleTable.Entry], _ access: Access, _ candidate: Candidate?) -> CompiledRule? {
        for entry in entries where mismatch(entry, access, candidate) == nil { return entry.rule }
        return nil
    }

    private func mismatch(_ entry: RuleTable.Entry, _ access: Access, _ candidate: Candidate?) -> RuleMismatch? {
        if let mismatch = entry.rule.mismatch(access, candidate, entry.match) { return mismatch }
        guard entry.rule.rule.requiresWhere else { return nil }
        return switch (condition(access, candidate?.name), entry.rule.rule.effect) {
        case (.holds, _), (.unknown, .deny): nil
        case (.fails, _), (.unknown, .allow): .condition
        }
    }

    /// Why a rule does not match one thing that an access's name can stand for; nil when it does.
    ///
    /// - Parameter needsTag: no class covers the access, neither to allow nor to deny.
    func mismatch(
        _ rule: CompiledRule,
        _ access: Access,
        _ name: ObjectName?,
        needsTag: Bool = false
    ) -> RuleMismatch? {
        switch rule.subject(access.statementClass, access.tag, access.part) {
        case .failure(let mismatch): mismatch
        case .success(.byClass) where needsTag: .onlyByTag
        case .success(let match):
            mismatch(RuleTable.Entry(rule: rule, match: match), access, candidate(access, name))
        }
    }

    /// `require_where`.
    private func condition(_ access: Access, _ candidate: ObjectName?) -> RowCondition {
        switch access.restriction {
        case .usesTarget:
            return .holds
        case .none:
            return .fails
        case .notApplicable:
            // What changes rows and has no WHERE to choose them by changes them all.
            return access.part == .target && access.statementClass == .write && access.tag.changesRowsOfItsChoice
                ? .fails : .holds
        case .ambiguous(let columns):
            guard let candidate, let schema = candidate.schema,
                let known = names.catalog?.columns(ofSchema: schema, name: candidate.name)
            else { return .unknown }
            return columns.contains { known.contains($0) } ? .holds : .fails
        }
    }
}

extension CommandTag {
    private static let withRowsOfTheirChoice: Set<CommandTag> = [.update, .delete, .merge, .truncateTable]

    fileprivate var changesRowsOfItsChoice: Bool { Self.withRowsOfTheirChoice.contains(self) }
}
