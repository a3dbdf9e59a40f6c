/// The kinds of object that ALTER, DROP, RENAME, COMMENT and GRANT share, as the grammar names them.
enum ObjectType: String {
    case accessMethod = "OBJECT_ACCESS_METHOD"
    case aggregate = "OBJECT_AGGREGATE"
    case attribute = "OBJECT_ATTRIBUTE"
    case cast = "OBJECT_CAST"
    case column = "OBJECT_COLUMN"
    case collation = "OBJECT_COLLATION"
    case conversion = "OBJECT_CONVERSION"
    case database = "OBJECT_DATABASE"
    case domain = "OBJECT_DOMAIN"
    case domainConstraint = "OBJECT_DOMCONSTRAINT"
    case eventTrigger = "OBJECT_EVENT_TRIGGER"
    case `extension` = "OBJECT_EXTENSION"
    case foreignDataWrapper = "OBJECT_FDW"
    case foreignServer = "OBJECT_FOREIGN_SERVER"
    case foreignTable = "OBJECT_FOREIGN_TABLE"
    case function = "OBJECT_FUNCTION"
    case index = "OBJECT_INDEX"
    case language = "OBJECT_LANGUAGE"
    case largeObject = "OBJECT_LARGEOBJECT"
    case materializedView = "OBJECT_MATVIEW"
    case operatorClass = "OBJECT_OPCLASS"
    case `operator` = "OBJECT_OPERATOR"
    case operatorFamily = "OBJECT_OPFAMILY"
    case parameter = "OBJECT_PARAMETER_ACL"
    case policy = "OBJECT_POLICY"
    case procedure = "OBJECT_PROCEDURE"
    case publication = "OBJECT_PUBLICATION"
    case role = "OBJECT_ROLE"
    case routine = "OBJECT_ROUTINE"
    case rule = "OBJECT_RULE"
    case schema = "OBJECT_SCHEMA"
    case sequence = "OBJECT_SEQUENCE"
    case subscription = "OBJECT_SUBSCRIPTION"
    case statistics = "OBJECT_STATISTIC_EXT"
    case tableConstraint = "OBJECT_TABCONSTRAINT"
    case table = "OBJECT_TABLE"
    case tablespace = "OBJECT_TABLESPACE"
    case transform = "OBJECT_TRANSFORM"
    case trigger = "OBJECT_TRIGGER"
    case textSearchConfiguration = "OBJECT_TSCONFIGURATION"
    case textSearchDictionary = "OBJECT_TSDICTIONARY"
    case textSearchParser = "OBJECT_TSPARSER"
    case textSearchTemplate = "OBJECT_TSTEMPLATE"
    case type = "OBJECT_TYPE"
    case view = "OBJECT_VIEW"

    /// What rules call it. Parts of a table are the table.
    var kind: ObjectKind {
        switch self {
        case .attribute, .column, .foreignTable, .index, .materializedView, .policy, .rule, .sequence,
            .tableConstraint, .table, .trigger, .view:
            .relation
        case .type, .domain, .domainConstraint: .type
        case .aggregate, .function, .procedure, .routine: .function
        case .collation, .conversion, .operatorClass, .operator, .operatorFamily, .statistics,
            .textSearchConfiguration, .textSearchDictionary, .textSearchParser, .textSearchTemplate:
            .schemaObject
        case .accessMethod: .accessMethod
        case .cast: .cast
        case .database: .database
        case .eventTrigger: .eventTrigger
        case .extension: .extension
        case .foreignDataWrapper: .foreignDataWrapper
        case .foreignServer: .server
        case .language: .language
        case .largeObject: .largeObject
        case .parameter: .parameter
        case .publication: .publication
        case .role: .role
        case .schema: .schema
        case .subscription: .subscription
        case .tablespace: .tablespace
        case .transform: .transform
        }
    }
}
