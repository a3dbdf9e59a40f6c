internal import PosternSQL

/// What a statement can do beyond the objects that it names.
enum TagPower: CaseIterable {
    /// It runs or leaves code whose statements nobody sees.
    case opaqueCode
    /// It reaches the server's files, programs, settings or other servers.
    case server
    /// It makes the session, or somebody, another role.
    case identity

    var tags: Set<CommandTag> {
        switch self {
        case .opaqueCode:
            [
                .do, .createFunction, .createProcedure, .createTrigger, .createEventTrigger, .createRule,
                .createAggregate, .createOperator, .createCast, .createExtension, .createLanguage, .createTransform,
                .alterExtension,
            ]
        case .server:
            [
                .alterSystem, .copyFile, .copyProgram, .load, .createServer, .alterServer, .createUserMapping,
                .alterUserMapping, .createForeignDataWrapper, .alterForeignDataWrapper, .importForeignSchema,
                .createSubscription, .alterSubscription, .createPublication, .alterPublication, .createTablespace,
                .createDatabase, .dropDatabase,
            ]
        case .identity:
            [.setRole, .setSessionAuthorization, .grantRole, .createRole, .alterRole, .reassignOwned]
        }
    }
}

extension CommandTag {
    /// Why statements of this tag run without a rule; nil where they do not.
    var standing: String? {
        let facts = StatementFacts(range: 0..<0, tag: self, statementClass: statementClass)
        return AlwaysAllowed.reason(for: Access(statementClass, self, nil), in: facts)
    }
}
