internal import PosternSQL

extension NameResolution {
    /// The functions that a statement calls in the notation of columns.
    ///
    /// `(expression).f` calls any function `f` of one argument, a built-in one too: `('x'::text).pg_read_file` reads a
    /// file. `o.f` does so where `o` is a function of FROM; where `o` is a relation without a column `f` it calls a
    /// function that takes a row. Which relations have which columns, and which functions the database has beyond
    /// the built-in ones, only the catalogue tells.
    func functionsCalledAsColumns(_ facts: StatementFacts, _ paths: SearchPaths) -> [Access] {
        var accesses: [Access] = []
        for column in facts.qualifiedColumns {
            let isCalled =
                switch BuiltinFunctions.standing(of: column.name) {
                case .restricted: canBeScalar(column, facts) || callsUserFunction(column, facts, paths)
                case .safe, nil: callsUserFunction(column, facts, paths)
                }
            guard isCalled else { continue }
            let function = ObjectReference(.function, ObjectName(column.name))
            let access = Access(.function, facts.tag, function, part: .other)
            if !facts.accesses.contains(access), !accesses.contains(access) { accesses.append(access) }
        }
        return accesses
    }

    /// Whether what stands before the dot can be other than a row: an expression, or something in FROM that is no
    /// relation.
    private func canBeScalar(_ column: QualifiedColumn, _ facts: StatementFacts) -> Bool {
        guard let alias = column.qualifier.last else { return true }
        let ranges = facts.ranges.filter { $0.alias == alias }
        return ranges.isEmpty || ranges.contains { $0.relation == nil }
    }

    private func callsUserFunction(_ column: QualifiedColumn, _ facts: StatementFacts, _ paths: SearchPaths) -> Bool {
        guard let functions = catalog?.functions(named: column.name), !functions.isEmpty else { return false }
        let callable = functions.filter { paths.schemas.contains($0.schema) }
        guard !callable.isEmpty else { return false }
        if canBeScalar(column, facts) { return true }
        guard callable.contains(where: \.takesRow) else { return false }
        let ranges = facts.ranges.filter { $0.alias == column.qualifier.last }
        return !ranges.allSatisfy { range in
            range.relation.map { everyCandidate(of: $0, has: column.name, paths) } ?? false
        }
    }

    /// Whether every relation that the name can stand for and that exists has the column, and one does.
    private func everyCandidate(of relation: ObjectName, has column: Identifier, _ paths: SearchPaths) -> Bool {
        let schemas = relation.schema.map { [$0] } ?? paths.schemas
        let known = schemas.compactMap { catalog?.columns(ofSchema: $0, name: relation.name) }
        return !known.isEmpty && known.allSatisfy { $0.contains(column) }
    }
}
