extension ObjectType {
    /// Of ALTER, RENAME, SET SCHEMA and OWNER TO (AlterObjectTypeCommandTag in tcop/utility.c); nil for what
    /// nothing alters.
    var alterTag: CommandTag? {
        switch self {
        case .accessMethod, .cast, .parameter, .transform: nil
        case .aggregate: .alterAggregate
        case .attribute, .type: .alterType
        case .column, .tableConstraint, .table: .alterTable
        case .collation: .alterCollation
        case .conversion: .alterConversion
        case .database: .alterDatabase
        case .domain, .domainConstraint: .alterDomain
        case .eventTrigger: .alterEventTrigger
        case .extension: .alterExtension
        case .foreignDataWrapper: .alterForeignDataWrapper
        case .foreignServer: .alterServer
        case .foreignTable: .alterForeignTable
        case .function: .alterFunction
        case .index: .alterIndex
        case .language: .alterLanguage
        case .largeObject: .alterLargeObject
        case .materializedView: .alterMaterializedView
        case .operatorClass: .alterOperatorClass
        case .operator: .alterOperator
        case .operatorFamily: .alterOperatorFamily
        case .policy: .alterPolicy
        case .procedure: .alterProcedure
        case .publication: .alterPublication
        case .role: .alterRole
        case .routine: .alterRoutine
        case .rule: .alterRule
        case .schema: .alterSchema
        case .sequence: .alterSequence
        case .subscription: .alterSubscription
        case .statistics: .alterStatistics
        case .tablespace: .alterTablespace
        case .trigger: .alterTrigger
        case .textSearchConfiguration: .alterTextSearchConfiguration
        case .textSearchDictionary: .alterTextSearchDictionary
        case .textSearchParser: .alterTextSearchParser
        case .textSearchTemplate: .alterTextSearchTemplate
        case .view: .alterView
        }
    }

    /// Of DROP; nil for what DROP does not know or has a statement of its own for.
    var dropTag: CommandTag? {
        switch self {
        case .accessMethod: .dropAccessMethod
        case .aggregate: .dropAggregate
        case .cast: .dropCast
        case .collation: .dropCollation
        case .conversion: .dropConversion
        case .domain: .dropDomain
        case .eventTrigger: .dropEventTrigger
        case .extension: .dropExtension
        case .foreignDataWrapper: .dropForeignDataWrapper
        case .foreignServer: .dropServer
        case .foreignTable: .dropForeignTable
        case .function: .dropFunction
        case .index: .dropIndex
        case .language: .dropLanguage
        case .materializedView: .dropMaterializedView
        case .operatorClass: .dropOperatorClass
        case .operator: .dropOperator
        case .operatorFamily: .dropOperatorFamily
        case .policy: .dropPolicy
        case .procedure: .dropProcedure
        case .publication: .dropPublication
        case .routine: .dropRoutine
        case .rule: .dropRule
        case .schema: .dropSchema
        case .sequence: .dropSequence
        case .statistics: .dropStatistics
        case .table: .dropTable
        case .transform: .dropTransform
        case .trigger: .dropTrigger
        case .textSearchConfiguration: .dropTextSearchConfiguration
        case .textSearchDictionary: .dropTextSearchDictionary
        case .textSearchParser: .dropTextSearchParser
        case .textSearchTemplate: .dropTextSearchTemplate
        case .type: .dropType
        case .view: .dropView
        case .attribute, .column, .database, .domainConstraint, .largeObject, .parameter, .role, .subscription,
            .tableConstraint, .tablespace:
            nil
        }
    }
}
