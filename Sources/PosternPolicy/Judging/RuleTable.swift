internal import PosternSQL

/// A role's rules by what they are about, so that an access meets only those whose subject covers it.
final class RuleTable: Sendable {
    struct Entry: Sendable {
        let rule: CompiledRule
        let match: CompiledRule.SubjectMatch
    }

    struct Entries: Sendable {
        var denies: [Entry] = []
        var allows: [Entry] = []
    }

    /// In the order of the file.
    let rules: [CompiledRule]
    /// Every name that a pattern for relations has without a star.
    let literalNames: [Identifier: RuleReference]
    /// What covers accesses by their class alone.
    private let byClass: [Entries]
    /// What covers the targets of tags that some rule names.
    private let byTag: [CommandTag: [Entries]]

    init(_ rules: [Rule]) {
        let compiled = rules.map(CompiledRule.init)
        self.rules = compiled
        var literalNames: [Identifier: RuleReference] = [:]
        for rule in compiled {
            guard case .patterns(let patterns) = rule.rule.scope else { continue }
            for pattern in patterns where pattern.kind == .relation {
                guard let name = pattern.name.literal.map({ Identifier($0) }) else { continue }
                // `pg_temp.x` means the temporary relation itself.
                if let schema = pattern.schema?.literal, SystemSchemas.isTemporary(Identifier(schema)) { continue }
                if literalNames[name] == nil { literalNames[name] = rule.reference }
            }
        }
        self.literalNames = literalNames
        // SELECT is as good as any tag here: for what is not the target, the tag only excludes.
        byClass = Self.entries { Self.covering(compiled, $0, .select, .other) }
        var byTag: [CommandTag: [Entries]] = [:]
        for tag in compiled.reduce(into: Set<CommandTag>(), { $0.formUnion($1.namedTags) }) {
            byTag[tag] = Self.entries { Self.covering(compiled, $0, tag, .target) }
        }
        self.byTag = byTag
    }

    /// The rules whose subject covers the access, in the order of the file.
    func entries(for access: Access) -> Entries {
        if access.part == .target {
            if let named = byTag[access.tag] { return named[access.statementClass.index] }
        }
        var entries = byClass[access.statementClass.index]
        if access.part == .target, access.tag.isOnlyByName { entries.allows = [] }
        return entries
    }

    private static func entries(_ covering: (StatementClass) -> Entries) -> [Entries] {
        var entries = [Entries](repeating: Entries(), count: StatementClass.allCases.count)
        for statementClass in StatementClass.allCases { entries[statementClass.index] = covering(statementClass) }
        return entries
    }

    private static func covering(
        _ rules: [CompiledRule],
        _ statementClass: StatementClass,
        _ tag: CommandTag,
        _ part: Access.Part
    ) -> Entries {
        var entries = Entries()
        for rule in rules {
            guard case .success(let match) = rule.subject(statementClass, tag, part) else { continue }
            switch rule.rule.effect {
            case .allow: entries.allows.append(Entry(rule: rule, match: match))
            case .deny: entries.denies.append(Entry(rule: rule, match: match))
            }
        }
        return entries
    }
}

extension StatementClass {
    /// Its place in a table: looked up for every access.
    fileprivate var index: Int {
        switch self {
        case .read: 0
        case .write: 1
        case .ddl: 2
        case .role: 3
        case .function: 4
        case .misc: 5
        }
    }
}
