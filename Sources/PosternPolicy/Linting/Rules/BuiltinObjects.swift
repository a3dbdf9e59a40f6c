internal import PosternSQL

/// Rules about what PostgreSQL itself brings along.
extension LintRule {
    static let builtinObjects = [dangerousFunction, unknownFunction, needlessFunction, secretRelation]

    static let dangerousFunction = ofFunctions(
        "statements/dangerous-function",
        .warning,
        "A role may call a built-in function that is not for every job",
        reason:
            "These functions read files, run SQL that they get as text, or reach other sessions: no other rule sees what they do."
    ) { role, function in
        guard case .restricted(let reason) = function.builtinStanding else { return nil }
        return Complaint(
            role.location,
            "`functions` of role `\(role.name)` has `\(function)`, which \(reason)",
            hint: "take it out, unless the jobs need just that"
        )
    }

    static let unknownFunction = ofFunctions(
        "statements/unknown-function",
        .error,
        "A role names a function of pg_catalog that PostgreSQL does not have",
        reason: "The word has no effect, and the function that was meant is still refused."
    ) { role, function in
        guard function.schema == "pg_catalog", function.builtinStanding == nil else { return nil }
        let names = BuiltinFunctions.safe + FunctionHazard.allCases.flatMap(\.functions)
        return Complaint(
            role.location,
            "`functions` of role `\(role.name)` has `\(function)`, which is no function of PostgreSQL",
            hint: Spelling.nearest(to: function.name.text, among: names.map(\.text)).map {
                "did you mean `pg_catalog.\($0)`?"
            }
        )
    }

    static let needlessFunction = ofFunctions(
        "statements/needless-function",
        .warning,
        "A role names a built-in function that every role may call",
        reason: "A list of exceptions that is longer than it must be hides the ones that matter."
    ) { role, function in
        guard function.builtinStanding == .safe else { return nil }
        return Complaint(
            role.location,
            "`functions` of role `\(role.name)` has `\(function)`, which every role may call",
            hint: "take it out"
        )
    }

    static let secretRelation = ofRules(
        "statements/secret-relation",
        .warning,
        "A rule opens a catalogue relation that shows what is not the role's own",
        reason:
            "What shows values of tables, passwords or other sessions' statements is left out of what every role may read."
    ) { role, rule in
        guard rule.effect == .allow, case .patterns(let patterns) = rule.scope else { return [] }
        return patterns.compactMap { pattern in
            guard pattern.kind == .relation, let hazard = pattern.catalogHazard else { return nil }
            return Complaint(
                pattern.location,
                "rule `\(rule.id)` of role `\(role.name)` opens `\(pattern)`, which \(hazard.reason)",
                hint: "take it out, unless the jobs need just that"
            )
        }
    }

    /// A rule about single entries of `functions`.
    private static func ofFunctions(
        _ id: String,
        _ severity: LintSeverity,
        _ title: String,
        reason: String,
        check: @escaping @Sendable (Role, ObjectName) -> Complaint?
    ) -> LintRule {
        ofRoles(id, severity, title, reason: reason) { role in role.functions.compactMap { check(role, $0) } }
    }
}

extension ObjectName {
    /// nil where it is, or may be, a user's function.
    fileprivate var builtinStanding: BuiltinFunctions.Standing? {
        switch schema {
        case nil, "pg_catalog"?: BuiltinFunctions.standing(of: name)
        case "information_schema"?: BuiltinFunctions.standing(ofInformationSchema: name)
        case .some: nil
        }
    }
}

extension ObjectPattern {
    /// Why the literal catalogue relation is not for every role.
    fileprivate var catalogHazard: RelationHazard? {
        guard let schema = schema?.literal, let name = name.literal.map({ Identifier($0) }) else { return nil }
        return RelationHazard.allCases.first { hazard in
            schema == "pg_catalog" && hazard.catalogRelations.contains(name)
                || schema == "information_schema" && hazard.informationSchemaRelations.contains(name)
        }
    }
}
