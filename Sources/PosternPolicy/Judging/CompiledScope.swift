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

    /// - Parameters:
    ///   - candidate: nil for an access without an object.
    ///   - match: how the rule's subject covers the access.
    func mismatch(
        _ access: Access,
        _ candidate: Candidate?,
        _ match: CompiledRule.SubjectMatch,
        _ effect: Rule.Effect
    ) -> RuleMismatch? {
        switch self {
        case .any:
            guard effect == .allow, let candidate, candidate.isSystem else { return nil }
            return .systemSchema
        case .patterns(let patterns):
            guard let candidate else { return .withoutObject }
            // What names functions only has nothing else that a plain pattern could mean.
            let plainCoversFunctions =
                candidate.kind == .function
                && (access.statementClass == .function || (match == .byTag && access.tag.namesFunctionsOnly))
            var mismatch = RuleMismatch.object
            for pattern in patterns {
                switch pattern.match(candidate, effect, plainCoversFunctions: plainCoversFunctions) {
                case .yes: return nil
                case .system: mismatch = .systemSchema
                case .no: break
                }
            }
            return mismatch
        }
    }
}

/// One thing that the name of an access's object can stand for, made ready for many comparisons.
struct Candidate: Sendable {
    let kind: ObjectKind
    let name: ObjectName
    fileprivate let schemaBytes: [UInt8]?
    fileprivate let nameBytes: [UInt8]
    /// It is, or lies in, a schema of PostgreSQL's own.
    let isSystem: Bool
    /// It stands for everything in its schema.
    fileprivate let isEverything: Bool

    init(_ kind: ObjectKind, _ name: ObjectName) {
        self.kind = kind
        self.name = name
        schemaBytes = name.schema.map { Array($0.text.utf8) }
        nameBytes = Array(name.name.text.utf8)
        isEverything = name.schema.map { name == .everything(in: $0) } ?? false
        isSystem =
            if let schema = name.schema { SystemSchemas.contains(schema) } else {
                kind == .schema && SystemSchemas.contains(name.name)
            }
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
    private let schema: NamePattern?
    private let name: NamePattern

    init(_ pattern: ObjectPattern) {
        kind = pattern.kind
        schema = pattern.schema
        name = pattern.name
    }

    func match(_ candidate: Candidate, _ effect: Rule.Effect, plainCoversFunctions: Bool) -> Match {
        guard covers(candidate.kind, plainCoversFunctions) else { return .no }
        guard let schema else {
            guard candidate.schemaBytes == nil, name.matches(candidate.nameBytes) else { return .no }
            // `schema:*` is as blind to them as `*.x` is.
            return candidate.isSystem && !name.isLiteral ? .system : .yes
        }
        guard let schemaBytes = candidate.schemaBytes, schema.matches(schemaBytes), matchesName(of: candidate, effect)
        else { return .no }
        guard candidate.isSystem, let objectSchema = candidate.name.schema else { return .yes }
        // In the catalogue each name has its own weight: there the whole pattern must be literal.
        let isReached = schema.isLiteral && (name.isLiteral || !SystemSchemas.isReadOnly(objectSchema))
        return isReached ? .yes : .system
    }

    /// Of everything a deny covers a part, and an allow has to cover it all.
    private func matchesName(of candidate: Candidate, _ effect: Rule.Effect) -> Bool {
        guard candidate.isEverything else { return name.matches(candidate.nameBytes) }
        return effect == .deny || name.isEverything
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
