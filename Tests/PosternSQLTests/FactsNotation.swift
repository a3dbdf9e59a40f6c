import PosternSQL

/// Facts in the fixtures' notation: a line each, in the order in which they are gathered.
struct FactsNotation {
    /// Columns, qualified columns and ranges as well.
    var withNames = false

    func lines(_ text: AnalyzedText) -> [String] {
        var lines = text.statements.flatMap { self.lines($0) }
        if let other = text.otherReading { lines += ["other reading:"] + other.flatMap { self.lines($0) } }
        return lines
    }

    func lines(_ facts: StatementFacts) -> [String] {
        var lines = ["=> " + ([facts.tag.rawValue] + shape(facts.shape)).joined(separator: ", ")]
        lines += facts.accesses.map { access($0) }
        lines += facts.settings.map { setting($0) }
        lines += facts.effects.map { "effect \($0)" }
        lines += facts.temporaryRelations.map { "temporary \($0)" }
        lines += facts.roleChanges.map { "role \($0.target)\($0.changesLogin ? " login" : "")" }
        guard withNames else { return lines }
        if !facts.columns.isEmpty { lines.append("columns " + facts.columns.map(\.text).joined(separator: " ")) }
        lines += facts.qualifiedColumns.map { column in
            "qualified " + (column.qualifier.map(\.text) + [column.name.text]).joined(separator: ".")
                + (column.qualifier.isEmpty ? " of an expression" : "")
        }
        lines += facts.ranges.map { "range \($0.alias) = \($0.relation?.description ?? "-")" }
        return lines
    }

    private func access(_ access: Access) -> String {
        var words = [access.statementClass.rawValue]
        if access.tag.statementClass != access.statementClass || access.part == .other {
            words.append("by")
        }
        words.append(access.tag.rawValue)
        if let object = access.object {
            words.append(object.kind == .relation ? "\(object.name)" : "\(object.kind.rawValue):\(object.name)")
        }
        if access.part == .other { words.append("(other)") }
        switch access.restriction {
        case .notApplicable: break
        case .none: words.append("[no where]")
        case .usesTarget: words.append("[where]")
        case .ambiguous(let names):
            words.append("[where? \(names.map(\.text).joined(separator: " "))]")
        }
        return words.joined(separator: " ")
    }

    private func setting(_ change: SettingChange) -> String {
        let value =
            switch change.value {
            case .constants(let values): values.map { "`\($0)`" }.joined(separator: " ")
            case .default: "default"
            case .unknown: "unknown"
            }
        return "\(change.route) \(change.name) = \(value)\(change.isLocal ? " local" : "")"
    }

    private func shape(_ shape: StatementShape) -> [String] {
        var words: [String] = []
        if shape.hasWhere { words.append("where") }
        if shape.hasLimit { words.append("limit") }
        if let copy = shape.copy { words.append("\(copy)") }
        if shape.countsRows { words.append("counts rows") }
        if shape.changesRowsInside { words.append("changes rows inside") }
        if shape.explainsByRunning { words.append("runs") }
        if shape.isDeferred { words.append("deferred") }
        if shape.changesCatalog { words.append("changes catalog") }
        return words
    }
}
