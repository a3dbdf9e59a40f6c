internal import PosternSQL

/// What must hold for the facts of any text, whatever it is.
package enum Probe {
    /// - Returns: what does not hold; nil when all does.
    package static func fault(of text: [UInt8]) -> String? {
        let first = facts(of: text)
        guard facts(of: text) == first else { return "two readings of one text differ" }
        guard case .success(let analyzed) = first else { return nil }
        if let fault = faultOfRanges(analyzed.statements, text.count) { return fault }
        return faultOfNeighbour(text, analyzed.statements)
    }

    private static func facts(of text: [UInt8]) -> Result<AnalyzedText, AnalysisError> {
        do throws(AnalysisError) {
            return .success(try SQLAnalyzer.analyze(text))
        } catch {
            return .failure(error)
        }
    }

    private static func faultOfRanges(_ statements: [StatementFacts], _ count: Int) -> String? {
        var end = 0
        for statement in statements {
            guard statement.range.lowerBound >= end, statement.range.upperBound <= count else {
                return "a statement stands at \(statement.range)"
            }
            end = statement.range.upperBound
        }
        return nil
    }

    /// A statement behind the others is seen, and changes nothing about them.
    private static func faultOfNeighbour(_ text: [UInt8], _ statements: [StatementFacts]) -> String? {
        switch facts(of: text + Array("\n;DELETE FROM neighbour".utf8)) {
        case .success(let longer):
            let tags = longer.statements.map(\.tag)
            guard tags.dropLast() == statements.map(\.tag)[...], tags.count == statements.count + 1 else {
                return "with a DELETE behind it the text is \(tags.count) statements, not \(statements.count + 1)"
            }
            return nil
        case .failure(.tooComplex): return nil
        case .failure(let error): return "with a DELETE behind it the text fails: \(error)"
        }
    }
}
