import PosternPolicy
import PosternSQL
import Testing

/// A role and a database to judge in, with rules written in short.
struct Bench {
    var rules: [Rule]
    var functions: [ObjectName] = []
    var searchPaths: [[Identifier]] = []
    var path: [Identifier] = ["public"]
    var mode = RoleMode.enforce
    var unparsed = UnparsedMode.deny
    var isUnrestricted = false
    var largeObjects = false
    var limits = RoleLimits()
    var catalog: CatalogSnapshot?

    init(_ rules: Rule...) { self.rules = rules }

    var role: Role {
        Role(
            name: "migrator",
            database: "orders",
            login: "orders_login",
            who: [],
            mode: mode,
            rules: isUnrestricted ? .unrestricted : .rules(rules),
            functions: functions,
            searchPaths: searchPaths,
            unparsed: unparsed,
            largeObjects: largeObjects,
            limits: limits,
            location: SourceLocation(file: "policies/orders.yaml", line: 2, column: 3)
        )
    }

    var judge: RoleJudge {
        RoleJudge(
            role: role,
            database: JudgedDatabase(name: "shop", searchPath: path, login: "orders_login"),
            catalog: catalog
        )
    }

    var paths: SearchPaths { SearchPaths(own: path) }

    func judge(_ facts: StatementFacts...) -> JudgedText {
        judge.judge(.success(AnalyzedText(statements: facts, otherReading: nil)), byteCount: 10, paths: paths)
    }

    func decide(_ facts: StatementFacts) throws -> Decision {
        try #require(judge(facts).statements.first).decision
    }

    /// Whether a statement of one access is allowed.
    func allows(_ accesses: Access...) throws -> Bool {
        try decide(statement(accesses)).verdict == .allow
    }

    /// Why it is not; nil when it is.
    func denial(_ accesses: Access...) throws -> Denial? { try decide(statement(accesses)).denial }
}

func statement(
    _ accesses: [Access],
    _ tag: CommandTag? = nil,
    change: (inout StatementFacts) -> Void = { _ in }
) -> StatementFacts {
    let tag = tag ?? accesses.first?.tag ?? .select
    var facts = StatementFacts(range: 0..<1, tag: tag, statementClass: tag.statementClass)
    facts.accesses = accesses
    change(&facts)
    return facts
}

/// The line of a rule is the order in which the file has them, from 10: `rule(…, line: 14)`.
func rule(
    _ id: String,
    _ effect: Rule.Effect,
    _ subjects: [Rule.Subject],
    on patterns: [String]? = nil,
    where requiresWhere: Bool = false,
    message: String? = nil,
    line: Int = 10
) -> Rule {
    let location = SourceLocation(file: "policies/orders.yaml", line: line, column: 7)
    return Rule(
        id: id,
        effect: effect,
        subjects: subjects,
        scope: patterns.map { .patterns($0.map { pattern($0, location) }) } ?? .any,
        requiresWhere: requiresWhere,
        message: message,
        location: location
    )
}

func allow(_ subjects: Rule.Subject..., on patterns: [String]? = nil) -> Rule {
    rule("allow-it", .allow, subjects, on: patterns)
}

func deny(_ subjects: Rule.Subject..., on patterns: [String]? = nil) -> Rule {
    rule("deny-it", .deny, subjects, on: patterns, line: 14)
}

extension Rule.Subject {
    static let read = Rule.Subject.statementClass(.read)
    static let write = Rule.Subject.statementClass(.write)
    static let ddl = Rule.Subject.statementClass(.ddl)
    static let role = Rule.Subject.statementClass(.role)
    static let function = Rule.Subject.statementClass(.function)
    static let misc = Rule.Subject.statementClass(.misc)
}

/// `schema.name`, `kind:schema.name` or `kind:name`.
func pattern(_ text: String, _ location: PosternPolicy.SourceLocation) -> ObjectPattern {
    var kind = ObjectKind.relation
    var rest = Substring(text)
    if let colon = text.firstIndex(of: ":") {
        kind = ObjectKind(rawValue: String(text[..<colon])) ?? .relation
        rest = text[text.index(after: colon)...]
    }
    let isInSchema = [.relation, .type, .schemaObject, .function].contains(kind)
    let parts = rest.split(separator: ".", maxSplits: isInSchema ? 1 : 0).map { part in
        NamePattern(pieces: part.split(separator: "*", omittingEmptySubsequences: false).map(String.init))
    }
    return ObjectPattern(
        kind: kind,
        schema: parts.count == 2 ? parts[0] : nil,
        name: parts[parts.count - 1],
        description: text,
        location: location
    )
}

// MARK: Accesses

func name(_ text: String) -> ObjectName {
    let parts = text.split(separator: ".").map { Identifier(String($0)) }
    return switch parts.count {
    case 3: ObjectName(catalog: parts[0], schema: parts[1], parts[2])
    case 2: ObjectName(schema: parts[0], parts[1])
    default: ObjectName(parts[0])
    }
}

func access(
    _ tag: CommandTag,
    _ relation: String?,
    _ kind: ObjectKind = .relation,
    class statementClass: StatementClass? = nil,
    part: Access.Part = .target,
    restriction: Access.Restriction = .notApplicable
) -> Access {
    Access(
        statementClass ?? tag.statementClass,
        tag,
        relation.map { ObjectReference(kind, name($0)) },
        part: part,
        restriction: restriction
    )
}

func read(_ relation: String) -> Access { access(.select, relation) }

func call(_ function: String, in tag: CommandTag = .select) -> Access {
    access(tag, function, .function, class: .function, part: .other)
}
