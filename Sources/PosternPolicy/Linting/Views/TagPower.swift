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

/// Tags that no rule decides: they are always allowed, or their inner statement's accesses count instead.
enum UndecidedTags {
    static let alwaysAllowed: Set<CommandTag> = [
        .begin, .startTransaction, .commit, .rollback, .savepoint, .release, .prepareTransaction, .commitPrepared,
        .rollbackPrepared, .setTransaction, .setConstraints, .show, .reset, .discardAll, .discardPlans,
        .discardSequences, .discardTemp, .deallocate, .unlisten, .closeCursor,
    ]
    static let judgedByContent: Set<CommandTag> = [.explain, .prepare, .execute, .declareCursor, .fetch, .move]
}
