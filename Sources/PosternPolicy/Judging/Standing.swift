internal import PosternSQL

/// What is settled for an object before any allow is looked at.
enum Standing {
    case always(String)
    case never(AccessRefusal)
    /// An allow decides; without one this is why it is refused.
    case byRule(AccessRefusal)

    init(of access: Access, _ candidate: Candidate?, functions: Set<ObjectName>) {
        guard let candidate, let schema = candidate.name.schema else {
            self = .byRule(.noRule)
            return
        }
        if candidate.kind == .function, access.statementClass == .function {
            self = Self.ofCall(candidate.name, schema, functions)
        } else if access.statementClass == .write, SystemSchemas.isReadOnly(schema) {
            self = .never(.readOnlyCatalog)
        } else if candidate.kind == .relation, access.statementClass == .read, candidate.isSystem {
            self = Self.ofRead(candidate.name.name, schema)
        } else {
            self = .byRule(.noRule)
        }
    }

    private static func ofCall(
        _ function: ObjectName,
        _ schema: Identifier,
        _ functions: Set<ObjectName>
    ) -> Standing {
        if functions.contains(function) { return .always("in `functions`") }
        let standing: BuiltinFunctions.Standing?
        if schema == SystemSchemas.catalog {
            standing = BuiltinFunctions.standing(of: function.name)
        } else if schema == SystemSchemas.information {
            standing = BuiltinFunctions.standing(ofInformationSchema: function.name)
        } else {
            return .byRule(.noRule)
        }
        switch standing {
        case .safe:
            return .always("safe function")
        case .restricted(let hazard):
            return .never(.unlistedFunction(hazard: hazard))
        case nil:
            return .never(.unlistedFunction(hazard: "is not known to this version of Postern"))
        }
    }

    private static func ofRead(_ relation: Identifier, _ schema: Identifier) -> Standing {
        let standing: BuiltinRelations.Standing?
        if schema == SystemSchemas.catalog {
            standing = BuiltinRelations.standing(ofCatalog: relation)
        } else if schema == SystemSchemas.information {
            standing = BuiltinRelations.standing(ofInformationSchema: relation)
        } else {
            return .byRule(.noRule)
        }
        return switch standing {
        case .readable: .always("readable catalogue relation")
        case .restricted(let hazard): .byRule(.literalNeeded(hazard: hazard))
        case nil: .byRule(.literalNeeded(hazard: "is not known to this version of Postern"))
        }
    }
}
