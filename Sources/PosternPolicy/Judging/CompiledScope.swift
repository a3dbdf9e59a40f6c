internal import PosternSQL

/// The `on` of a rule, made ready for many comparisons.
enum CompiledScope: Sendable {
    case any
    case patterns([CompiledPattern])

    init(_ scope: RuleScope) {
        switch scope {
        case .any: self = .any
        case .patterns(let patterns): self = .patterns(patterns.map(CompiledPattern.init))
        }
    }

    func mismatch(
        _ access: Access,
        _ candidate: ObjectName?,
        _ match: CompiledRule.SubjectMatch,
        _ effect: Rule.Effect
    ) -> RuleMismatch? {
        switch self {
        case .any:
            guard effect == .allow, let object = access.object, let candidate else { return nil }
            return Self.isSystem(object.kind, candidate) ? .systemSchema : nil
        case .patterns(let patterns):
            guard let object = access.object, let candidate else { return .withoutObject }
            // What names functions only has nothing else that a plain pattern could mean.
            let plainCoversFunctions =
                access.statementClass == .function || (match == .byTag && access.tag.namesFunctionsOnly)
            var mismatch = RuleMismatch.object
            for pattern in patterns {
                switch pattern.match(object.kind, candidate, plainCoversFunctions: plainCoversFunctions) {
                case .yes: return nil
                case .system: mismatch = .systemSchema
                case .no: break
                }
            }
            return mismatch
        }
    }

    /// Whether the object is, or lies in, a schema of PostgreSQL's own.
    private static func isSystem(_ kind: ObjectKind, _ name: ObjectName) -> Bool {
        if let schema = name.schema { return SystemSchemas.contains(schema) }
        return kind == .schema && SystemSchemas.contains(name.name)
    }
}

/// One entry of `on`.
struct CompiledPattern: Sendable {
    enum Match {
        case yes
        case no
        /// It would, but for the schema's being PostgreSQL's own.
        case system
    }

    private let kind: ObjectKind
    private let schema: CompiledName?
    private let name: CompiledName

    init(_ pattern: ObjectPattern) {
        kind = pattern.kind
        schema = pattern.schema.map(CompiledName.init)
        name = CompiledName(pattern.name)
    }

    func match(_ kind: ObjectKind, _ object: ObjectName, plainCoversFunctions: Bool) -> Match {
        guard covers(kind, plainCoversFunctions) else { return .no }
        guard let schema else {
            guard object.schema == nil, name.matches(object.name) else { return .no }
            // `schema:*` is as blind to them as `*.x` is.
            return kind == .schema && !name.isLiteral && SystemSchemas.contains(object.name) ? .system : .yes
        }
        guard let objectSchema = object.schema, name.matches(object.name), schema.matches(objectSchema) else {
            return .no
        }
        guard SystemSchemas.contains(objectSchema) else { return .yes }
        // In the catalogue each name has its own weight: there the whole pattern must be literal.
        let isReached = schema.isLiteral && (name.isLiteral || !SystemSchemas.isReadOnly(objectSchema))
        return isReached ? .yes : .system
    }

    private func covers(_ kind: ObjectKind, _ plainCoversFunctions: Bool) -> Bool {
        switch kind {
        case .relation, .type, .schemaObject:
            self.kind == .relation || self.kind == kind
        case .function:
            self.kind == .function || (plainCoversFunctions && self.kind == .relation)
        case .schema, .extension, .channel, .language, .role, .database, .tablespace, .server, .foreignDataWrapper,
            .publication, .subscription, .eventTrigger, .accessMethod, .cast, .transform, .largeObject, .parameter,
            .file:
            self.kind == kind
        }
    }
}

/// A name or a glob; the two common cases compare without looking for stars.
private enum CompiledName: Sendable {
    case everything
    case literal(Identifier)
    case glob(NamePattern)

    private static let star = NamePattern(pieces: ["", ""])

    init(_ pattern: NamePattern) {
        if let literal = pattern.literal {
            self = .literal(Identifier(literal))
        } else {
            self = pattern == Self.star ? .everything : .glob(pattern)
        }
    }

    var isLiteral: Bool {
        switch self {
        case .literal: true
        case .everything, .glob: false
        }
    }

    func matches(_ name: Identifier) -> Bool {
        switch self {
        case .everything: true
        case .literal(let literal): literal == name
        case .glob(let pattern): pattern.matches(name)
        }
    }
}

extension CommandTag {
    private static let ofFunctionsOnly: Set<CommandTag> = [
        .call, .functionCall,
        .createFunction, .alterFunction, .dropFunction,
        .createProcedure, .alterProcedure, .dropProcedure,
        .alterRoutine, .dropRoutine,
        .createAggregate, .alterAggregate, .dropAggregate,
    ]

    /// The target of such a statement is a function, procedure or aggregate, and never anything else.
    var namesFunctionsOnly: Bool { Self.ofFunctionsOnly.contains(self) }
}
